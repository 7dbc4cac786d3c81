"""Token: what a program can do with a token. It never prints and never asks.

    with Token.open("/dev/ttyUSB0") as token:
        for account in token.accounts():
            ...

What the token refuses is raised as a class of otpcore.errors; trouble on the
way as a class of tokenctl.errors. `on_notice` is called when a press ("press") or a hold
("hold") of the button counts as the answer, when it takes the PIN ("pin"), when a first press
has to say that the question was seen ("seen"), when holds are wanted before the PIN ("prove"),
when another dialog goes on at the token and this one has to wait ("later"), and when a token
that does not answer may be asleep, which a press ends ("asleep").
"""

from collections.abc import Callable
from typing import Any, Self

from otpcore import clock_log, errors, messages
from otpcore.account import STATIC, Account
from otpcore.clock_log import Entry
from otpcore.version import VERSION
from tokenctl.device.link import Link
from tokenctl.device.models import (
    Code,
    Identity,
    Status,
    StoredAccount,
    Synchronised,
    understanding,
)
from tokenctl.device.sync import Synchroniser
from tokenctl.device.transport import SerialTransport, Transport
from tokenctl.errors import (
    LinkError,
    NoAnswer,
    NoToken,
    VerificationFailed,
    VersionMismatch,
)

# Seconds without a word: opening the port may have reset the board; then it may be asleep, and
# somebody has to press its button.
HELLO_TIMEOUT, WAKE_TIMEOUT = 3.0, 8.0
LISTING_MAX, ACCOUNTS_MAX = 600.0, 4096  # seconds for a list of accounts, and how many it has


class Token:
    """A token behind a transport. A context manager that closes it."""

    def __init__(
        self, transport: Transport, on_notice: Callable[[str], None] = lambda notice: None
    ) -> None:
        self._transport = transport
        self._link = Link(transport, on_notice)
        self.identity = self._meet(on_notice)

    @classmethod
    def open(cls, port: str, on_notice: Callable[[str], None] = lambda notice: None) -> Self:
        """Return the token at `port`: a device path or any pyserial URL."""
        transport = SerialTransport(port)
        try:
            return cls(transport, on_notice)
        except BaseException:
            transport.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port."""
        self._transport.close()

    def _meet(self, on_notice: Callable[[str], None]) -> Identity:
        try:
            return self._hello(HELLO_TIMEOUT)
        except NoAnswer:
            on_notice("asleep")
        try:
            return self._hello(WAKE_TIMEOUT)
        except NoAnswer:
            raise NoToken(f"there is no token at {self._transport.name}") from None

    def _hello(self, timeout: float) -> Identity:
        hello = {"protocol": messages.PROTOCOL, "client": f"tokenctl {VERSION}"}
        try:
            answer = self._link.request("hello", hello, give_up=timeout)
        except errors.NewerProtocol as error:
            raise VersionMismatch(str(error)) from None
        if answer["protocol"] > messages.PROTOCOL:  # of the rest nothing is known then
            raise VersionMismatch(
                f"the token's firmware speaks protocol {answer['protocol']}, "
                f"tokenctl {VERSION} only {messages.PROTOCOL}: update tokenctl"
            )
        return Identity.of(answer)

    # accounts

    def accounts(self) -> list[StoredAccount]:
        """Return all accounts in the order in which the token shows them."""
        found: list[StoredAccount] = []
        end = self._transport.monotonic() + LISTING_MAX
        while True:
            page = self._link.request("list", {"from": len(found)})
            found += [StoredAccount.of(entry) for entry in page["accounts"]]
            if len(found) >= page["count"] or not page["accounts"]:
                return found
            if len(found) > ACCOUNTS_MAX or self._transport.monotonic() >= end:
                raise LinkError("the token's list of accounts does not end")

    def find(self, name: str) -> list[StoredAccount]:
        """Return the accounts that `name` means: `issuer:account`, one of the two, or a part."""
        accounts = self.accounts()
        for matches in _MATCHES:
            found = [each for each in accounts if matches(each, name.casefold())]
            if found:
                return found
        return []

    def batch(self, add: int, replace: int = 0) -> str:
        """Have `add` additions and `replace` replacements confirmed at once; return the batch."""
        return self._link.request("batch", {"add": add, "replace": replace})["batch"]

    def add(self, account: Account, replace: int | None = None, batch: str | None = None) -> int:
        """Put an account on the token, verify it there, and return its id.

        `replace` is the id of the account whose place it takes. Waits for the
        button unless it belongs to a `batch`. Raises VerificationFailed when the
        token's key check value is not this account's; a static text has none, and the token
        answers when it has read it back. VersionMismatch where the firmware keeps none.
        """
        if account.type == STATIC and STATIC not in self.identity.capabilities:
            raise VersionMismatch(
                f"the token's firmware {self.identity.firmware} keeps no static texts: "
                "update it with tokenctl flash"
            )
        parameters: dict[str, Any] = {"account": account.to_wire()}
        if replace is not None:
            parameters["replace"] = replace
        if batch is not None:
            parameters["batch"] = batch
        answer = self._link.request("add", parameters)
        if answer.get("key_check_value") != account.key_check_value():
            raise VerificationFailed(
                "the token stored another secret than was sent; remove the account and try again"
            )
        return answer["id"]

    def rename(self, id: int, issuer: str, account: str) -> StoredAccount:
        """Give an account other names; return it as the token now has it."""
        parameters = {"account": id, "issuer": issuer, "name": account}
        return StoredAccount.of(self._link.request("rename", parameters))

    def move(self, id: int, position: int) -> None:
        """Put an account at `position`, from 0, of the order in which the token shows them."""
        self._link.request("move", {"account": id, "position": position})

    def remove(self, id: int) -> None:
        """Remove an account; there is no way back."""
        self._link.request("remove", {"account": id})

    def code(self, id: int) -> Code:
        """Return a code, after a press on the token."""
        return Code.of(self._link.request("code", {"account": id}))

    # the token itself

    def status(self) -> Status:
        """Return the state of vault and clock."""
        return Status.of(self._link.request("status"))

    def read_clock(self) -> int | None:
        """Return the token's Unix time (s), None when it does not know it."""
        return self._link.request("clock_read")["unix"]

    def sync(self, *, within: float = 0.0, calibrate: bool = False) -> Synchronised:
        """Set the token's clock to the computer's at a second's edge, and measure it back.

        `within` is how far (s) the computer's own clock may be off: see computer_clock. With
        `calibrate` the token corrects its drift from now on; raises errors.TooEarly, and
        changes nothing, while that is not known well enough. Raises VerificationFailed when
        the token's time is another afterwards, ComputerClockWrong outside 2020 to 2099.
        """
        transport, known = self._transport, self.identity.capabilities
        return Synchroniser(self._link, transport, known, within).run(calibrate)

    def clock_log(self) -> list[Entry]:
        """Return the log of the clock's changes, the oldest first: see otpcore.clock_runs."""
        answer = self._link.request("clock_log")
        with understanding():
            return clock_log.load(answer["log"])

    def change_pin(self) -> None:
        """Have the PIN set or changed, in a dialog at the token."""
        self._link.request("pin", {"action": "set"})

    def clear_pin(self) -> None:
        """Have the PIN taken away, in a dialog at the token."""
        self._link.request("pin", {"action": "clear"})

    def lock(self) -> None:
        """Lock the token, if it has a PIN."""
        self._link.request("lock")

    def lock_after(self, seconds: int) -> None:
        """Have the token lock itself so many seconds (10 to 3600) after the last press."""
        self._link.request("lock_after", {"seconds": seconds})

    def wipe(self) -> None:
        """Erase every account and setting, after a long hold on the token."""
        self._link.request("wipe")

    def cancel(self) -> None:
        """Give up the request whose answer was not waited for, if there is one: that one only."""
        self._link.give_up()


_MATCHES: tuple[Callable[[StoredAccount, str], bool], ...] = (
    lambda each, name: f"{each.issuer}:{each.account}".casefold() == name,
    lambda each, name: name in (each.issuer.casefold(), each.account.casefold()),
    lambda each, name: name in f"{each.issuer}:{each.account}".casefold(),
)
