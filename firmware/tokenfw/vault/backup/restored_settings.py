"""The settings that a backup carries, and which of them a restore takes."""

from otpcore import settings
from otpcore.settings import (
    BRIGHTNESS,
    DARK_AFTER,
    FAVOURITES,
    FLIPPED,
    LANGUAGE,
    LOCK_AFTER,
    NEXT_CODE,
    ORDER,
    RECENT,
)

CARRIED = (BRIGHTNESS, FLIPPED, LANGUAGE, DARK_AFTER, LOCK_AFTER, ORDER, NEXT_CODE)


def merged(vault, carried, favourites, fresh, replace):
    """Return the settings that a restore changes, as a dict.

    `carried` is the backup's dict; `favourites` are ids. On a `fresh` token, or
    with `replace`, the backup's settings are taken, except values that this firmware does not
    allow and, without `replace`, a longer time until the token locks. Otherwise the token's
    settings stay, and the backup's favourites are appended to its own.
    """
    values = {}
    own = [] if replace else list(vault.setting(FAVOURITES))
    if fresh or replace:
        for key in CARRIED:
            if key in carried and settings.allows(key, carried[key]):
                values[key] = carried[key]
        lock_after = vault.setting(LOCK_AFTER)
        if not replace and values.get(LOCK_AFTER, 0) > lock_after:
            values[LOCK_AFTER] = lock_after
    both = own + [each for each in favourites if each not in own]
    values[FAVOURITES] = both[: settings.bounds(FAVOURITES)]
    if replace:
        values[RECENT] = []
    return values
