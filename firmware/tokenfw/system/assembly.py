"""The assembly: makes the parts of the token, connects them, and runs them.

Unloaded once they run: no object that lives longer may be of this module.
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
from tokenfw.ui.codes import Codes
from tokenfw.ui.dialogs.consent import Hands
from tokenfw.ui.dialogs.dialogs import Dialogs
from tokenfw.ui.idle import Idle
from tokenfw.ui.loop import Loop
from tokenfw.ui.stack import Stack
from tokenfw.ui.words import Words
from tokenfw.vault.vault import Vault

_COLLECT_AFTER = const(12288)  # bytes


class Assembly:
    """The parts of the token on `board`; `make_board()` makes another Board later.

    `memory` returns and sets the RTC memory. `before` is what sleep.recall() returned if a press
    woke the token, else None. In a development build `notice(stack, codes)` makes the screen
    that says so, else it is None.
    """

    def __init__(self, board, make_board, memory, before, notice):
        self._make_board = make_board
        self._woken = before is not None
        self._slept = bool(before)  # where no delay after a wrong PIN was pending
        selected, wake_count = before or (0, 0)
        self._vault = vault = Vault(
            board.flash(), board.entropy(), board.full_speed(), chip_keys=board.chip_keys()
        )
        self._clock = clock = Clock(board.rtc(), vault)
        self._words = words = Words(vault.setting)
        self._battery = battery = board.battery()
        self._identity = _identity(board, notice is not None)
        canvas, buttons = Canvas(board.panel(), wake_count), board.buttons()
        stack = Stack(Hands(len(buttons) > 1))
        self._dialogs = dialogs = Dialogs(stack, vault, words)
        menu = self._menu(stack, len(buttons))
        self._codes = codes = Codes(stack, vault, clock, words, battery, dialogs, menu, notice)
        codes.selection.select(selected or None)
        sleep = Sleep(make_board, memory, board.on_usb(), self._woken)
        self._idle = idle = Idle(canvas, vault, clock, words, stack, codes, sleep, battery)
        self._loop = Loop(canvas, buttons, stack, clock, words, idle)
        self._presses = None

    def _menu(self, stack, buttons):
        """Return the function that opens the menu; `buttons` is their number."""
        vault, clock, words, identity = self._vault, self._clock, self._words, self._identity
        battery, dialogs = self._battery, self._dialogs

        def open_menu(selection):
            try:
                module = on_demand.load("tokenfw.ui.menu")  # in memory only while it is open
                module.Menu(
                    stack, selection, vault, clock, words, identity, buttons, battery, dialogs
                )
            except MemoryError:  # too little for a menu: the screen stays as it is
                words.keep(False)
                on_demand.forget("tokenfw.ui.menu")

        return open_menu

    async def begin(self):
        """Watch the buttons; if woken, show the code before anything else is loaded."""
        self._presses = asyncio.create_task(self._loop.watch_buttons())
        if self._woken:
            self._idle.touch(True)  # by a press
            self._idle.light()
            await self._vault.start(woken=self._slept)
            self._codes.unlock()
            await self._loop.show()

    async def run(self, watch):
        """Run until any task fails; `watch` is the one that feeds the watchdog."""
        from tokenfw.link.commands import Service, Token
        from tokenfw.link.link import Link

        started = asyncio.Event()
        token = Token(
            self._vault,
            self._clock,
            self._dialogs,
            self._identity,
            self._words,
            self._battery,
            self._make_board,
        )
        service = Service(token, self._idle, started)
        link = asyncio.create_task(Link(sys.stdin.buffer, sys.stdout.buffer, service).run())
        if not self._woken:
            await self._vault.start()  # may take seconds; the link answers hello meanwhile
        started.set()
        on_demand.tidy()  # unload what only a start needs
        gc.collect()  # from now on early, so that long-lived objects stay together
        gc.threshold(_COLLECT_AFTER)
        asyncio.create_task(self._vault.tidy_up())
        keeper = asyncio.create_task(self._clock.keep())
        await asyncio.gather(keeper, self._presses, self._loop.run(), link, watch)


def _identity(board, development):
    """Return the fixed fields of hello's answer, as a dict."""
    identity = {
        "protocol": PROTOCOL,
        "firmware": VERSION,
        "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
        "board": board.name,
        "serial": board.serial_number(),
        "development": development,
    }
    if board.has_boot_button:
        identity["boot_button"] = True
    return identity
