"""The application: runs the token until something fails, and records the fault."""

import asyncio
import gc
import time

from micropython import const

from tokenfw.system import on_demand

_FEED_MS = const(1000)
_PROVEN_MS = const(60000)  # after so long a run the faults before it are forgotten


def run(make_board, memory, restarted, hung, woken, give_up):
    """Run the token. Returns after a fault, which `memory` then tells; the caller then resets.

    `memory(data)` sets and `memory()` returns the RTC memory. `restarted`: the chip restarted
    itself, on request or in a crash; `hung`: the watchdog ended the previous run; `woken`: a
    press ended a deep sleep. A fault, hang or crash that keeps coming back is shown instead,
    until the user tries again; if even that fails `give_up(text)` says why, and puts the chip to
    sleep. Raises on_demand.Damaged.
    """
    record = _record(memory)
    record.begin(restarted, hung, woken)
    if record.is_hopeless():  # not even the fault screen runs
        give_up(record.text)
    if record.keeps_coming_back():
        on_demand.once("tokenfw.system.fault_screen").show(make_board, record)
        return
    ahead = b""
    try:
        if record.front and not woken:
            if restarted:
                ahead = on_demand.once("tokenfw.system.boot_entropy").begin(make_board, record)
            else:
                record.leave(b"")  # stale: a power-up or a reset came in between
            if ahead is None:
                return
        del record  # it takes up memory until it is needed
        before = on_demand.load("tokenfw.power.sleep").recall(memory)
        if not woken:
            before = None
        proven = lambda: _record(memory).clear()  # noqa: E731
        asyncio.run(_serve(make_board, memory, proven, before, None, ahead))
    except Exception as fault:
        asyncio.new_event_loop()  # drops the tasks, and what may have filled the memory
        gc.collect()
        if isinstance(fault, on_demand.Damaged):
            raise  # main.py handles it
        try:
            _record(memory).note(fault)
        except Exception:  # noqa: S110 (memory is too short, say)
            pass  # the mark of the run stays: the next start counts a crash


def _record(memory):
    return on_demand.once("tokenfw.system.faults").Record(memory)


def develop(make_board, notice):
    """Run a development build: every exception is raised, KeyboardInterrupt too.

    `notice(stack, codes)` makes the screen that says it is a development build.
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
    """Feed the watchdog while the loop runs; raise the exception that ended a task.

    `unhandled` is the list of such exceptions. `proven()` is called once, after _PROVEN_MS.
    """
    started = time.ticks_ms()
    while not unhandled:
        feed()
        if proven is not None and time.ticks_diff(time.ticks_ms(), started) > _PROVEN_MS:
            try:
                proven()
                proven = None
            except MemoryError:
                pass  # memory is short just now: try again in a second
        await asyncio.sleep_ms(_FEED_MS)
    raise unhandled[0]
