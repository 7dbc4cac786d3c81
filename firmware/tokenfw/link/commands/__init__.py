"""The methods of the link: one handler each, in modules named after what they are about.

A handler is `async (token, request) -> result` with JSON types, a function with the
method's name. `token` holds the collaborators, `request` checks its own parameters. The
modules are in memory one at a time: from their first request to the first of another.
"""

import time

from otpcore import errors
from tokenfw.system import on_demand
from tokenfw.vault.states import LOCKED


class Request:
    """A request's id (8 bytes), its parameters, and `tell(notice)` for notices to the computer.

    `arrived` is when the first byte of its last line was there (ticks_us). It is the asker of
    its dialogs, see turns: none begins any more once it is `given_up`.
    """

    def __init__(self, wire, tell, arrived):
        self.id = wire["id"].encode()
        self.arrived = arrived
        self._parameters = wire.get("params", {})
        if not isinstance(self._parameters, dict):
            raise errors.BadRequest("params is no object")
        self.tell = tell
        self.given_up = False

    def value(self, name, default=None):
        """Return a parameter as it came."""
        return self._parameters.get(name, default)

    def number(self, name, least, most):
        """Return a whole number from `least` to `most`; BadRequest when it is none."""
        value = self._parameters.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise errors.BadRequest("%s must be a number from %d to %d" % (name, least, most))
        return value

    def text(self, name):
        """Return a text; BadRequest when it is none."""
        value = self._parameters.get(name)
        if not isinstance(value, str):
            raise errors.BadRequest("%s must be text" % name)
        return value

    def flag(self, name):
        """Return whether something is asked for; BadRequest when it is neither true nor false."""
        value = self._parameters.get(name, False)
        if value is not True and value is not False:
            raise errors.BadRequest("%s must be true or false" % name)
        return value

    async def unlock(self, token):
        """Have the PIN entered at the token if its vault is locked. NotPressed, Refused, Locked."""
        if token.vault.state == LOCKED:
            await token.dialogs.pin_dialogs(self).open()

    async def confirm(self, token, title, detail, hold=False):
        """Ask at the token, and tell the computer so. NotPressed, Refused, Cancelled."""
        async with token.dialogs.turn(self):
            await token.dialogs.questions.ask(title, detail, self.tell, hold)


class Token:
    """What the handlers work with. `identity` is a dict for hello; `dialogs` are the Dialogs.

    `words` gives the texts of what they ask at the token; `battery` is a Battery or None.
    """

    def __init__(self, vault, clock, dialogs, identity, words, battery):
        self.vault = vault
        self.clock = clock
        self.dialogs = dialogs
        self.identity = identity
        self.words = words
        self.battery = battery
        self.batch = None  # the Batch that was confirmed last
        self._requests = []  # those that are carried out, and wait for somebody perhaps

    def begin(self, request):
        """A request is carried out: it can be given up until it is done."""
        self._requests.append(request)

    def end(self, request):
        """It is done."""
        self._requests.remove(request)

    def give_up(self, name):
        """Give up the request with this id (bytes); return whether it was carried out."""
        for request in self._requests:
            if request.id == name:
                self.dialogs.give_up(request)
                return True
        return False


class Batch:
    """So many additions and replacements that were confirmed with one press.

    It is over with the `era` of the vault in which it was confirmed.
    """

    def __init__(self, number, additions, replacements, era):
        self.number = number
        self.additions = additions
        self.replacements = replacements
        self.era = era
        self.begun = self.used = time.ticks_ms()


_METHODS = {  # and the module of each
    "hello": "tokenfw.link.commands.device",
    "status": "tokenfw.link.commands.device",
    "cancel": "tokenfw.link.commands.device",
    "wipe": "tokenfw.link.commands.device",
    "list": "tokenfw.link.commands.accounts",
    "add": "tokenfw.link.commands.accounts",
    "batch": "tokenfw.link.commands.accounts",
    "rename": "tokenfw.link.commands.accounts",
    "move": "tokenfw.link.commands.accounts",
    "remove": "tokenfw.link.commands.accounts",
    "code": "tokenfw.link.commands.accounts",
    "clock_read": "tokenfw.link.commands.clock",
    "clock_probe": "tokenfw.link.commands.clock",
    "clock_edge": "tokenfw.link.commands.clock",
    "clock_log": "tokenfw.link.commands.clock",
    "clock_set": "tokenfw.link.commands.clock",
    "pin": "tokenfw.link.commands.pin",
    "lock": "tokenfw.link.commands.pin",
    "lock_after": "tokenfw.link.commands.pin",
}
_ONCE = ("batch", "code", "wipe", "clock_set", "pin", "lock_after")  # the vault knows others
_FEATURES = ("static",)  # what the methods can do besides, since when they could not
_QUICK = ("hello", "status", "cancel", "clock_read", "clock_probe")
_WHILE_LOCKED = _QUICK + ("wipe", "clock_set", "clock_edge", "pin", "lock")


class Service:
    """Finds the handler of a request, for the link.

    The Idle `idle` keeps the token lit and awake; until the Event `started` is set only hello is
    answered.
    """

    def __init__(self, token, idle, started):
        self._token = token
        self._idle = idle  # and not its methods: kept, they would stay in memory
        self._started = started
        self._loaded = None  # the module of the last request
        token.identity["capabilities"] = sorted(tuple(_METHODS) + _FEATURES)

    def is_quick(self, method):
        """Tell whether a method changes nothing and waits for nobody."""
        return method in _QUICK

    def is_once(self, method):
        """Tell whether a method must not be carried out again for a request that comes again."""
        return method in _ONCE

    @property
    def era(self):
        """What is another one after each lock, wipe, and change of the PIN."""
        return self._token.vault.era

    def is_urgent(self, method):
        """Tell whether a method comes first, whatever else is asked."""
        return method == "wipe"

    async def answer(self, wire, notify, arrived):
        """Carry out a request; return its result or raise a WireError."""
        method = wire.get("method")
        if method in _QUICK:
            return await self._heard(method, Request(wire, notify, arrived))
        request = Request(wire, notify, arrived)
        self._token.begin(request)
        try:
            return await self._heard(method, request)
        finally:
            self._token.end(request)
            self._idle.touch()

    async def _heard(self, method, request):
        self._idle.hear(True)
        try:
            return await self._carry_out(method, request)
        except on_demand.Damaged:
            raise errors.Fault(
                "the token's firmware is damaged: write it again with tokenctl flash"
            )
        finally:
            self._idle.hear(False)

    async def _carry_out(self, method, request):
        if method not in _METHODS:
            raise errors.UnknownMethod("this firmware does not know this method")
        if method != "hello":
            await self._started.wait()
        if method not in _WHILE_LOCKED:
            await request.unlock(self._token)
        return await self._handler(method)(self._token, request)

    def _handler(self, method):
        module = _METHODS[method]
        if module != self._loaded:
            if self._loaded is not None:
                on_demand.forget(self._loaded)
                on_demand.tidy()  # and what only those had loaded
            self._loaded = module
        return getattr(on_demand.load(module), method)
