"""The application: runs the token until something fails, and records the fault."""

import asyncio
import gc
import time

from micropython import const

from tokenfw.system import on_demand

_FEED_MS = const(1000)
_PROVEN_MS = const(60000)  # a token that ran for so long has no fault that comes back at once


def run(make_board, memory, restarted, hung, woken, give_up):
    """Run the token. Returns after a fault, which `memory` keeps; the caller then resets.
    Raises on_demand.Damaged.

    The chip `restarted` itself, asked to or in a crash; the watchdog ended the run before, if
    that `hung`; a press has `woken` it from a deep sleep. A fault, a hang or a crash that
    comes back again and again is shown instead, until somebody wants another try; where not
    even that runs `give_up()` puts the chip to sleep until it is reset.
    """
    record = _record(memory)
    record.begin(restarted, hung, woken)
    if record.is_hopeless():  # not even the fault screen runs
        give_up()
    if record.keeps_coming_back():
        on_demand.once("tokenfw.system.fault_screen").show(make_board, record)
        return
    ahead = b""
    try:
        if record.front and not woken:
            if restarted:
                ahead = on_demand.once("tokenfw.system.boot_entropy").begin(make_board, record)
            else:
                record.leave(b"")  # not what the run before left: the power came, or a reset
            if ahead is None:
                return
        del record  # it takes up memory until it is needed
        before = on_demand.load("tokenfw.power.sleep").recall(memory)
        if not woken:
            before = None
        proven = lambda: _record(memory).clear()  # noqa: E731
        asyncio.run(_serve(make_board, memory, proven, before, None, ahead))
    except Exception as fault:
        asyncio.new_event_loop()  # lets go of the tasks, and so of what may have filled the memory
        gc.collect()
        if isinstance(fault, on_demand.Damaged):
            raise  # main.py knows what to do
        _record(memory).note(fault)


def _record(memory):
    return on_demand.once("tokenfw.system.faults").Record(memory)


def develop(make_board, notice):
    """Run a development build: raises whatever goes wrong, Ctrl-C too.

    `notice(stack, codes)` makes the screen that says so.
    """
    asyncio.run(_serve(make_board, lambda *_: b"", lambda: None, None, notice, b""))


async def _serve(make_board, memory, proven, before, notice, ahead):
    unhandled = []
    asyncio.get_event_loop().set_exception_handler(
        lambda loop, context: unhandled.append(context["exception"])
    )
    board = make_board()
    board.ahead = ahead
    watch = asyncio.create_task(_watch(board.watchdog(), proven, unhandled))
    with board.full_speed():  # loading takes most of the time to the first picture
        module = on_demand.once("tokenfw.system.assembly")
        assembly = module.Assembly(board, make_board, memory, before, notice)
        del module
        del board  # what it has made goes on without it
        await assembly.begin()
    await assembly.run(watch)


async def _watch(feed, proven, unhandled):
    """Feed the watchdog, which ends what hangs the loop; raise what ended a task.

    `proven()` is called when the token has run for long enough.
    """
    started = time.ticks_ms()
    while not unhandled:
        feed()
        if proven is not None and time.ticks_diff(time.ticks_ms(), started) > _PROVEN_MS:
            try:
                proven()
                proven = None
            except MemoryError:
                pass  # there is little just now: a second later
        await asyncio.sleep_ms(_FEED_MS)
    raise unhandled[0]
