"""tokenctl sync, and what sync and status say about the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from otpcore import clock_log
from otpcore.clock_log import Entry
from tokenctl.cli.dialog import agrees
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.clock import computer
from tokenctl.clock.computer import ComputerClock
from tokenctl.clock.offset import RIGHT, WRONG, ClockOffset
from tokenctl.device import refusals
from tokenctl.device.models import Status, Synchronised
from tokenctl.errors import ComputerClockWrong
from tokenctl.language import _, marked, number

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
    help="Also correct the clock's drift, as measured by earlier syncs.",
)
@global_options
@click.pass_obj
def sync(session: Session, require_synchronised: bool, calibrate: bool) -> None:
    """Set the token's clock from the computer's clock, which must be right.

    Corrections of up to 10 s in total need no confirmation; larger ones wait for
    the token's button.
    """
    output = session.output
    clock = computer.read()
    _judge(output, clock, require_synchronised, calibrate)
    with session.token() as token, output.working(_("Measuring")):
        done = token.sync(uncertainty=clock.uncertainty, calibrate=calibrate)
        state = token.status()
    if session.json:
        output.data(_fields(done, state, clock))
        return
    output.note(_before(done))
    if calibrate:
        output.note(
            _("Calibrated: its rate was corrected by {ppm:+.1f} ppm.").format(
                ppm=state.drift_correction_ppb / 1000
            )
        )
    output.note(
        _("Measured after setting: {error_ms:+.1f} ± {uncertainty_ms:.1f} ms.").format(
            error_ms=done.error_ms, uncertainty_ms=done.uncertainty_ms
        )
    )
    if drift := describe_drift(state):
        output.note(_("Drift: {drift}.").format(drift=drift))
    if state.clock != "ok" and state.unix_time is not None:
        output.warn(_doubt(state))
    output.line(_("Clock set: {utc}").format(utc=utc(done.unix_time)))


def may_set_clock(output: Output, question: str) -> ComputerClock | None:
    """Ask whether to set a token's clock from the computer's; return the latter, None for no.

    What is doubtful about it is said before the answer.
    """
    clock = computer.read()
    if doubt := _doubt_about(clock):
        output.warn(doubt)
    return clock if agrees(question) else None


def set_clock(token: "Token", clock: ComputerClock, output: Output) -> None:
    """Set a token's clock within another command, and report it; raises as Token.sync."""
    with output.working(_("Measuring")):
        done = token.sync(uncertainty=clock.uncertainty)
    output.note(_("The clock is set: {time}.").format(time=utc(done.unix_time)))


def _judge(
    output: Output, computer: ComputerClock, required: bool = False, calibrate: bool = False
) -> None:
    """Warn about the computer's clock, or refuse it; for a drift it has to be synchronised."""
    sentence = _doubt_about(computer)
    if not sentence:
        return
    if required:
        raise ComputerClockWrong(sentence)
    if calibrate and computer.synchronised is False:
        raise ComputerClockWrong(
            _(
                "the computer's clock is not synchronised with a time server, so it cannot measure "
                "the token's drift; synchronise it first, or sync without --calibrate"
            )
        )
    if computer.synchronised is None:
        output.note(sentence[:1].upper() + sentence[1:] + ".")
    else:
        output.warn(_("{sentence}; the token is set to it anyway").format(sentence=sentence))


def _doubt_about(computer: ComputerClock) -> str:
    """Return why the computer's clock may be wrong, as a clause, empty if it is synchronised."""
    if computer.synchronised is None:
        return _("this system does not report whether the computer's clock is synchronised")
    if computer.synchronised:
        return ""
    return _("the computer's clock is not synchronised with a time server, and may be wrong")


def _before(done: Synchronised) -> str:
    if done.offset_ms is None:
        return _("The token did not know the time.")
    seconds = done.offset_ms / 1000
    amount = (
        _("{seconds:.1f} s").format(seconds=abs(seconds))
        if abs(seconds) >= 1
        else _("{milliseconds:.0f} ms").format(milliseconds=abs(seconds) * 1000)
    )
    if seconds > 0:
        return _("The clock was {amount} fast.").format(amount=amount)
    return _("The clock was {amount} slow.").format(amount=amount)


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


def describe_clock(state: Status, apart: ClockOffset | None) -> str:
    """Return the token's time and how far it is off, or why it has none."""
    if state.unix_time is None:
        return _("unknown, so no codes: {why_no_time} (run tokenctl sync)").format(
            why_no_time=refusals.why_no_time(state.clock)
        )
    time = utc(state.unix_time)
    if apart is not None and apart.verdict != RIGHT:
        time = f"{time}, {describe_offset(apart)}"
    return time if state.clock == "ok" else f"{time}; {_doubt(state)}"


def describe_offset(apart: ClockOffset) -> str:
    """Return how far a clock that is not RIGHT is from this computer, and what to do."""
    time, ahead = _amount(abs(apart.seconds)), apart.seconds > 0
    if apart.computer.synchronised is False:
        if ahead:
            text = _(
                "{time} ahead of this computer, whose clock is not synchronised: if the computer "
                "is right, codes will be refused; set its clock, then run tokenctl sync"
            )
        else:
            text = _(
                "{time} behind this computer, whose clock is not synchronised: if the computer "
                "is right, codes will be refused; set its clock, then run tokenctl sync"
            )
    elif apart.verdict == WRONG:
        text = (
            _("{time} ahead of this computer: codes will be refused; run tokenctl sync")
            if ahead
            else _("{time} behind this computer: codes will be refused; run tokenctl sync")
        )
    else:
        text = (
            _("{time} ahead of this computer: codes may be refused; run tokenctl sync")
            if ahead
            else _("{time} behind this computer: codes may be refused; run tokenctl sync")
        )
    return text.format(time=time)


def _amount(seconds: float) -> str:
    """Return a duration in the largest unit of which there are at least two."""
    units = ((86400, _("{number} days")), (3600, _("{number} h")), (60, _("{number} min")))
    for size, text in units:
        if seconds >= 2 * size:
            return text.format(number=round(seconds / size))
    return _("{number} s").format(number=round(seconds))


def offset_fields(apart: ClockOffset | None) -> dict[str, Any]:
    """Return the comparison with this computer as a dict of JSON types; null if there is none."""
    if apart is None:
        names = "offset_ms", "offset_uncertainty_ms", "clock_verdict", "computer_synchronised"
        return dict.fromkeys(names)
    return {
        "offset_ms": round(apart.seconds * 1000),
        "offset_uncertainty_ms": round(apart.uncertainty * 1000),
        "clock_verdict": apart.verdict,
        "computer_synchronised": apart.computer.synchronised,
    }


def _doubt(state: Status) -> str:
    """Return why a clock that has a time may soon be wrong."""
    return refusals.why_no_time(state.clock) + _(
        ": the processor keeps the time until the power is lost"
    )


def describe_drift(state: Status) -> str:
    """Return what is known about the drift, and how long codes stay valid.

    Empty if nothing is, or if the clock chip does not give the time now.
    """
    if state.clock != "ok":
        return ""
    if state.codes_valid_until is None or state.drift_uncertainty_ppb is None:
        return ""
    uncertainty = state.drift_uncertainty_ppb / 1000
    if state.drift_measured:
        rate = f"{number(state.drift_ppb / 1000, '+.1f')} ± {number(uncertainty, '.1f')} ppm"
    else:
        rate = _("not measured yet, ± {uncertainty:.0f} ppm according to the data sheet").format(
            uncertainty=uncertainty
        )
    date = datetime.fromtimestamp(min(state.codes_valid_until, _DATE_MAX), UTC).date().isoformat()
    return _("{rate}; unless it is synced, codes may be refused from about {date}").format(
        date=date, rate=rate
    )


_DATE_MAX = 253402300799  # the last second of the year 9999


def ppm(ppb: int) -> str:
    """Return a rate, given in parts per 1e9, in ppm."""
    return f"{number(ppb / 1000, '+.1f')} ppm"


# the log


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


_WORDS = (
    (clock_log.CALIBRATED, marked("calibrated")),
    (clock_log.NO_CHIP, marked("the clock chip did not answer")),
)


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
