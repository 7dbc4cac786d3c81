"""Runs when the firmware's files are damaged, or the chip has too little memory for them.

It says so on the screen and on the link. A release has it with all its dependencies in a file of
its own, which main.py loads only then. It needs no other file but board.json; without that the
link works but the screen does not. The vault is not touched. A long press restarts the token.
Without a press or a request for a while the screen goes dark, and the token sleeps, if a press can
wake it.
"""

import asyncio
import binascii
import json
import sys
import time

import machine

from otpcore import errors, messages
from otpcore.version import VERSION
from tokenfw.chip import driven
from tokenfw.drivers import button
from tokenfw.drivers.panels import PANELS
from tokenfw.link.link import QUICK, Link
from tokenfw.waking import sleep_of

_ROWS = {
    "damaged": ("The firmware is", "damaged. Flash", "it again:", "tokenctl flash"),
    "no_memory": ("Too little", "memory to start.", "Flash it again:", "tokenctl flash"),
}
_DAMAGED, _NO_MEMORY, _NO_BOARD = "damaged", "no_memory", "no_board"
_UNKNOWN = "?"
_WATCHDOG_MS = 8000
_POLL_MS = 20
_POLLS = 50  # between two checks of the panel
_DARK_MS = 300000  # since the last press or request


def run(lacks_memory):
    """Say what is wrong until a long press; the caller then restarts.

    `lacks_memory`: the chip had too little to begin; otherwise the firmware is damaged.
    """
    asyncio.get_event_loop().set_exception_handler(lambda loop, context: None)
    asyncio.run(Rescue(_definition(), _NO_MEMORY if lacks_memory else _DAMAGED).run())
    machine.RTC().memory(b"")  # no fault is counted, and no sleep remembered


def _definition():
    """Return the board's definition (dict), empty if that is damaged too."""
    try:
        with open("board.json") as file:
            text = file.read()
        found = json.loads(text)
        if isinstance(found, dict) and text.count("{") == text.count("}"):
            return found
    except (OSError, ValueError):
        pass
    return {}


class Rescue:
    """The screen, the button and the link of a board, as far as its `definition` allows.

    `fault` is what is wrong, as the screen says it.
    """

    def __init__(self, definition, fault):
        self.board = definition.get("name", _UNKNOWN)
        self.reason = fault
        self.fault = fault if definition else _NO_BOARD
        self._feed = machine.WDT(timeout=_WATCHDOG_MS).feed  # it may run already
        self._panel = self._button = self._sleep = None
        try:
            self._button = _button(definition["button"]["pin"])
            self._panel = _panel(definition)
            self._on_usb = _on_usb(definition)
            self._sleep = sleep_of(definition)
        except Exception:  # the link has to work, whatever is wrong with them
            self.fault = _NO_BOARD
        self._started = False
        self._touched = time.ticks_ms()

    async def run(self):
        """Return after a long press."""
        link = asyncio.create_task(self._serve())
        while True:
            self._feed()
            self._show()
            for _ in range(_POLLS):
                if self._button is not None:
                    event = self._button.poll(time.ticks_ms())
                    if event == button.LONG:
                        link.cancel()
                        return
                    if event is not None:
                        self.touch()
                await asyncio.sleep_ms(_POLL_MS)

    def touch(self):
        """Restart the time until the screen goes dark."""
        self._touched = time.ticks_ms()

    async def _serve(self):
        while True:
            try:
                await Link(sys.stdin.buffer, sys.stdout.buffer, Service(self)).run()
            except Exception:
                await asyncio.sleep_ms(1000)

    def _show(self):
        """Show the text, or go dark after a while, and sleep if possible."""
        panel = self._panel
        is_dark = time.ticks_diff(time.ticks_ms(), self._touched) > _DARK_MS
        if is_dark:
            self._touched = time.ticks_add(time.ticks_ms(), -_DARK_MS - 1)  # or ticks wrap
        try:
            if panel is None:
                pass
            elif is_dark:
                if self._started:
                    panel.power(False)
                self._started = False
            elif not self._started or panel.has_lost_power():
                panel.start()
                _draw(panel, _ROWS[self.reason])
                for page in panel.changed_pages():
                    panel.send_page(page)
                panel.power(True)
                self._started = True
        except OSError:
            self._started = False
        if is_dark and self._sleep is not None and not self._on_usb():
            self._sleep()


def _on_usb(definition):
    sense = definition.get("usb_power")
    return driven(None if sense is None else machine.Pin(sense["pin"], machine.Pin.IN))


def _draw(panel, rows):
    picture = panel.framebuf
    picture.fill(0)
    height = 8 if panel.height < 64 else 12
    rows += () if panel.height < 64 else ("hold: try again",)
    for row, text in enumerate(rows):
        picture.text(text, 0, row * height)


def _panel(definition):
    bus, panel = definition["i2c"], definition["panel"]
    scl, sda = machine.Pin(bus["scl"]), machine.Pin(bus["sda"])
    i2c = machine.I2C(bus["id"], scl=scl, sda=sda, freq=100000)
    kind = PANELS.get(panel["driver"], PANELS["ssd1306"])  # try, whatever is there
    return kind(i2c, panel["address"], panel["width"], panel["height"])


def _button(number):
    pin = machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP)
    return button.Button(lambda: not pin.value())


class Service:
    """The service of the Link: answers `hello` and `status`, and refuses all else with Fault."""

    def __init__(self, rescue):
        self._rescue = rescue

    def flags(self, method):
        """Return QUICK: no method changes anything, or waits for the user."""
        return QUICK

    async def answer(self, wire, notify, arrived):
        """Return the result of a request (dict); raise a WireError."""
        self._rescue.touch()
        method = wire.get("method")
        if method == "hello":
            return {
                "protocol": messages.PROTOCOL,
                "firmware": VERSION,
                "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
                "board": self._rescue.board,
                "serial": binascii.hexlify(machine.unique_id()).decode().upper(),
                "capabilities": (),
                "fault": self._rescue.fault,
            }
        if method == "status":
            return {
                "fault": self._rescue.fault,
                "vault": "closed",
                "account_count": None,
                "capacity": 0,
                "damaged_count": 0,
                "has_pin": False,
                "unix_time": None,
                "clock": "not_read",
            }
        if self._rescue.reason == _NO_MEMORY:
            raise errors.Fault("no_memory")
        raise errors.Fault("damaged")
