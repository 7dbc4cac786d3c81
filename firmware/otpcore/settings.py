"""The settings of a token: their keys, defaults, forms and versions, in one table.

The vault stores them by their keys, unsealed. Keys are append-only; a value that is not
stored is the default, or None if there is no default. `DEFAULTS` is all that a token at rest
needs; `rules` has the rest of the table, which is needed to change one.
"""

BRIGHTNESS = "brightness"
FLIPPED = "flipped"  # the picture is upside down
LANGUAGE = "language"
DARK_AFTER = "dark_after_s"  # since the last press or request
LOCK_AFTER = "lock_after_s"  # since the last press, whatever a computer asks for meanwhile
ORDER = "order"  # of the accounts on the screen
NEXT_CODE = "next_code_s"  # before a code's end, from when on the next one shows by itself
FAVOURITES = "favourites"  # ids of the accounts that come first
RECENT = "recent"  # ids of the accounts used last, the last one first
RADIO = "radio"  # whether the radio was on when the vault key was drawn
RADIO_TRIED = "radio_tried"  # it is being switched on, and nobody knows yet whether it works
CLOCK_LOG = "clock_log"  # as otpcore.clock_log packs it
CLOCK_DAY = "clock_day"  # the last day that the clock has seen, from 1970 on
CLOCK_SILENT = "clock_silent_ms"  # sum of the silent corrections since the last confirmed set
CLOCK_CONFIRMED = "clock_confirmed"  # Unix time of that set

FIXED, USED = "fixed", "used"  # values of ORDER
ON, OFF, TRIED = "on", "off", "tried"  # of RADIO; the last was what RADIO_TRIED is now

DEFAULTS = {
    BRIGHTNESS: 3,
    FLIPPED: False,
    LANGUAGE: "",  # none was chosen: the first one of tokenfw.ui.words
    DARK_AFTER: 30,
    LOCK_AFTER: 300,
    ORDER: FIXED,
    NEXT_CODE: 0,
    FAVOURITES: (),
    RECENT: (),
    CLOCK_LOG: "",
    CLOCK_DAY: 0,
    CLOCK_SILENT: 0,
}

NUMBER, FLAG, CHOICE, TEXT, IDS = 0, 1, 2, 3, 4  # the types of values
_ID_MAX = 0xFFFF
_TIME_MAX = (1 << 32) - 1


def rules():
    """Return by key: the type, its bounds, and the version of the table that has it first.

    The bounds are the least and the greatest number, the choices, or how many letters or ids
    there may be; None of a flag.
    """
    return {
        BRIGHTNESS: (NUMBER, (1, 4), 1),
        FLIPPED: (FLAG, None, 1),
        LANGUAGE: (TEXT, 8, 1),
        DARK_AFTER: (NUMBER, (15, 60), 1),
        LOCK_AFTER: (NUMBER, (10, 3600), 1),
        ORDER: (CHOICE, (FIXED, USED), 1),
        NEXT_CODE: (NUMBER, (0, 10), 1),
        FAVOURITES: (IDS, 8, 1),
        RECENT: (IDS, 8, 1),
        RADIO: (CHOICE, (ON, OFF, TRIED), 1),
        RADIO_TRIED: (FLAG, None, 1),
        CLOCK_LOG: (TEXT, 1200, 1),
        CLOCK_DAY: (NUMBER, (0, 0xFFFF), 1),
        CLOCK_SILENT: (NUMBER, (0, _TIME_MAX), 1),
        CLOCK_CONFIRMED: (NUMBER, (0, _TIME_MAX), 1),
    }


def bounds(key):
    """Return the bounds of a setting, as in rules()."""
    return rules()[key][1]


def allows(key, value):
    """Return whether a setting may have this value."""
    kind, limit, _ = rules()[key]
    if kind == FLAG:
        return value is True or value is False
    if kind == CHOICE:
        return value in limit
    if kind == TEXT:
        return isinstance(value, str) and len(value) <= limit
    if kind == NUMBER:
        return _is_number(value, *limit)
    if not isinstance(value, (list, tuple)) or len(value) > limit:
        return False
    return all(_is_number(each, 1, _ID_MAX) for each in value)


def _is_number(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
