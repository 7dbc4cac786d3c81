"""What the link answers while the token shows a fault: who it is, what failed, and `wipe`.

The vault is not opened: that may be what fails. Wiping asks for the same hold of the
button as ever, and knows nothing of what it erases.
"""

import sys

from otpcore import errors, messages
from otpcore.version import VERSION
from tokenfw.link.link import ONCE, QUICK
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.presence import GIVEN_UP

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

    era = 0  # there is no vault that could be locked

    def flags(self, method):
        """Return the flags of a method: only one changes anything, and waits for somebody."""
        return ONCE if method == "wipe" else QUICK

    async def answer(self, wire, notify, arrived):
        """Carry out a request; return its result or raise a WireError."""
        self._screen.touch()
        method = wire.get("method")
        if method == "hello":
            return self._hello(wire.get("params"))
        if method == "status":
            return self._status()
        if method == "cancel":
            parameters = wire.get("params")
            wanted = parameters.get(messages.REQUEST_ID) if isinstance(parameters, dict) else None
            cancelled = wanted is not None and wanted == self._asking
            if cancelled:
                self._questions.answer(GIVEN_UP)
            return {"cancelled": cancelled}
        if method == "wipe":
            self._asking = wire[messages.REQUEST_ID]
            try:
                return await self._wipe(notify)
            finally:
                self._asking = None
        raise errors.Fault("repeated")

    def _hello(self, parameters):
        protocol = parameters.get("protocol") if isinstance(parameters, dict) else None
        if isinstance(protocol, int) and protocol > messages.PROTOCOL:
            raise errors.NewerProtocol("protocol", messages.PROTOCOL)
        return {
            "protocol": messages.PROTOCOL,
            "firmware": VERSION,
            "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
            "board": _UNKNOWN if self._board is None else self._board.name,
            "serial": _UNKNOWN if self._board is None else self._board.serial_number(),
            "capabilities": (),
            "fault": self._record.text,
        }

    def _status(self):
        """Say what failed; the other fields are those without which no tokenctl understands it."""
        return {
            "fault": self._record.text,
            "fault_count": self._record.count,
            "vault": "closed",
            "account_count": None,
            "capacity": 0,
            "damaged_count": 0,
            "has_pin": False,
            "unix_time": None,
            "clock": "not_read",
        }

    async def _wipe(self, notify):
        if self._board is None:
            raise errors.Fault("no_board")
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
