"""The methods of the link: one handler each, in modules named after what they are about.

A handler is `async (token, request) -> result` with JSON types. `token` holds
the collaborators, `request` checks its own parameters.
"""

from otpcore import errors
from tokenfw.commands import accounts, clock, device, pin
from tokenfw.vault.states import LOCKED


class Request:
    """A request's id (8 bytes), its parameters, and `notify` for notices to the computer.

    `arrived` is when the first byte of its last line was there (ticks_us).
    """

    def __init__(self, wire, notify, arrived):
        self.id = wire["id"].encode()
        self.arrived = arrived
        self._parameters = wire.get("params", {})
        if not isinstance(self._parameters, dict):
            raise errors.BadRequest("params is no object")
        self._notify = notify

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

    async def notify(self, notice):
        """Tell the computer what somebody has to do at the token."""
        await self._notify(notice)

    async def unlock(self, token):
        """Have the PIN entered at the token if its vault is locked. NotPressed, Refused, Locked."""
        if token.vault.state == LOCKED:
            await self.notify("pin")
            await token.asks.doorkeeper.open()

    async def confirm(self, presence, title, detail, hold=False):
        """Ask at the token, and tell the computer so. NotPressed, Refused, Cancelled."""

        async def tell():
            await self._notify("hold" if hold else "press")

        await presence.ask(title, detail, tell, hold)


class Token:
    """What the handlers work with. `identity` is a dict for hello; `asks` is interface.Asks.

    `words` gives the texts of what they ask at the token.
    """

    def __init__(self, vault, clock, asks, identity, words):
        self.vault = vault
        self.clock = clock
        self.asks = asks
        self.presence = asks.questions
        self.identity = identity
        self.words = words
        self.batch = None  # the accounts.Batch that was confirmed last


_METHODS = {
    "hello": device.hello,
    "status": device.status,
    "cancel": device.cancel,
    "wipe": device.wipe,
    "list": accounts.list_accounts,
    "add": accounts.add,
    "batch": accounts.batch,
    "rename": accounts.rename,
    "move": accounts.move,
    "remove": accounts.remove,
    "code": accounts.code,
    "clock_read": clock.read,
    "clock_probe": clock.probe,
    "clock_edge": clock.edge,
    "clock_log": clock.log,
    "clock_set": clock.set,
    "pin": pin.pin,
    "lock": pin.lock,
    "lock_after": pin.lock_after,
}
_QUICK = ("hello", "status", "cancel", "clock_read", "clock_probe", "clock_log")
# The log of the clock holds times of syncs, and no secret: who suspects one may look.
_WHILE_LOCKED = _QUICK + ("wipe", "clock_set", "clock_edge", "pin", "lock")


class Service:
    """Finds the handler of a request, for the link.

    `touch` keeps the token awake; until the Event `started` is set only hello is answered.
    """

    def __init__(self, token, touch, started):
        self._token = token
        self._touch = touch
        self._started = started
        token.identity["capabilities"] = sorted(_METHODS)

    def is_quick(self, method):
        """Tell whether a method changes nothing and waits for nobody."""
        return method in _QUICK

    async def answer(self, wire, notify, arrived):
        """Carry out a request; return its result or raise a WireError."""
        method = wire.get("method")
        handler = _METHODS.get(method)
        if handler is None:
            raise errors.UnknownMethod("this firmware does not know this method")
        request = Request(wire, notify, arrived)
        if method != "hello":
            await self._started.wait()
        if method not in _WHILE_LOCKED:
            await request.unlock(self._token)
        try:
            return await handler(self._token, request)
        finally:
            if method not in _QUICK:
                self._touch()
