"""The history: the log of clock changes in the vault's settings, and the drift derived from it.

It survives PIN changes, and only a wipe clears it: see otpcore.clock_log_compaction.
"""

from otpcore import clock_error, clock_log
from otpcore.settings import CLOCK_LOG
from tokenfw.system import on_demand


class History:
    """`chip` is the clock chip's driver, which knows how exact it is; `vault` keeps the log."""

    def __init__(self, vault, chip):
        self._vault = vault
        self._chip = chip
        self._text = None
        self._last = None
        self._measured = None

    @property
    def text(self):
        """The log as text."""
        return self._vault.setting(CLOCK_LOG)

    @property
    def entries(self):
        """The list of entries, the oldest first; made anew each time, for it is large."""
        try:
            return clock_log.load(self.text)
        except ValueError:
            return []

    @property
    def last(self):
        """The last entry, or None."""
        if self.text is not self._text:
            entries = self.entries
            self._last = entries[-1] if entries else None
            self._measured = measured(entries)
            self._text = self.text
        return self._last

    @property
    def underway(self):
        """Whether a set of the chip was begun, with an unknown outcome."""
        last = self.last
        return last is not None and bool(last.flags & clock_log.UNDERWAY)

    def with_entry(self, entry):
        """Return the settings that hold the log with one more entry."""
        return _shortened(self.entries + [entry])

    def with_last(self, entry):
        """Return the settings that hold the log with another last entry."""
        return _shortened(self.entries[:-1] + [entry])

    # the drift

    @property
    def correction(self):
        """What is taken off the chip's own rate now (ppb)."""
        last = self.last
        return last.correction if last is not None else 0

    def measured(self):
        """Return the otpcore.drift.Drift of the chip itself; None if the data sheet knows more."""
        found = self._measured if self.last is not None else None
        return found if found is not None and found.uncertainty <= self._chip.ACCURACY else None

    def rate(self):
        """Return (rate, uncertainty) in ppb: how fast the corrected clock runs, how sure it is."""
        found = self.measured()
        accuracy = self._chip.ACCURACY
        if found is None:
            return -self.correction, accuracy
        return found.rate - self.correction, found.uncertainty + clock_error.allowance(accuracy)

    def clock_error(self, now):
        """Return how far off (ms) the clock may be by now; None if it was never set."""
        last = self.last
        return None if last is None else clock_error.now(last, now, *self.rate())

    def codes_valid_until(self):
        """Return the Unix time until which codes are accepted, None if it was never set."""
        last = self.last
        return None if last is None else clock_error.codes_valid_until(last, *self.rate())

    def drift_correction(self, unix):
        """Return what is to be added (us) to the chip's second `unix`, if software corrects it."""
        last = self.last
        if last is None or self._chip.AGING_STEP or not last.correction:
            return 0
        return -last.correction * (unix - last.time) // 1000


def _shortened(entries):
    compaction = on_demand.once("otpcore.clock_log_compaction")
    return {CLOCK_LOG: clock_log.dump(compaction.shortened(entries))}


def measured(entries):
    """Return what otpcore.drift.measure says."""
    return on_demand.once("otpcore.drift").measure(entries)
