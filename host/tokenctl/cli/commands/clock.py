"""tokenctl sync, and how other commands set the clock."""

from typing import TYPE_CHECKING, Any

import click

from tokenctl.cli.clock_state import describe_drift, doubt, utc
from tokenctl.cli.dialog import agrees
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.clock import computer
from tokenctl.clock.computer import ComputerClock
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
        output.warn(doubt(state))
    output.line(_("Clock set: {utc}").format(utc=utc(done.unix_time)))


def may_set_clock(output: Output, question: str) -> ComputerClock | None:
    """Ask whether to set a token's clock from the computer's; return the latter, None for no.

    What is doubtful about it is said before the answer.
    """
    clock = computer.read()
    if why := _doubt_about(clock):
        output.warn(why)
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
