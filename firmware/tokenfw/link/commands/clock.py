"""Methods about the clock.

The computer measures where its time lies in the token's ticks with several probes, and
then says at which tick a second begins: so nothing depends on how long a message takes.
"""

import asyncio
import time

from micropython import const

from otpcore import errors, utc
from tokenfw.clock.clock import EARLIEST, LATEST
from tokenfw.clock.second import Timeline
from tokenfw.system import on_demand

_TICKS_MAX = time.ticks_add(0, -1)  # pyright: ignore[reportArgumentType]
_BITS = len(bin(_TICKS_MAX)) - 2
_WHOLE_SECOND = const(250000)  # us: how well a sync without ticks knows the time
_WITHIN_MAX = const(1 << 36)
_ACK_MS = const(2)  # until the acknowledgement of a probe has left, and is not in the answer's way


async def clock_read(token, request):
    """Give the token's Unix time, or null and why it has none."""
    try:
        return {"unix": token.clock.now()}
    except (errors.TimeUnknown, errors.ClockFault) as error:
        return {"unix": None, "why": str(error)}


async def clock_probe(token, request):
    """Give the ticks (us) at which the request came and at which this answer is sent.

    They wrap at 2 to the power of `bits`, and count from the start of this `run`. Both are of
    the first byte, so that the wire's speed does not matter, nor how long a line is.
    """
    await asyncio.sleep_ms(_ACK_MS)
    answer = {"received": request.arrived, "run": _run(token), "bits": _BITS}
    answer["sent"] = time.ticks_us()
    return answer


async def clock_edge(token, request):
    """Give a second of the token's time, and the ticks at which it began `within` so many us."""
    unix, ticks, within = await token.clock.edge()
    return {"unix": unix, "ticks": ticks, "within": within, "run": _run(token)}


async def clock_log(token, request):
    """Give the log of the clock's changes, as otpcore.clock_log packs it."""
    return {"log": token.clock.history.text}


async def clock_set(token, request):
    """Set the clock to `unix`, a second that begins at `ticks` of this `run`.

    Without `ticks` it begins at the moment the request arrives. `within` (us) says how
    sure that is. With `calibrate` the drift is corrected from now on. Gives the offset by
    which the clock was moved (us), null if it showed no time.
    """
    target, within = _target(token, request)
    setting = on_demand.once("tokenfw.clock.setting")  # some times a year
    on_demand.forget("tokenfw.clock.guard")  # which that has loaded
    try:
        return await _set(
            token, request, target, setting.Setting(token.clock, token.vault, target, within)
        )
    finally:
        token.clock.kept = None  # nobody counts by it now


async def _set(token, request, target, setting):
    try:
        before = utc.text(token.clock.now())
    except errors.TimeUnknown:
        before = token.words("not_set")
    except errors.ClockFault:
        before = token.words("no_rtc")
    await setting.measure()
    if request.flag("calibrate"):
        setting.calibrate()
    confirm = setting.needs_confirmation()
    if confirm:
        await request.unlock(token)
        title, *detail = token.words.rows("set_clock", before, utc.text(target.now()))
        await request.confirm(token, title, detail)
    unix = await setting.carry_out(confirm)
    return {"unix": unix, "offset": setting.offset}


def _run(token):
    return "%04x" % token.clock.run


def _target(token, request):
    """Return what the request takes for the time, and how well it knows that (us)."""
    unix = request.number("unix", EARLIEST, LATEST)
    if request.value("ticks") is None:
        return Timeline(unix, request.arrived), _WHOLE_SECOND
    ticks = request.number("ticks", 0, _TICKS_MAX)
    within = request.number("within", 0, _WITHIN_MAX)
    if request.text("run") != _run(token):
        raise errors.Restarted("the token has started anew: measure again")
    return Timeline(unix, ticks), within
