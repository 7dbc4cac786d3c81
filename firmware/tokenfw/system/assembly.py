"""The assembly: makes the parts of the token, ties them together, and runs them.

Forgotten once they run: nothing that is needed later may be of this module.
"""

import asyncio
import gc
import sys

from micropython import const

from otpcore.messages import PROTOCOL
from otpcore.version import VERSION
from tokenfw.clock.clock import Clock
from tokenfw.display.canvas import Canvas
from tokenfw.power.sleep import Sleep
from tokenfw.system import on_demand
from tokenfw.ui.codes import Carousel
from tokenfw.ui.dialogs.consent import Hands
from tokenfw.ui.dialogs.dialogs import Asks
from tokenfw.ui.dialogs.pin_pad import PinPad
from tokenfw.ui.dialogs.presence import Presence
from tokenfw.ui.interface import Interface
from tokenfw.ui.words import Words
from tokenfw.vault.vault import Vault

_COLLECT_AFTER = const(12288)  # bytes


class Assembly:
    """The parts on a board. `before` is what sleep.recall() gives after a sleep, or None.

    `memory` gives and sets the bytes that outlive a sleep. In a development build
    `announced(canvas, carousel)` returns the carousel that says so on the screen.
    """

    def __init__(self, board, memory, before, announced):
        self._woken = before is not None
        selected, lightings = before or (0, 0)
        self._vault = vault = Vault(board.flash(), board.entropy(), board.hurry())
        self._changed = asyncio.Event()
        self._clock = clock = Clock(board.rtc(), vault)
        hands = Hands()
        questions, pad = Presence(self._changed, hands), PinPad(self._changed, hands)
        self._words = words = Words(vault.setting)
        self._asks = Asks(questions, pad, vault, words, hands)
        canvas = Canvas(board.panel(), lightings)
        self._battery = board.battery()
        carousel = Carousel(canvas, vault, clock, words, self._battery)
        carousel.select(selected or None)
        if announced is not None:
            carousel = announced(canvas, carousel)
        self._identity = {
            "protocol": PROTOCOL,
            "firmware": VERSION,
            "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
            "board": board.name,
            "serial": board.serial_number(),
            "development": announced is not None,
        }
        if board.has_boot_button:
            self._identity["boot_button"] = True
        buttons = board.buttons()
        self._interface = Interface(
            canvas,
            buttons,
            carousel,
            vault,
            clock,
            self._asks,
            self._changed,
            words,
            self._menu(canvas, carousel, len(buttons)),
            Sleep(board.sleep(), memory, board.on_usb(), self._woken),
            self._battery,
        )
        self._presses = None

    def _menu(self, canvas, carousel, buttons):
        """Return what makes a menu."""
        vault, clock, words, identity = self._vault, self._clock, self._words, self._identity
        changed, battery, asks = self._changed, self._battery, self._asks

        def make():
            module = on_demand.load("tokenfw.ui.menu")  # in memory only while it is open
            return module.Menu(
                canvas, carousel, vault, clock, words, identity, changed, buttons, battery, asks
            )

        return make

    async def begin(self):
        """After a sleep: show the code, before anything is loaded that only a computer wants."""
        self._presses = asyncio.create_task(self._interface.watch_buttons())
        if self._woken:
            await self._interface.wake(self._vault.start(tidy=True))

    async def run(self, watch):
        """Run until something fails, or the task `watch` does."""
        from tokenfw.link.commands import Service, Token
        from tokenfw.link.link import Link

        interface, started = self._interface, asyncio.Event()
        token = Token(
            self._vault, self._clock, self._asks, self._identity, self._words, self._battery
        )
        service = Service(token, interface, started)
        link = asyncio.create_task(Link(sys.stdin.buffer, sys.stdout.buffer, service).run())
        if not self._woken:
            await self._vault.start()  # a large one takes seconds; the link answers hello meanwhile
        started.set()
        on_demand.tidy()  # what only a start needs
        gc.collect()  # what loading left; from now on early, so that what lives stays together
        gc.threshold(_COLLECT_AFTER)
        asyncio.create_task(self._vault.tidy_up())
        keeper = asyncio.create_task(self._clock.keep())
        await asyncio.gather(keeper, self._presses, interface.run(), link, watch)
