"""Methods about the clock.

The computer relates its time to the token's ticks with several probes, and then says at which
tick a second begins: so the result does not depend on how long a message takes.
"""

import asyncio
import time

from micropython import const

from otpcore import errors, utc
from tokenfw.clock.clock import EARLIEST, LATEST
from tokenfw.clock.second import Timeline
from tokenfw.link.commands import WHILE_LOCKED
from tokenfw.link.link import ONCE, QUICK
from tokenfw.system import on_demand

_TICKS_MAX = time.ticks_add(0, -1)  # pyright: ignore[reportArgumentType]
_BITS = len(bin(_TICKS_MAX)) - 2
_WHOLE_SECOND = const(250000)  # us: the uncertainty of a time that is set without ticks
_UNCERTAINTY_MAX = const(1 << 36)  # us
_ACK_MS = const(2)  # until the acknowledgement of a probe is sent, and does not delay the answer


async def _read(token, request):
    """Return the token's Unix time, or null and the reason why it has none."""
    try:
        return {"unix_time": token.clock.now(), "clock": "ok"}
    except (errors.TimeUnknown, errors.ClockFault) as error:
        return {"unix_time": None, "clock": errors.reason(error)}


async def _probe(token, request):
    """Return the ticks (us) at which the request arrived and at which this answer is sent.

    Ticks wrap at 2 to the power of `bits`, and count from the start of the run `run_id`. An answer
    leaves with its first byte; a chip's UART shows a request after its end, some 6 ms later.
    Since the clock is about to be set, the token starts to look for the edge of its second.
    """
    await asyncio.sleep_ms(_ACK_MS)
    answer = {"received": request.arrived, "run_id": _run_id(token), "bits": _BITS}
    token.clock.watch()
    answer["sent"] = time.ticks_us()
    return answer


async def _edge(token, request):
    """Return a second of the token's time, the ticks (us) at which it began, and their error."""
    unix_time, ticks, uncertainty = await token.clock.edge()
    return {
        "unix_time": unix_time,
        "ticks": ticks,
        "uncertainty_us": uncertainty,
        "run_id": _run_id(token),
    }


async def _log(token, request):
    """Return the log of the clock's changes, as otpcore.clock_log packs it."""
    return {"log": token.clock.history.text}


async def _set(token, request):
    """Set the clock to `unix_time`, a second that begins at `ticks` of the run `run_id`.

    Without `ticks` the second begins when the request arrives. `uncertainty_us` is the possible
    error. With `calibrate` the drift is corrected from now on. Returns the offset by which the
    clock was moved (us), null if it had no time.
    """
    target, uncertainty = _target(token, request)
    module = on_demand.once("tokenfw.clock.setting")  # needed a few times a year
    on_demand.forget("tokenfw.clock.guard")  # loaded by that module
    try:
        setting = module.Setting(token.clock, token.vault, target, uncertainty)
        return await _set_to(token, request, target, setting)
    finally:
        token.clock.kept = None  # not needed any more


async def _set_to(token, request, target, setting):
    try:
        before = utc.text(token.clock.now())
    except errors.TimeUnknown:
        before = token.words("not_set")
    except errors.ClockFault:
        before = token.words("no_rtc")
    calibrate = request.flag("calibrate")
    await setting.measure(calibrate)
    if calibrate:
        setting.calibrate()
    confirm = setting.needs_confirmation()
    if confirm:
        await request.unlock(token)
        title, *detail = token.words.rows("set_clock", before, utc.text(target.now()))
        await request.confirm(token, title, detail)
    unix_time = await setting.carry_out(confirm)
    return {"unix_time": unix_time, "offset_us": setting.offset}


def _run_id(token):
    return "%04x" % token.clock.run


def _target(token, request):
    """Return the request's time as a Timeline, and its uncertainty (us)."""
    unix_time = request.number("unix_time", EARLIEST, LATEST)
    if request.value("ticks") is None:
        return Timeline(unix_time, request.arrived), _WHOLE_SECOND
    ticks = request.number("ticks", 0, _TICKS_MAX)
    uncertainty = request.number("uncertainty_us", 0, _UNCERTAINTY_MAX)
    if request.text("run_id") != _run_id(token):
        raise errors.Restarted
    return Timeline(unix_time, ticks), uncertainty


COMMANDS = {
    "read": (_read, QUICK | WHILE_LOCKED),
    "probe": (_probe, QUICK | WHILE_LOCKED),
    "edge": (_edge, WHILE_LOCKED),
    "log": (_log, 0),
    "set": (_set, ONCE | WHILE_LOCKED),
}
