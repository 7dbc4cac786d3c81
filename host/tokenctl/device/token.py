"""Token: what a program can do with a token. It never prints and never asks.

    with Token.open("/dev/ttyUSB0") as token:
        for account in token.accounts():
            ...

What the token refuses is raised as a class of otpcore.errors; trouble on the
way as a class of tokenctl.errors. `on_notice` is called when a press ("press") or a hold
("hold") of the button counts as the answer, when it takes the PIN ("pin"), when a first press
has to say that the question was seen ("acknowledge"), when holds are wanted before the PIN
("holds"), when another dialog goes on at the token and this one has to wait ("queued"), and
when a token that does not answer may be asleep, which a press ends ("asleep").
"""

import base64
from collections.abc import Callable
from typing import Any, Self

from otpcore import clock_log, errors, messages
from otpcore.account import Account
from otpcore.clock_log import Entry
from otpcore.version import VERSION
from tokenctl.device.link import Link
from tokenctl.device.models import (
    ChipKey,
    Code,
    Examined,
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

CHIP_KEY = "chip_key"  # a capability: what begins with "chip."
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
            page = self._link.request("accounts.list", {"start": len(found)})
            found += [StoredAccount.of(entry) for entry in page["accounts"]]
            if len(found) >= page["total"] or not page["accounts"]:
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

    def batch(self, additions: int, replacements: int = 0) -> str:
        """Have so many additions and replacements confirmed at once; return the batch's id."""
        counts = {"additions": additions, "replacements": replacements}
        return self._link.request("accounts.batch", counts)["batch_id"]

    def add(self, account: Account, batch_id: str | None = None) -> int:
        """Put an account on the token, verify it there, and return its id.

        Waits for the button unless it belongs to a batch. Raises VerificationFailed when the
        token's key check value is not this account's; a static text has none, and the token
        answers when it has read it back.
        """
        return self._store("accounts.add", {"account": account.to_wire()}, account, batch_id)

    def replace(self, account_id: int, account: Account, batch_id: str | None = None) -> int:
        """Put an account in the place of the one with this id; see add()."""
        parameters = {"account_id": account_id, "account": account.to_wire()}
        return self._store("accounts.replace", parameters, account, batch_id)

    def _store(
        self, method: str, parameters: dict[str, Any], account: Account, batch_id: str | None
    ) -> int:
        if batch_id is not None:
            parameters["batch_id"] = batch_id
        answer = self._link.request(method, parameters)
        if answer.get("key_check_value") != account.key_check_value():
            raise VerificationFailed(
                "the token stored another secret than was sent; remove the account and try again"
            )
        return answer["account_id"]

    def rename(self, account_id: int, issuer: str, name: str) -> StoredAccount:
        """Give an account other names; return it as the token now has it."""
        parameters = {"account_id": account_id, "issuer": issuer, "name": name}
        return StoredAccount.of(self._link.request("accounts.rename", parameters))

    def move(self, account_id: int, position: int) -> None:
        """Put an account at `position`, from 0, of the order in which the token shows them."""
        self._link.request("accounts.move", {"account_id": account_id, "position": position})

    def remove(self, account_id: int) -> None:
        """Remove an account; there is no way back."""
        self._link.request("accounts.remove", {"account_id": account_id})

    def code(self, account_id: int) -> Code:
        """Return a code, after a press on the token."""
        return Code.of(self._link.request("accounts.code", {"account_id": account_id}))

    # the token itself

    def status(self) -> Status:
        """Return the state of vault and clock."""
        return Status.of(self._link.request("status"))

    def read_clock(self) -> int | None:
        """Return the token's Unix time (s), None when it does not know it."""
        return self._link.request("clock.read")["unix_time"]

    def sync(self, *, uncertainty: float = 0.0, calibrate: bool = False) -> Synchronised:
        """Set the token's clock to the computer's at a second's edge, and measure it back.

        `uncertainty` is how far (s) the computer's own clock may be off: see
        tokenctl.clock.computer. With `calibrate` the token corrects its drift from now on; raises
        errors.TooEarly, and changes nothing, while that is not known well enough. Raises
        VerificationFailed when the token's time is another afterwards, ComputerClockWrong
        outside 2020 to 2099.
        """
        return Synchroniser(self._link, self._transport, uncertainty).run(calibrate)

    def clock_log(self) -> list[Entry]:
        """Return the log of the clock's changes, the oldest first: see otpcore.clock_runs."""
        answer = self._link.request("clock.log")
        with understanding():
            return clock_log.load(answer["log"])

    def change_pin(self) -> None:
        """Have the PIN set or changed, in a dialog at the token."""
        self._link.request("vault.set_pin")

    def clear_pin(self) -> None:
        """Have the PIN taken away, in a dialog at the token."""
        self._link.request("vault.clear_pin")

    def lock(self) -> None:
        """Lock the token, if it has a PIN."""
        self._link.request("vault.lock")

    def lock_after(self, seconds: int) -> None:
        """Have the token lock itself so many seconds (10 to 3600) after the last press."""
        self._link.request("vault.lock_after", {"seconds": seconds})

    # the chip's own key, where the firmware's capabilities have CHIP_KEY

    def chip_key(self) -> ChipKey:
        """Return whether the chip has a key that the vault can be bound to."""
        return ChipKey.of(self._link.request("chip.key"))

    def bind(self, block: int, answers: bytes | None) -> None:
        """Have the vault bound to the key in an eFuse block, in a dialog at the token.

        `answers` (64 bytes) are what the key must answer, None for whatever it does.
        """
        parameters: dict[str, Any] = {"block": block}
        if answers is not None:
            parameters["answers"] = base64.b64encode(answers).decode()
        self._link.request("chip.bind", parameters)

    def unbind(self) -> None:
        """Have the vault freed from the chip's key, in a dialog at the token."""
        self._link.request("chip.unbind")

    def examine(self, blocks: bytes, results: bytes, states: bytes) -> Examined:
        """Have a chip that holds the published test key examined: see hardening.examination."""
        given = {"blocks": blocks, "results": results, "states": states}
        parameters = {name: base64.b64encode(data).decode() for name, data in given.items()}
        return Examined.of(self._link.request("chip.examine", parameters))

    def wipe(self) -> None:
        """Erase every account and setting, after a long hold on the token."""
        self._link.request("wipe")

    def cancel(self) -> None:
        """Give up the request whose answer was not waited for, if there is one: that one only."""
        self._link.give_up()


_MATCHES: tuple[Callable[[StoredAccount, str], bool], ...] = (
    lambda each, name: f"{each.issuer}:{each.name}".casefold() == name,
    lambda each, name: name in (each.issuer.casefold(), each.name.casefold()),
    lambda each, name: name in f"{each.issuer}:{each.name}".casefold(),
)
