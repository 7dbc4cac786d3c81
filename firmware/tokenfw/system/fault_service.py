"""What the link answers while the token shows a fault: who it is, what failed, and `wipe`.

The vault is not opened: that may be what fails. Wiping asks for the same hold of the
button as ever, and knows nothing of what it erases.
"""

import sys

from otpcore import errors, messages
from otpcore.version import VERSION
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.presence import GIVEN_UP

_METHODS = ["cancel", "hello", "status", "wipe"]
_UNKNOWN = "?"


class Service:
    """For the Link. `screen` has `wiping` and `wiped` to set; `board` may be None.

    `record` holds the fault, `questions` is the Presence that asks.
    """

    def __init__(self, screen, board, record, questions):
        self._screen = screen
        self._board = board
        self._record = record
        self._questions = questions
        self._asking = None  # the id of the request that asks

    def is_quick(self, method):
        """Tell whether a method changes nothing and waits for nobody."""
        return method != "wipe"

    era = 0  # there is no vault that could be locked

    def is_once(self, method):
        """Tell whether a method must not be carried out twice for one request."""
        return method == "wipe"

    def is_urgent(self, method):
        """Tell whether a method comes first: there is only one that waits."""
        return False

    async def answer(self, wire, notify, arrived):
        """Carry out a request; return its result or raise a WireError."""
        method = wire.get("method")
        if method == "hello":
            return self._hello(wire.get("params"))
        if method == "status":
            return self._status()
        if method == "cancel":
            parameters = wire.get("params")
            name = parameters.get("request") if isinstance(parameters, dict) else None
            cancelled = name is not None and name == self._asking
            if cancelled:
                self._questions.answer(GIVEN_UP)
            return {"cancelled": cancelled}
        if method == "wipe":
            self._asking = wire["id"]
            try:
                return await self._wipe(notify)
            finally:
                self._asking = None
        raise errors.Fault("the token's firmware fails again and again: see tokenctl status")

    def _hello(self, parameters):
        protocol = parameters.get("protocol") if isinstance(parameters, dict) else None
        if isinstance(protocol, int) and protocol > messages.PROTOCOL:
            raise errors.NewerProtocol(
                "this token speaks protocol %d, the computer wants %d: update the token's firmware"
                % (messages.PROTOCOL, protocol)
            )
        return {
            "protocol": messages.PROTOCOL,
            "firmware": VERSION,
            "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
            "board": _UNKNOWN if self._board is None else self._board.name,
            "serial": _UNKNOWN if self._board is None else self._board.serial_number(),
            "capabilities": _METHODS,
            "fault": self._record.text,
        }

    def _status(self):
        """Say what failed; the other fields are those without which no tokenctl understands it."""
        return {
            "fault": self._record.text,
            "faults": self._record.count,
            "vault": "closed",
            "accounts": None,
            "capacity": 0,
            "damaged": 0,
            "sealed": False,
            "unix": None,
            "clock": "it was not read",
        }

    async def _wipe(self, notify):
        if self._board is None:
            raise errors.Fault("the token does not know its board, and so neither button nor flash")
        flash = self._board.flash()
        lines = ["All accounts", "will be erased"]
        await self._questions.ask("Wipe token?", lines, notify, True)
        self._screen.wiping = True
        try:
            await on_demand.once("tokenfw.vault.raw_wipe").wipe(flash)
            self._screen.wiped = True
        finally:
            self._screen.wiping = False
        return {}
