"""The application: puts the parts together and runs them until something fails."""

import asyncio
import gc
import sys
import time

from micropython import const

from otpcore.messages import PROTOCOL
from otpcore.version import VERSION
from tokenfw import ondemand
from tokenfw.canvas import Canvas
from tokenfw.carousel import Carousel
from tokenfw.clock import Clock
from tokenfw.interface import Asks, Interface
from tokenfw.pinpad import PinPad
from tokenfw.presence import Presence
from tokenfw.screens import message
from tokenfw.sleep import Sleep, recall
from tokenfw.vault.vault import Vault
from tokenfw.words import Words

_FEED_MS = const(1000)
_PROVEN_MS = const(60000)  # a token that ran for so long has no fault that comes back at once


def run(make_board, memory, hung, woken):
    """Run the token. Returns after a fault, which `memory` keeps; the caller then resets.

    `hung` says that the watchdog ended the run before, `woken` that it ended in a deep sleep.
    A fault that comes back again and again is shown instead, until the power goes.
    """
    before = recall(memory) if woken else None
    record = _record(memory)
    if hung:
        record.note_hang()
    if record.keeps_coming_back():
        _show_fault(make_board, record.text)
    del record  # it takes up memory until it is needed
    try:
        asyncio.run(_serve(make_board(), memory, lambda: _record(memory).clear(), before))
    except Exception as fault:
        gc.collect()
        _record(memory).note(fault)


def _record(memory):
    return ondemand.once("tokenfw.faults").Record(memory)


def develop(make_board, announced):
    """Run a development build: raises whatever goes wrong, Ctrl-C too.

    `announced(canvas, carousel)` returns the carousel that says so on the screen.
    """
    asyncio.run(_serve(make_board(), lambda *_: b"", lambda: None, None, announced))


async def _serve(board, memory, proven, before, announced=None):
    """`before` is what sleep.recall() gives when a press has woken the chip from its sleep.

    Then the code is on the screen before anything is loaded that only a computer wants.
    """
    unhandled = []
    asyncio.get_event_loop().set_exception_handler(
        lambda loop, context: unhandled.append(context["exception"])
    )
    watch = asyncio.create_task(_watch(board.watchdog(), proven, unhandled))
    vault = Vault(board.flash(), board.entropy(), board.hurry)
    changed, started = asyncio.Event(), asyncio.Event()
    clock = Clock(board.rtc(), vault)
    questions, pad = Presence(changed), PinPad(changed)
    words = Words(vault.setting)
    asks = Asks(questions, pad, vault, words)
    selected, lightings = before or (0, 0)
    canvas, battery = Canvas(board.panel(), lightings), board.battery()
    carousel = Carousel(canvas, vault, clock, words, battery)
    carousel.select(selected or None)
    if announced is not None:
        carousel = announced(canvas, carousel)
    identity = {
        "protocol": PROTOCOL,
        "firmware": VERSION,
        "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
        "board": board.name,
        "serial": board.serial_number(),
        "development": announced is not None,
    }
    buttons = board.buttons()

    def menu():
        module = ondemand.load("tokenfw.menu")  # in memory only while it is open
        return module.Menu(
            canvas, carousel, vault, clock, words, identity, changed, len(buttons), battery
        )

    sleep = Sleep(board.sleep(), memory, board.on_usb(), before is not None)
    interface = Interface(
        canvas, buttons, carousel, vault, clock, asks, changed, words, menu, sleep, battery
    )
    del board  # what it has made goes on without it
    presses = asyncio.create_task(interface.watch_buttons())
    if before is not None:
        await interface.wake(vault.start(tidy=True))
    from tokenfw.commands import Service, Token
    from tokenfw.link import Link

    token = Token(vault, clock, asks, identity, words, battery)
    service = Service(token, interface.touch, interface.hear, started)
    link = asyncio.create_task(Link(sys.stdin.buffer, sys.stdout.buffer, service).run())
    if before is None:
        await vault.start()  # a large one takes seconds; the link answers hello meanwhile
    started.set()
    keeper = asyncio.create_task(clock.keep())
    await asyncio.gather(keeper, presses, interface.run(), link, watch)


async def _watch(feed, proven, unhandled):
    """Feed the watchdog, which ends what hangs the loop; raise what ended a task.

    `proven()` is called when the token has run for long enough.
    """
    started = time.ticks_ms()
    while not unhandled:
        feed()
        if proven is not None and time.ticks_diff(time.ticks_ms(), started) > _PROVEN_MS:
            proven()
            proven = None
        await asyncio.sleep_ms(_FEED_MS)
    raise unhandled[0]


def _show_fault(make_board, text):
    """Show a fault until the power goes; where even that fails, stay dark."""
    canvas, title, lines = None, "", []
    try:
        title, *lines = Words(_unset).rows("fault", text)
        canvas = Canvas(make_board().panel())
        canvas.lit(True)
    except Exception:
        pass
    tick = 0
    while True:
        if canvas is not None:
            message.draw(canvas, title, lines, tick)
            asyncio.run(canvas.show())
        time.sleep_ms(1000)
        tick += 1


def _unset(name, default):
    """Return a setting of a vault that nobody opened."""
    return default
