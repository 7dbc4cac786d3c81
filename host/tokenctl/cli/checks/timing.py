"""The token's clock: whether it knows the time, how far it is off, how fast, and its cell."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from otpcore import clock_log
from otpcore.clock_log import Entry
from tokenctl.boards.devices import CLOCK_CHIPS
from tokenctl.cli import clock_state
from tokenctl.cli.checks.finding import FAIL, OK, SKIPPED, WARN, Finding
from tokenctl.clock.computer import ComputerClock
from tokenctl.clock.offset import RIGHT, WRONG, ClockOffset
from tokenctl.device import refusals
from tokenctl.device.models import Status
from tokenctl.language import _, plural


def _sync() -> str:
    return _("run tokenctl sync")


def _cell() -> str:
    return _("its coin cell is empty or missing: replace it, then run tokenctl sync")


def _advice(reason: str) -> str:
    """Return what to do about a clock without a time, by its reason."""
    if reason in ("stopped", "no_date"):
        return _cell()
    if reason in ("no_answer", "stands_still"):
        return _("check the clock chip's SDA, SCL, supply and ground, then run tokenctl sync")
    return _sync()


def time(status: Status, stopped: bool | None) -> Finding:
    """Return whether the token knows the time; `stopped` is the chip's own word on that."""
    values = {"unix_time": status.unix_time, "reason": status.clock, "stopped": stopped}
    if status.clock != "ok":
        text = refusals.why_no_time(status.clock)
        if status.unix_time is not None:
            text = _("{why}: the processor keeps the time until the power is lost").format(why=text)
        return Finding("clock_time", FAIL, text, _advice(status.clock), values)
    if stopped:
        text = refusals.why_no_time("stopped")
        return Finding("clock_time", FAIL, text, _cell(), values)
    assert status.unix_time is not None  # noqa: S101 (for the type checker)
    return Finding("clock_time", OK, clock_state.utc(status.unix_time), "", values)


def offset(apart: ClockOffset | None) -> Finding:
    """Return how far the clock is off."""
    values = clock_state.offset_fields(apart)
    if apart is None:
        text = _("not compared: the token does not know the time")
        return Finding("clock_offset", SKIPPED, text, "", values)
    if apart.verdict == RIGHT:
        text = _("within {limit:.1f} s of this computer").format(
            limit=abs(apart.seconds) + apart.uncertainty
        )
        return Finding("clock_offset", OK, text, "", values)
    state = FAIL if apart.verdict == WRONG else WARN
    return Finding("clock_offset", state, clock_state.describe_offset(apart), "", values)


def drift(status: Status) -> Finding:
    """Return how fast the clock runs, and until when its codes are good."""
    chips = [each for each in CLOCK_CHIPS.values() if each.title == status.clock_chip]
    values: dict[str, Any] = {
        "ppm": status.drift_ppb / 1000 if status.drift_measured else None,
        "codes_valid_until": status.codes_valid_until,
    }
    if status.codes_valid_until is None:
        never = status.clock == "never_set"
        text = _("the clock was never set") if never else _("not known before the next sync")
        return Finding("clock_drift", SKIPPED, text, "", values)
    if status.clock != "ok":
        text = _("not estimated: the clock chip does not give the time")
        return Finding("clock_drift", SKIPPED, text, "", values)
    text = clock_state.describe_drift(status)
    sure = abs(status.drift_ppb) - (status.drift_uncertainty_ppb or 0)
    if status.drift_measured and chips and sure > chips[0].accuracy_ppb:
        text = _("{drift}, more than a {chip} should").format(
            drift=clock_state.ppm(status.drift_ppb), chip=chips[0].title
        )
        advice = _("run tokenctl sync --calibrate; if this happens again, the clock chip is faulty")
        return Finding("clock_drift", WARN, text, advice, values)
    if (status.unix_time or 0) >= status.codes_valid_until:
        text = _("not synced for so long that codes may be refused")
        return Finding("clock_drift", WARN, text, _sync(), values)
    return Finding("clock_drift", OK, text, "", values)


def cell(status: Status, log: Sequence[Entry] | None) -> Finding:
    """Return how often the time was lost, as the log of the clock has it; None if it is locked."""
    if log is None:
        text = _("the clock's log can be read once the token is unlocked")
        return Finding("clock_cell", SKIPPED, text)
    first = clock_log.FIRST | clock_log.NO_CHIP
    lost = sum(
        each.count
        for before, each in pairwise(log)
        # after a set without an end the time is unknown, whatever the cell did
        if each.flags & first == clock_log.FIRST and not before.flags & clock_log.UNDERWAY
    )
    values = {"times_lost": lost}
    if status.clock in ("stopped", "no_date"):
        return Finding("clock_cell", FAIL, _("it did not keep the clock running"), _cell(), values)
    if lost:
        text = plural(
            "the clock lost the time {number} time since it was first set",
            "the clock lost the time {number} times since it was first set",
            lost,
        ).format(number=lost)
        advice = _("replace the coin cell, unless somebody took it out")
        return Finding("clock_cell", WARN, text, advice, values)
    text = _("the time was never lost; a cell's charge cannot be measured")
    return Finding("clock_cell", OK, text, "", values)


def computer(known: ComputerClock) -> Finding:
    """Return whether this computer's clock can be trusted for a token's."""
    values = {"synchronised": known.synchronised}
    if known.synchronised:
        text = _("this computer's clock is synchronised")
        return Finding("computer_clock", OK, text, "", values)
    if known.synchronised is None:
        text = _("this system does not report whether its clock is synchronised")
    else:
        text = _("this computer's clock is not synchronised with a time server")
    advice = _("turn on network time on this computer, then run tokenctl sync")
    return Finding("computer_clock", WARN, text, advice, values)
