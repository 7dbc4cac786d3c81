"""Token: what a program can do with a token. It never prints and never asks.

    with Token.open("/dev/ttyUSB0") as token:
        for account in token.accounts():
            ...

What the token refuses is raised as a class of otpcore.errors; trouble on the
way as a class of tokenctl.errors. `on_notice` is called when a press ("press") or a hold
("hold") of the button counts as the answer, when it takes the PIN ("pin"), when a first press
has to say that the question was seen ("acknowledge"), when it shows a recovery code ("show_code")
or takes one ("code"), when holds are wanted before the PIN
("holds"), when another dialog goes on at the token and this one has to wait ("queued"), and
when a token that does not answer may be asleep, which a press ends ("asleep").
"""

from collections.abc import Callable
from typing import Any, Self

from otpcore import clock_log
from otpcore.account import Account
from otpcore.clock_log import Entry
from tokenctl.clock import computer, offset
from tokenctl.clock.offset import ClockOffset
from tokenctl.device.accounts import Page, StoredAccount
from tokenctl.device.answer import understanding
from tokenctl.device.backups import Backups
from tokenctl.device.chip import Chip
from tokenctl.device.clones import Clones
from tokenctl.device.diagnostics import Examination
from tokenctl.device.hello import meet
from tokenctl.device.link import Link
from tokenctl.device.models import Code, Status, Synchronised
from tokenctl.device.sync import Synchroniser
from tokenctl.device.transport import SerialTransport, Transport
from tokenctl.errors import (
    LinkError,
    VerificationFailed,
)
from tokenctl.language import _

LISTING_MAX, ACCOUNTS_MAX = 600.0, 4096  # seconds for a list of accounts, and how many it has


class Token:
    """A token behind a transport. A context manager that closes it.

    `acknowledged` are the accounts that it has stored by this object, and verified, in order.
    """

    def __init__(
        self, transport: Transport, on_notice: Callable[[str], None] = lambda notice: None
    ) -> None:
        self._transport = transport
        self._link = Link(transport, on_notice)
        self.acknowledged: list[Account] = []
        self.identity = meet(self._link, transport.name, on_notice)
        self.backups = Backups(self._link)
        self.clones = Clones(self._link)
        self.chip = Chip(self._link)
        self.examination = Examination(self._link, transport)

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

    # accounts

    def accounts(
        self, start: int = 0, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[StoredAccount]:
        """Return all accounts in the token's order, from the index `start` on.

        Its screen shows the favourites first, then the others in this order; or, if its menu says
        so, those between that were used last.
        `progress` is called with how many there are so far, and how many in all.
        """
        found: list[StoredAccount] = []
        end = self._transport.monotonic() + LISTING_MAX
        while True:
            where = {"start": start + len(found), "rows": True}
            page = Page.of(self._link.request("accounts.list", where))
            found += page.accounts
            progress(len(found), page.total - start)
            if start + len(found) >= page.total or not page.accounts:
                return found
            if len(found) > ACCOUNTS_MAX or self._transport.monotonic() >= end:
                raise LinkError(_("the token keeps sending accounts without end"))

    def favourites(self) -> tuple[int, ...]:
        """Return the ids of the favourites, in the order in which the screen shows them."""
        beyond_all = {"start": ACCOUNTS_MAX, "rows": True}
        return Page.of(self._link.request("accounts.list", beyond_all)).favourites

    def find(self, name: str) -> list[StoredAccount]:
        """Return the accounts that `name` means: `issuer:account`, one of the two, or a part.

        A token that can looks for them itself. It knows no letters but ASCII's in both cases, so
        that it gives whatever may be meant, and the choice is made here.
        """
        accounts = self._candidates(name)
        for matches in _MATCHES:
            found = [each for each in accounts if matches(each, name.casefold())]
            if found:
                return found
        return []

    def _candidates(self, name: str) -> list[StoredAccount]:
        if "find" in self.identity.capabilities and name.isascii():
            page = Page.of(self._link.request("accounts.find", {"name": name}))
            if len(page.accounts) == page.total:
                return page.accounts
        return self.accounts()

    def batch(self, additions: int, replacements: int = 0) -> str:
        """Have so many additions and replacements confirmed at once; return the batch's id."""
        counts = {"additions": additions, "replacements": replacements}
        return self._link.request("accounts.batch", counts)["batch_id"]

    def add(self, account: Account, batch_id: str | None = None, favourite: bool = False) -> int:
        """Put an account on the token, verify it there, and return its id.

        With `favourite` it comes first on its screen, as far as there is room for one more.

        Waits for the button unless it belongs to a batch. Raises VerificationFailed when the
        token's key check value is not this account's; a static text has none, and the token
        answers when it has read it back.
        """
        parameters: dict[str, Any] = {"account": account.to_wire()}
        return self._store("accounts.add", parameters, account, batch_id, favourite)

    def replace(
        self,
        account_id: int,
        account: Account,
        batch_id: str | None = None,
        favourite: bool = False,
    ) -> int:
        """Put an account in the place of the one with this id; see add()."""
        parameters = {"account_id": account_id, "account": account.to_wire()}
        return self._store("accounts.replace", parameters, account, batch_id, favourite)

    def _store(
        self,
        method: str,
        parameters: dict[str, Any],
        account: Account,
        batch_id: str | None,
        favourite: bool,
    ) -> int:
        if favourite and "favourites" in self.identity.capabilities:
            parameters["favourite"] = True
        if batch_id is not None:
            parameters["batch_id"] = batch_id
        answer = self._link.request(method, parameters)
        if answer.get("key_check_value") != account.key_check_value():
            raise VerificationFailed(
                _(
                    "the token stored a different secret from the one sent; remove the "
                    "account and try again"
                )
            )
        self.acknowledged.append(account)
        return answer["account_id"]

    def rename(self, account_id: int, issuer: str, name: str) -> StoredAccount:
        """Give an account other names; return it as the token now has it."""
        parameters = {"account_id": account_id, "issuer": issuer, "name": name}
        return StoredAccount.of(self._link.request("accounts.rename", parameters))

    def move(self, account_id: int, position: int) -> None:
        """Put an account at `position`, from 0, of the token's order: see accounts()."""
        self._link.request("accounts.move", {"account_id": account_id, "position": position})

    def mark(self, account_id: int, favourite: bool) -> None:
        """Have an account among the favourites, which come first on the screen, or no longer.

        Waits for the button where that changes anything; VaultFull where there are eight already.
        """
        parameters = {"account_id": account_id, "favourite": favourite}
        self._link.request("accounts.favourite", parameters)

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

    def clock_offset(self) -> ClockOffset | None:
        """Return how far the token is ahead of this computer, None when it knows no time.

        One question and its answer, so that half a second stays uncertain; sync() knows better.
        """
        sent = self._transport.time()
        unix = self.read_clock()
        arrived = self._transport.time()
        return None if unix is None else offset.compared(unix, sent, arrived, computer.read())

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
        """Return the log of the clock's changes, the oldest first: see otpcore.clock_log."""
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

    def wait(self, seconds: float) -> None:
        """Let time pass, as its port has it."""
        self._transport.sleep(seconds)

    def wipe(self) -> None:
        """Erase every account and setting, after a long hold on the token."""
        self._link.request("wipe")

    def abandon(self) -> None:
        """Have the request that another thread waits for end there, with errors.Cancelled."""
        self._link.abandon()

    def cancel(self) -> str | None:
        """Give up the request whose answer was not waited for, if there is one: that one only.

        Return its method when it may have been carried out all the same, else None.
        """
        return self._link.give_up()

    @property
    def unanswered(self) -> str | None:
        """The method of the last request, if its answer has not come."""
        return self._link.unanswered

    @property
    def done(self) -> tuple[str, ...]:
        """The methods that the token has carried out for this object, in their order."""
        return tuple(self._link.done)


_MATCHES: tuple[Callable[[StoredAccount, str], bool], ...] = (
    lambda each, name: f"{each.issuer}:{each.name}".casefold() == name,
    lambda each, name: name in (each.issuer.casefold(), each.name.casefold()),
    lambda each, name: name in f"{each.issuer}:{each.name}".casefold(),
)
