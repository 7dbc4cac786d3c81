"""The methods of the link: one handler each, in modules by subject.

A handler is `async (token, request) -> result` with JSON types, and raises WireErrors. `token`
(Token) has the collaborators, `request` (Request) checks its own parameters. A method consists
of its handler and an entry in COMMANDS of its module. docs/protocol.md describes all methods.
One module is loaded at a time, until a request needs another.
"""

import time
from binascii import a2b_base64, b2a_base64

from otpcore import errors, messages
from tokenfw.link.link import QUICK
from tokenfw.system import on_demand
from tokenfw.vault.states import LOCKED


class Request:
    """A request: `id` (8 bytes), parameters, and `tell(notice)`, which sends a notice.

    `arrived` is when the port showed the first byte of its last line (ticks_us). A request is the
    asker of its dialogs, see ui/dialogs/queue.py: once it is `given_up` none of them begins.
    Methods that return a parameter raise BadRequest if it is missing or wrong.
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
        """Return a parameter unchecked, or the default."""
        return self._parameters.get(name, default)

    def number(self, name, least, most):
        """Return an integer parameter from `least` to `most`."""
        value = self._parameters.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise errors.BadRequest("parameter", name)
        return value

    def account_id(self):
        """Return the parameter `account_id`, 1 to 65535."""
        return self.number("account_id", 1, 65535)

    def text(self, name):
        """Return a text parameter."""
        value = self._parameters.get(name)
        if not isinstance(value, str):
            raise errors.BadRequest("parameter", name)
        return value

    def bytes(self, name, size=None):
        """Return the bytes of a parameter in base64; `size` bytes, unless that is None."""
        try:
            data = a2b_base64(self.text(name))
        except ValueError:
            raise errors.BadRequest("parameter", name)
        if size is not None and len(data) != size:
            raise errors.BadRequest("parameter", name)
        return data

    def flag(self, name):
        """Return a boolean parameter, False if it is missing."""
        value = self._parameters.get(name, False)
        if value is not True and value is not False:
            raise errors.BadRequest("parameter", name)
        return value

    async def unlock(self, token):
        """Ask for the PIN if the vault is locked. Raises NotPressed, Refused, Locked."""
        if token.vault.state == LOCKED:
            await token.dialogs.pin_dialogs(self).open()

    async def settle(self, token):
        """Finish a committed restore, if that is possible now; the screen says so meanwhile.

        No page stays open: it may list accounts that go.
        """
        try:
            if token.vault.restoring:
                async with token.dialogs.turn(self):
                    token.dialogs.pad.say(*token.words.rows("restoring"))
                    await token.vault.settle()
        except MemoryError:
            pass

    async def draw_ahead(self, token, purpose):
        """Before a dialog titled `purpose`: have random bytes for a strong key, or restart."""
        restarting = on_demand.once("tokenfw.ui.dialogs.key_restart")
        await restarting.prepare(token.vault, token.dialogs.pad, token.words, self.tell, purpose)

    async def confirm(self, token, title, detail, hold=False):
        """Ask at the token, and send a notice. Raises NotPressed, Refused, Cancelled.

        `title` is a text, `detail` a list of lines; with `hold` yes is a press of three seconds.
        """
        async with token.dialogs.turn(self):
            await token.dialogs.questions.ask(title, detail, self.tell, hold)


class Token:
    """The collaborators of the handlers, and what they keep between requests.

    `identity` is a dict for hello; `dialogs` is the Dialogs; `words` has the texts on the screen;
    `battery` is a Battery or None; `make_board()` makes a new Board, for an examination.
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
        self.wiping = None  # the Wiping in progress
        self.transfer = None  # (Transfer or Exchange of tokenfw.vault, its id) in progress
        self._requests = []  # Requests in progress, which may wait for the user

    def now(self):
        """Return the Unix time, 0 if the token does not know it."""
        try:
            return self.clock.now()
        except (errors.TimeUnknown, errors.ClockFault):
            return 0

    def begin(self, request):
        """Note that a Request is in progress: give_up() finds it until end()."""
        self._requests.append(request)

    def end(self, request):
        """Note that a Request is no longer in progress."""
        self._requests.remove(request)

    def give_up(self, request_id):
        """Give up the request with this id (bytes); return whether it was in progress."""
        for request in self._requests:
            if request.id == request_id:
                self.dialogs.give_up(request)
                return True
        return False


class Batch:
    """The number of additions and replacements that were confirmed with one press, and are left.

    It ends with the `era` of the vault in which it was confirmed.
    """

    def __init__(self, id, additions, replacements, era):
        self.id = id
        self.additions = additions
        self.replacements = replacements
        self.era = era
        self.begun = self.used = time.ticks_ms()


def base64(data):
    """Return bytes as base64 text, for an answer."""
    return b2a_base64(data).strip().decode()


# The modules of the methods, by a method's name up to its dot; names without one are about the
# token itself. COMMANDS of a module is {rest of the name: (handler, flags)}: the flags are those
# below and those of link.py.
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
WHILE_LOCKED = 8  # without it the PIN is asked for first
WHILE_STARTING = 16  # without it the request waits until the vault is read
SELDOM = 32  # not asked for twice in a row: what it needed is unloaded once it is answered
_UNKNOWN = None, 0


class Service:
    """The service of a Link: finds and runs the handler of a request.

    `idle` (Idle) keeps the token lit and awake; until `started` (Event) is set only methods with
    WHILE_STARTING are answered.
    """

    def __init__(self, token, idle, started):
        self._token = token
        self._idle = idle  # not its methods: references to them would keep their unit in memory
        self._started = started
        self._loaded = None  # the module of the last request

    def flags(self, method):
        """Return the flags of a method; 0 if it is unknown, or cannot be loaded now."""
        try:
            return self._find(method)[1]
        except (on_demand.Damaged, MemoryError):
            return 0  # answer() will raise the error

    @property
    def era(self):
        """The vault's era, which changes with each lock, wipe, and change of the PIN."""
        return self._token.vault.era

    async def answer(self, wire, notify, arrived):
        """Carry out a request (dict); return its result or raise a WireError."""
        request = Request(wire, notify, arrived)
        self._idle.hear(True)
        flags = 0
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
            if flags & SELDOM:
                self._leave()

    async def _carry_out(self, handler, flags, request):
        if handler is None:
            raise errors.UnknownMethod
        if not flags & WHILE_STARTING:
            await self._started.wait()
        if not flags & WHILE_LOCKED:
            await request.unlock(self._token)
            await request.settle(self._token)
        return await handler(self._token, request)

    def _find(self, method):
        """Return (handler, flags) of a method, loading its module; _UNKNOWN if there is none."""
        group, dot, name = method.rpartition(".")
        module = _MODULES.get(group + dot)
        if module is None:
            return _UNKNOWN
        if module != self._loaded:
            self._leave()
            self._loaded = module
        on_demand.mark()  # the link's own units stay
        return on_demand.load(module).COMMANDS.get(name, _UNKNOWN)

    def _leave(self):
        """Unload the module of the last request, and what its methods alone needed."""
        if self._loaded is not None:
            on_demand.forget(self._loaded)
            on_demand.tidy(True)
            self._loaded = None
