"""The guard: which corrections of the clock pass silently, and which need confirmation.

Somebody who sets a token's clock at will can harvest tomorrow's codes. So silent corrections add
up, in absolute value, since the last one that was confirmed, to at most 10 s and 20 ppm
of the time since. The sum is in the vault, and no date resets it.
"""

from otpcore.settings import CLOCK_CONFIRMED, CLOCK_SILENT

SILENT_MAX = 10000  # ms
RATE = 20  # millionths of the time since the last confirmed set


class Guard:
    """`vault` keeps the sum."""

    def __init__(self, vault):
        self._vault = vault

    @property
    def corrected(self):
        """The sum of silent corrections, in ms."""
        return self._vault.setting(CLOCK_SILENT)

    def allows(self, correction, now):
        """Return whether a correction (us) of a clock that shows `now` may pass silently."""
        confirmed = self._vault.setting(CLOCK_CONFIRMED)
        since = 0 if confirmed is None else max(0, now - confirmed)
        return self.corrected + _ms(correction) <= SILENT_MAX + since * RATE // 1000

    def with_silent(self, correction, before):
        """Return the settings that count a silent correction (us) after a sum of `before` (ms)."""
        return {CLOCK_SILENT: before + _ms(correction)}

    def with_confirmed(self, unix):
        """Return the settings after a set to `unix` that somebody confirmed."""
        return {CLOCK_SILENT: 0, CLOCK_CONFIRMED: unix}


def _ms(correction):
    """Return a correction in ms, rounded up: many small ones count, too."""
    return (abs(correction) + 999) // 1000
