"""The methods of the link: one handler each, in modules named after what they are about.

A handler is `async (token, request) -> result` with JSON types. `token` holds the collaborators,
`request` checks its own parameters. A method is its handler and an entry of COMMANDS in the
module. The modules are in memory one at a time: from their first request to the first of
another.
"""

import time
from binascii import a2b_base64, b2a_base64

from otpcore import errors, messages
from tokenfw.link.link import QUICK
from tokenfw.system import on_demand
from tokenfw.vault.states import LOCKED


class Request:
    """A request's id (8 bytes), its parameters, and `tell(notice)` for notices to the computer.

    `arrived` is when the first byte of its last line was there (ticks_us). It is the asker of
    its dialogs, see turns: none begins any more once it is `given_up`.
    """

    def __init__(self, wire, tell, arrived):
        self.id = wire[messages.REQUEST_ID].encode()
        self.arrived = arrived
        self._parameters = wire.get("params", {})
        if not isinstance(self._parameters, dict):
            raise errors.BadRequest("params")
        self.tell = tell
        self.given_up = False

    def value(self, name, default=None):
        """Return a parameter as it came."""
        return self._parameters.get(name, default)

    def number(self, name, least, most):
        """Return a whole number from `least` to `most`; BadRequest when it is none."""
        value = self._parameters.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise errors.BadRequest("parameter", name)
        return value

    def account_id(self):
        """Return the parameter `account_id`; BadRequest when it can be nobody's."""
        return self.number("account_id", 1, 65535)

    def text(self, name):
        """Return a text; BadRequest when it is none."""
        value = self._parameters.get(name)
        if not isinstance(value, str):
            raise errors.BadRequest("parameter", name)
        return value

    def bytes(self, name, size=None):
        """Return the bytes that it has in base64; BadRequest when it has none, or not `size`."""
        try:
            data = a2b_base64(self.text(name))
        except ValueError:
            raise errors.BadRequest("parameter", name)
        if size is not None and len(data) != size:
            raise errors.BadRequest("parameter", name)
        return data

    def flag(self, name):
        """Return whether something is asked for; BadRequest when it is neither true nor false."""
        value = self._parameters.get(name, False)
        if value is not True and value is not False:
            raise errors.BadRequest("parameter", name)
        return value

    async def unlock(self, token):
        """Have the PIN entered at the token if its vault is locked. NotPressed, Refused, Locked."""
        if token.vault.state == LOCKED:
            await token.dialogs.pin_dialogs(self).open()

    async def draw_ahead(self, token, purpose):
        """Have a strong key at hand before a dialog with this title begins: it may restart."""
        restarting = on_demand.once("tokenfw.ui.dialogs.restarting")
        await restarting.prepare(token.vault, token.dialogs.pad, token.words, self.tell, purpose)

    async def confirm(self, token, title, detail, hold=False):
        """Ask at the token, and tell the computer so. NotPressed, Refused, Cancelled."""
        async with token.dialogs.turn(self):
            await token.dialogs.questions.ask(title, detail, self.tell, hold)


class Token:
    """What the handlers work with. `identity` is a dict for hello; `dialogs` are the Dialogs.

    `words` gives the texts of what they ask at the token; `battery` is a Battery or None;
    `make_board()` gives the board anew, for who examines it.
    """

    def __init__(self, vault, clock, dialogs, identity, words, battery, make_board):
        self.vault = vault
        self.clock = clock
        self.dialogs = dialogs
        self.identity = identity
        self.words = words
        self.battery = battery
        self.make_board = make_board
        self.batch = None  # the Batch that was confirmed last
        self.wiping = None  # the Wiping that is asked for
        self.transfer = None  # (Transfer or Exchange, its id) of what goes on: see vault
        self._requests = []  # those that are carried out, and wait for somebody perhaps

    def now(self):
        """Return the Unix time, 0 where the token does not know it."""
        try:
            return self.clock.now()
        except (errors.TimeUnknown, errors.ClockFault):
            return 0

    def begin(self, request):
        """A request is carried out: it can be given up until it is done."""
        self._requests.append(request)

    def end(self, request):
        """It is done."""
        self._requests.remove(request)

    def give_up(self, request_id):
        """Give up the request with this id (bytes); return whether it was carried out."""
        for request in self._requests:
            if request.id == request_id:
                self.dialogs.give_up(request)
                return True
        return False


class Batch:
    """So many additions and replacements that were confirmed with one press.

    It is over with the `era` of the vault in which it was confirmed.
    """

    def __init__(self, id, additions, replacements, era):
        self.id = id
        self.additions = additions
        self.replacements = replacements
        self.era = era
        self.begun = self.used = time.ticks_ms()


def base64(data):
    """Return bytes as the text that an answer has of them."""
    return b2a_base64(data).strip().decode()


# The modules of the methods, by what a method's name begins with up to its dot; of none is
# the token itself. Each has COMMANDS: by the rest of the name, the handler and its flags, those
# below and the link's.
_MODULES = {
    "": "tokenfw.link.commands.device",
    "accounts.": "tokenfw.link.commands.accounts",
    "backup.": "tokenfw.link.commands.backup",
    "chip.": "tokenfw.link.commands.chip",
    "clone.": "tokenfw.link.commands.clone",
    "clock.": "tokenfw.link.commands.clock",
    "examine.": "tokenfw.link.commands.examine",
    "transfer.": "tokenfw.link.commands.transfer",
    "vault.": "tokenfw.link.commands.vault",
}
WHILE_LOCKED = 8  # else the PIN is asked for first
WHILE_STARTING = 16  # else the vault is waited for
_UNKNOWN = None, 0


class Service:
    """Finds the handler of a request, for the link.

    The Idle `idle` keeps the token lit and awake; until the Event `started` is set only
    what may be is answered WHILE_STARTING.
    """

    def __init__(self, token, idle, started):
        self._token = token
        self._idle = idle  # and not its methods: kept, they would stay in memory
        self._started = started
        self._loaded = None  # the module of the last request

    def flags(self, method):
        """Return the flags of a method; 0 where it is not known, or cannot be loaded now."""
        try:
            return self._find(method)[1]
        except (on_demand.Damaged, MemoryError):
            return 0  # answer() says so

    @property
    def era(self):
        """What is another one after each lock, wipe, and change of the PIN."""
        return self._token.vault.era

    async def answer(self, wire, notify, arrived):
        """Carry out a request; return its result or raise a WireError."""
        request = Request(wire, notify, arrived)
        self._idle.hear(True)
        try:
            handler, flags = self._find(wire["method"])
            if flags & QUICK:
                return await self._carry_out(handler, flags, request)
            self._token.begin(request)
            try:
                return await self._carry_out(handler, flags, request)
            finally:
                self._token.end(request)
                self._idle.touch()
        except on_demand.Damaged:
            raise errors.Fault("damaged")
        finally:
            self._idle.hear(False)

    async def _carry_out(self, handler, flags, request):
        if handler is None:
            raise errors.UnknownMethod
        if not flags & WHILE_STARTING:
            await self._started.wait()
        if not flags & WHILE_LOCKED:
            await request.unlock(self._token)
        return await handler(self._token, request)

    def _find(self, method):
        """Return the handler and the flags of a method, from its module."""
        group, dot, name = method.rpartition(".")
        module = _MODULES.get(group + dot)
        if module is None:
            return _UNKNOWN
        if module != self._loaded:
            if self._loaded is not None:
                on_demand.forget(self._loaded)
                on_demand.tidy()  # and what only those had loaded
            self._loaded = module
        return on_demand.load(module).COMMANDS.get(name, _UNKNOWN)
