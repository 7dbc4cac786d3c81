"""tokenctl sync, and what it and status say about the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from otpcore import clock_log
from otpcore.clock_log import Entry
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options
from tokenctl.clock import computer
from tokenctl.clock.computer import ComputerClock
from tokenctl.device import refusals
from tokenctl.device.models import Status, Synchronised
from tokenctl.errors import ComputerClockWrong
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import Token


@click.command()
@click.option(
    "--require-synchronised",
    is_flag=True,
    help="Refuse unless the computer's own clock is known to be synchronised.",
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="Correct the clock's drift, too, as earlier syncs have measured it.",
)
@global_options
@click.pass_obj
def sync(session: Session, require_synchronised: bool, calibrate: bool) -> None:
    """Set the token's clock to the computer's, which should be right.

    Corrections of up to 10 s in all pass; more waits for the token's button.
    """
    output = session.output
    clock = computer.read()
    _judge(output, clock, require_synchronised)
    with session.token() as token, output.working(_("Measuring")):
        done = token.sync(uncertainty=clock.uncertainty, calibrate=calibrate)
        state = token.status()
    if session.json:
        output.data(_fields(done, state, clock))
        return
    output.note(_before(done))
    if calibrate:
        output.note(
            f"Calibrated: {state.drift_correction_ppb / 1000:+.1f} ppm are taken off its rate."
        )
    output.note(f"Measured back: {done.error_ms:+.1f} ± {done.uncertainty_ms:.1f} ms.")
    if drift := describe_drift(state):
        output.note(f"Drift {drift}.")
    if state.clock != "ok" and state.unix_time is not None:
        output.warn(_doubt(state))
    output.line(f"Clock set: {utc(done.unix_time)}")


def set_clock(token: "Token", output: Output) -> None:
    """Set a token's clock in the middle of another command, and say so; raises as Token.sync."""
    clock = computer.read()
    _judge(output, clock, required=False)
    with output.working(_("Measuring")):
        done = token.sync(uncertainty=clock.uncertainty)
    output.note(_("The clock is set: {time}.").format(time=utc(done.unix_time)))


def _judge(output: Output, computer: ComputerClock, required: bool) -> None:
    """Say what is wrong with the computer's clock, or refuse it."""
    if computer.synchronised:
        return
    if computer.synchronised is None:
        sentence = "this system does not say whether the computer's clock is synchronised"
    else:
        sentence = "the computer's clock is not synchronised with a time server, and may be wrong"
    if required:
        raise ComputerClockWrong(sentence)
    if computer.synchronised is None:
        output.note(sentence[:1].upper() + sentence[1:] + ".")
    else:
        output.warn(f"{sentence}: the token gets it as it is")


def _before(done: Synchronised) -> str:
    if done.offset_ms is None:
        return "The token did not know the time."
    seconds = done.offset_ms / 1000
    amount = f"{abs(seconds):.1f} s" if abs(seconds) >= 1 else f"{abs(seconds) * 1000:.0f} ms"
    return f"The clock was {amount} {'fast' if seconds > 0 else 'slow'}."


def _fields(done: Synchronised, state: Status, computer: ComputerClock) -> dict[str, Any]:
    uncertainty = state.drift_uncertainty_ppb
    return {
        "unix_time": done.unix_time,
        "offset_ms": done.offset_ms,
        "error_ms": done.error_ms,
        "uncertainty_ms": done.uncertainty_ms,
        "computer_synchronised": computer.synchronised,
        "drift_ppm": state.drift_ppb / 1000 if state.drift_measured else None,
        "drift_uncertainty_ppm": None if uncertainty is None else uncertainty / 1000,
        "drift_correction_ppm": state.drift_correction_ppb / 1000,
        "codes_valid_until": state.codes_valid_until,
    }


def utc(unix: int) -> str:
    """Return a Unix time as text."""
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def describe_clock(state: Status) -> str:
    """Return the token's time, or why it has none."""
    if state.unix_time is None:
        return f"unknown, no codes: {refusals.why_no_time(state.clock)} (tokenctl sync)"
    time = utc(state.unix_time)
    return time if state.clock == "ok" else f"{time}; {_doubt(state)}"


def _doubt(state: Status) -> str:
    """Return why a clock that shows a time may be wrong soon."""
    return refusals.why_no_time(state.clock) + ": the processor counts on until the power goes"


def describe_drift(state: Status) -> str:
    """Return what is known of the drift, and for how long codes are good; empty if nothing is."""
    if state.codes_valid_until is None or state.drift_uncertainty_ppb is None:
        return ""
    uncertainty = state.drift_uncertainty_ppb / 1000
    if state.drift_measured:
        rate = f"{state.drift_ppb / 1000:+.1f} ± {uncertainty:.1f} ppm"
    else:
        rate = f"not measured yet, ± {uncertainty:.0f} ppm by the chip's data sheet"
    date = datetime.fromtimestamp(min(state.codes_valid_until, _DATE_MAX), UTC).date().isoformat()
    return f"{rate}; codes may be refused from about {date} unless it is synced"


_DATE_MAX = 253402300799  # the last second of the year 9999

# the log


@dataclass(frozen=True)
class _Row:
    """An entry of the clock's log as it is shown."""

    entry: Entry

    @property
    def how(self) -> str:
        """In words how the clock came to be set."""
        flags = self.entry.flags
        words = ["confirmed" if flags & clock_log.CONFIRMED else "silent"]
        words += [word for flag, word in _WORDS if flags & flag]
        if flags & clock_log.UNDERWAY and not flags & clock_log.NO_CHIP:
            words.append("interrupted")
        if flags & clock_log.RUN:
            words.append(self._run)
        return ", ".join(words)

    @property
    def _run(self) -> str:
        """In words what an entry that stands for several sets was made of."""
        entry = self.entry
        which = "older ones" if entry.flags & clock_log.FOLDED else "in a row"
        return f"{entry.count} {which} since {utc(entry.first)}, {entry.total / 1000:.1f} s in all"

    @property
    def moved_ms(self) -> float | None:
        """By how much the clock was moved; the sum of both directions if that was several times."""
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
        moved = "time unknown" if self.moved_ms is None else f"{self.moved_ms:+.1f} ms"
        uncertainty = f"± {self.entry.uncertainty / 10:.1f} ms"
        if self.entry.saturated:
            uncertainty = "not sure"
        rate = f"{self.entry.correction / 1000:+.1f} ppm"
        return f"{utc(self.entry.time)}  {moved:>18}  {uncertainty:>12}  {rate:>10}  {self.how}"


_WORDS = (
    (clock_log.CALIBRATED, "calibrated"),
    (clock_log.NO_CHIP, "the clock chip did not answer"),
)


def print_log(output: Output, entries: Sequence[Entry]) -> None:
    """Print the log of the clock's changes, the oldest first."""
    rows = [_Row(each) for each in entries]
    if output.as_json:
        output.data([each.describe() for each in rows])
        return
    output.line(f"{'Set to':<23}  {'Moved by':>18}  {'Sure to':>12}  {'Correction':>10}  How")
    for each in rows:
        output.line(each.line())
