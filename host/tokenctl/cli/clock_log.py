"""The log of the clock's changes, as `status --clock-log` prints it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from otpcore import clock_log
from otpcore.clock_log import Entry
from tokenctl.cli.clock_state import ppm, utc
from tokenctl.cli.output import Output
from tokenctl.language import _, marked, number

_WORDS = (
    (clock_log.CALIBRATED, marked("calibrated")),
    (clock_log.NO_CHIP, marked("the clock chip did not answer")),
)


@dataclass(frozen=True)
class _Row:
    """An entry of the clock's log, for display."""

    entry: Entry

    @property
    def how(self) -> str:
        """How the clock was set, in words."""
        flags = self.entry.flags
        words = [_("confirmed") if flags & clock_log.CONFIRMED else _("silent")]
        words += [_(word) for flag, word in _WORDS if flags & flag]
        if flags & clock_log.UNDERWAY and not flags & clock_log.NO_CHIP:
            words.append(_("interrupted"))
        if flags & clock_log.RUN:
            words.append(self._run)
        return ", ".join(words)

    @property
    def _run(self) -> str:
        """What an entry for several sets consists of, in words."""
        entry = self.entry
        which = _("older ones") if entry.flags & clock_log.FOLDED else _("in a row")
        return _("{count} {which} since {utc}, {seconds:.1f} s in total").format(
            count=entry.count, seconds=entry.total / 1000, utc=utc(entry.first), which=which
        )

    @property
    def moved_ms(self) -> float | None:
        """By how much (ms) the clock was moved; the sum of both directions for several sets."""
        return None if self.entry.flags & clock_log.FIRST else self.entry.offset / 10

    def describe(self) -> dict[str, Any]:
        """Return the entry as a dict of JSON types."""
        return {
            "unix_time": self.entry.time,
            "moved_ms": self.moved_ms,
            "uncertainty_ms": self.entry.uncertainty / 10,
            "correction_ppm": self.entry.correction / 1000,
            "how": self.how,
            "sets": self.entry.count,
            "first_unix_time": self.entry.first,
            "moved_in_all_ms": self.entry.total,
        }

    def line(self) -> str:
        """Return the entry as a line of the table."""
        moved = (
            _("time unknown") if self.moved_ms is None else f"{number(self.moved_ms, '+.1f')} ms"
        )
        uncertainty = f"± {number(self.entry.uncertainty / 10, '.1f')} ms"
        if self.entry.saturated:
            uncertainty = _("unreliable")
        rate = ppm(self.entry.correction)
        return f"{utc(self.entry.time)}  {moved:>18}  {uncertainty:>12}  {rate:>10}  {self.how}"


def print_log(output: Output, entries: Sequence[Entry]) -> None:
    """Print the log of the clock's changes, the oldest first."""
    rows = [_Row(each) for each in entries]
    if output.as_json:
        output.data([each.describe() for each in rows])
        return
    set_to, moved, sure = _("Set to"), _("Moved by"), _("Accuracy")
    output.line(f"{set_to:<23}  {moved:>18}  {sure:>12}  {_('Correction'):>10}  {_('How')}")
    for each in rows:
        output.line(each.line())
