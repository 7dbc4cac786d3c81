"""A clone: Token's methods by which one token gives all its accounts to another, and their order.

    clone(giver, taker, progress)

The tokens agree on a key that this computer does not have, and both show a code: if it is the
same, nobody stands between them. Everything that passes through here is sealed under the key.
"""

import base64
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otpcore import backup
from otpcore.errors import Cancelled, WireError
from tokenctl.device.backup_file import Arriving
from tokenctl.device.backups import Backups, Making, counted
from tokenctl.errors import LinkError, TokenctlError
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import Token


@dataclass(frozen=True)
class Offer:
    """An offer of the giving token: how many accounts, and its commitment (base64)."""

    exchange_id: str
    account_count: int
    commitment: str


class Clones(Backups):
    """The clone methods of the token at the other end of a Link; keys and parts are base64."""

    _id: str | None = None  # of what goes on, as the token knows it

    def offer(self, serial: str) -> Offer:
        """Offer all accounts to the token `serial`; takes a hold and the PIN."""
        answer = self._link.request("clone.offer", {"serial": serial})
        self._id = answer["exchange_id"]
        return Offer(answer["exchange_id"], answer["account_count"], answer["commitment"])

    def accept(self, offer: Offer, serial: str) -> tuple[str, str]:
        """Accept the offer of the token `serial`; takes a hold. Return exchange id and key."""
        answer = self._link.request(
            "clone.accept",
            {
                "serial": serial,
                "account_count": offer.account_count,
                "commitment": offer.commitment,
            },
        )
        self._id = answer["exchange_id"]
        return answer["exchange_id"], answer["public_key"]

    def meet(self, exchange_id: str, public_key: str) -> str:
        """Pass on the other token's public key; the giver returns its own."""
        parameters = {"exchange_id": exchange_id, "public_key": public_key}
        return self._link.request("clone.meet", parameters).get("public_key", "")

    def compare(self, exchange_id: str) -> None:
        """Show the code until somebody confirms that the other token shows the same one."""
        self._link.request("clone.compare", {"exchange_id": exchange_id})

    def give(self, exchange_id: str) -> Making:
        """Return the accounts, sealed, in parts."""
        begun = self._link.request("clone.give", {"exchange_id": exchange_id})
        self._id = begun["transfer_id"]
        return Making(begun["account_count"], self._parts(begun["transfer_id"]))

    def take(self, exchange_id: str, header: bytes) -> str:
        """Begin a transfer with its header; return the transfer's id."""
        parameters = {"exchange_id": exchange_id, "header": base64.b64encode(header).decode()}
        transfer_id = self._link.request("clone.take", parameters)["transfer_id"]
        self._id = transfer_id
        return transfer_id

    def write(self, transfer_id: str, part: int, data: bytes) -> None:
        """Pass on one part."""
        text = base64.b64encode(data).decode()
        self._link.request(
            "transfer.write", {"transfer_id": transfer_id, "part": part, "data": text}
        )

    def finish(self, transfer_id: str, count: int) -> dict[str, int]:
        """Make everything that was passed on count; return how many of `count` fared how."""
        answer = self._link.request("transfer.finish", {"transfer_id": transfer_id})
        return counted(answer, count)

    def drop(self) -> None:
        """Drop the exchange or transfer that is under way, if any."""
        if self._id is not None:
            self._link.request("transfer.cancel", {"transfer_id": self._id})
            self._id = None


def clone(
    giver: "Token",
    taker: "Token",
    on_code: Callable[[], None] = lambda: None,
    progress: Callable[[int, int], None] = lambda done, count: None,
) -> dict[str, int]:
    """Copy all accounts of one token to another; return how many fared how, as a restore does.

    `on_code` is called before both tokens show a code, which somebody has to compare and confirm
    on both; their notices come from threads. If anything goes wrong, the taker is unchanged.
    """
    try:
        given, taken = _agree(giver, taker)
        on_code()
        _compare(giver, given, taker, taken)
        transfer, count = _hand_over(giver, given, taker, taken, progress)
    except (WireError, TokenctlError):
        for token in (giver, taker):
            with suppress(WireError, TokenctlError):
                token.clones.drop()
        raise
    counts = taker.clones.finish(transfer, count)
    with suppress(WireError, TokenctlError):  # done: the giver can free its memory
        giver.clones.drop()
    return counts


def _agree(giver: "Token", taker: "Token") -> tuple[str, str]:
    """Agree on a key; return the ids of the exchange on both tokens."""
    offer = giver.clones.offer(taker.identity.serial)
    taken, public_key = taker.clones.accept(offer, giver.identity.serial)
    revealed = giver.clones.meet(offer.exchange_id, public_key)
    taker.clones.meet(taken, revealed)
    return offer.exchange_id, taken


def _compare(giver: "Token", given: str, taker: "Token", taken: str) -> None:
    """Show the code on both at the same time; when one refuses, the other stops asking."""
    with ThreadPoolExecutor(2) as pool:
        asked = {
            pool.submit(_ask, token, exchange_id): token
            for token, exchange_id in ((giver, given), (taker, taken))
        }
        try:
            wait(asked, return_when=FIRST_EXCEPTION)
        finally:
            for future, token in asked.items():
                if not future.done():
                    token.abandon()
    _raise_first(list(asked))


def _ask(token: "Token", exchange_id: str) -> None:
    try:
        token.clones.compare(exchange_id)
    except Cancelled:
        token.cancel()
        raise


def _raise_first(answers: list[Future[None]]) -> None:
    """Raise what ended the comparison: the refusal of one, not the cancellation of the other."""
    errors = [error for each in answers if (error := each.exception()) is not None]
    errors.sort(key=lambda error: isinstance(error, Cancelled))
    if errors:
        raise errors[0]


def _hand_over(
    giver: "Token",
    given: str,
    taker: "Token",
    taken: str,
    progress: Callable[[int, int], None],
) -> tuple[str, int]:
    """Pass each part on as it arrives; return the id of the taker's transfer, and its accounts."""
    making = giver.clones.give(given)
    first = next(making.parts)
    header, data = first[: backup.HEADER_SIZE], first[backup.HEADER_SIZE :]
    if len(header) < backup.HEADER_SIZE:
        raise LinkError(_("the token's copy of the accounts has no header"))
    transfer = taker.clones.take(taken, header)
    arriving = Arriving(making.account_count)
    done = arriving.add(first)
    part = 0
    while True:
        if data:
            taker.clones.write(transfer, part, data)
            part += 1
            progress(done, making.account_count)
        try:
            data = next(making.parts)
        except StopIteration:
            return transfer, making.account_count
        done = arriving.add(data)
