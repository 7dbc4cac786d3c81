"""What the link answers while the token shows a fault: `hello`, `status`, `cancel` and `wipe`.

The vault is not opened: that may be what fails. A wipe needs the button held as always, and
erases the flash without reading it.
"""

import sys

from otpcore import errors, messages
from otpcore.version import VERSION
from tokenfw.link.link import ONCE, QUICK, URGENT
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.presence import GIVEN_UP
from tokenfw.ui.dialogs.queue import DialogQueue, Turn

_UNKNOWN = "?"


class _Asker:
    """A request to wipe: its `id`, and `tell(notice)`, which sends a notice to the computer."""

    def __init__(self, request_id, tell):
        self.id = request_id
        self.tell = tell
        self.given_up = False


class Service:
    """The service of a Link. `screen` is the fault_screen.Screen; `board` may be None.

    `record` has the fault; `questions` is the Presence that asks the user.
    """

    def __init__(self, screen, board, record, questions):
        self._screen = screen
        self._board = board
        self._record = record
        self._questions = questions
        self._queue = DialogQueue()
        self._askers = []
        self._wiping = None  # the Wiping in progress, shared by all askers

    era = 0  # constant: no vault is open

    def flags(self, method):
        """Return the flags of a method: only a wipe changes anything, and waits for the user."""
        return URGENT | ONCE if method == "wipe" else QUICK

    async def answer(self, wire, notify, arrived):
        """Carry out a request; return its result or raise a WireError."""
        self._screen.touch()
        method = wire.get("method")
        if method == "hello":
            return self._hello(wire.get("params"))
        if method == "status":
            return self._status()
        if method == "cancel":
            return {"cancelled": self._cancel(wire.get("params"))}
        if method == "wipe":
            return await self._wipe(_Asker(wire[messages.REQUEST_ID], notify))
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
        """Return the fault; the other fields are those that every tokenctl requires."""
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

    def _cancel(self, parameters):
        wanted = parameters.get(messages.REQUEST_ID) if isinstance(parameters, dict) else None
        for asker in self._askers:
            if asker.id == wanted:
                self._give_up(asker)
                return True
        return False

    def _give_up(self, asker):
        asker.given_up = True
        if self._queue.holder is asker:
            self._questions.answer(GIVEN_UP)
        else:
            self._queue.withdraw(asker)

    def _turn(self, asker, notice, first):
        return Turn(self._queue, asker, notice, first, _nothing)

    async def _wipe(self, asker):
        if self._board is None:
            raise errors.Fault("no_board")
        flash = self._board.flash()
        if self._wiping is None:
            module = on_demand.once("tokenfw.link.wiping")
            self._wiping = module.Wiping(self._turn, self._give_up)
        wiping = self._wiping
        self._askers.append(asker)
        try:
            await wiping.carry_out(asker, self._ask, lambda: self._erase(flash))
        finally:
            self._askers.remove(asker)
            if wiping.over and self._wiping is wiping:
                self._wiping = None
        return {}

    async def _ask(self, tell):
        await self._questions.ask("Wipe token?", ["All accounts", "will be erased"], tell, True)

    async def _erase(self, flash):
        self._screen.wiping = True
        try:
            await on_demand.once("tokenfw.vault.flash.raw_wipe").wipe(flash)
            self._screen.wiped = True
        except OSError:
            raise errors.WireError("exception", "OSError")
        finally:
            self._screen.wiping = False


def _nothing():
    """Do nothing: a Turn here has no dialog to close."""
