"""A clone: the methods of Token by which one gives another all its accounts, and how they follow.

    clone(giver, taker, progress)

Both tokens agree on a key that this computer does not have, and show a code: only if that is the
same on both does nobody stand between them. What passes here is sealed under the key.
"""

import base64
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otpcore import backup
from otpcore.errors import Cancelled, WireError
from tokenctl.device.backups import Backups, Making
from tokenctl.device.forms import number
from tokenctl.device.models import understanding
from tokenctl.errors import LinkError, TokenctlError
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import Token

_COUNT = number(0, 65535)


@dataclass(frozen=True)
class Offer:
    """What a giver has begun: so many accounts, and what it has committed to (base64)."""

    exchange_id: str
    account_count: int
    commitment: str


class Clones(Backups):
    """What a token at the other end of a Link does in a clone; keys and parts are base64."""

    _id: str | None = None  # of what goes on, as the token knows it

    def offer(self, serial: str) -> Offer:
        """Have all accounts offered to the token `serial`: a hold, and the PIN."""
        answer = self._link.request("clone.offer", {"serial": serial})
        self._id = answer["exchange_id"]
        return Offer(answer["exchange_id"], answer["account_count"], answer["commitment"])

    def accept(self, offer: Offer, serial: str) -> tuple[str, str]:
        """Have the offer of the token `serial` taken: a hold; return exchange and public key."""
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
        """Hand over the other token's public key; a giver's own is returned."""
        parameters = {"exchange_id": exchange_id, "public_key": public_key}
        return self._link.request("clone.meet", parameters).get("public_key", "")

    def compare(self, exchange_id: str) -> None:
        """Have the code shown until somebody says that the other token shows the same."""
        self._link.request("clone.compare", {"exchange_id": exchange_id})

    def give(self, exchange_id: str) -> Making:
        """Have the accounts given, in parts."""
        begun = self._link.request("clone.give", {"exchange_id": exchange_id})
        self._id = begun["transfer_id"]
        return Making(begun["account_count"], self._parts(begun["transfer_id"]))

    def take(self, exchange_id: str, header: bytes) -> str:
        """Begin to hand over the parts behind a header; return the transfer's id."""
        parameters = {"exchange_id": exchange_id, "header": base64.b64encode(header).decode()}
        transfer_id = self._link.request("clone.take", parameters)["transfer_id"]
        self._id = transfer_id
        return transfer_id

    def write(self, transfer_id: str, part: int, data: bytes) -> None:
        """Hand over a part."""
        text = base64.b64encode(data).decode()
        self._link.request(
            "transfer.write", {"transfer_id": transfer_id, "part": part, "data": text}
        )

    def finish(self, transfer_id: str) -> dict[str, int]:
        """Have all that was handed over count; return how many accounts were what."""
        answer = self._link.request("transfer.finish", {"transfer_id": transfer_id})
        with understanding():
            return {name: _COUNT(value) for name, value in answer.items()}

    def drop(self) -> None:
        """Have what goes on forgotten, if it was begun."""
        if self._id is not None:
            self._link.request("transfer.cancel", {"transfer_id": self._id})
            self._id = None


def clone(
    giver: "Token",
    taker: "Token",
    on_code: Callable[[], None] = lambda: None,
    progress: Callable[[int, int], None] = lambda done, count: None,
) -> dict[str, int]:
    """Give all accounts of one token to another; return how many were what, as a restore does.

    `on_code` is called before both tokens show a code, which somebody has to compare and say yes
    to on both; their notices come from threads. Whatever goes wrong, the taker is as it was.
    """
    try:
        given, taken = _agree(giver, taker)
        on_code()
        _compare(giver, given, taker, taken)
        transfer = _hand_over(giver, given, taker, taken, progress)
    except (WireError, TokenctlError):
        for token in (giver, taker):
            with suppress(WireError, TokenctlError):
                token.clones.drop()
        raise
    counts = taker.clones.finish(transfer)
    with suppress(WireError, TokenctlError):  # all is done: the giver lets go of its memory
        giver.clones.drop()
    return counts


def _agree(giver: "Token", taker: "Token") -> tuple[str, str]:
    """Have a key agreed on; return the ids of the exchange at both."""
    offer = giver.clones.offer(taker.identity.serial)
    taken, public_key = taker.clones.accept(offer, giver.identity.serial)
    revealed = giver.clones.meet(offer.exchange_id, public_key)
    taker.clones.meet(taken, revealed)
    return offer.exchange_id, taken


def _compare(giver: "Token", given: str, taker: "Token", taken: str) -> None:
    """Have both show the code at the same time; when one refuses, the other one stops asking."""
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
    """Raise what ended the comparison: what one token said, and not that the other gave up."""
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
) -> str:
    """Pass the parts on, each as it comes; return the id of the taker's transfer."""
    making = giver.clones.give(given)
    first = next(making.parts)
    header, data = first[: backup.HEADER_SIZE], first[backup.HEADER_SIZE :]
    if len(header) < backup.HEADER_SIZE:
        raise LinkError(_("the token's clone has no beginning"))
    transfer = taker.clones.take(taken, header)
    part = done = 0
    while True:
        if data:
            taker.clones.write(transfer, part, data)
            part += 1
            done = min(making.account_count, done + len(data) // 150)
            progress(done, making.account_count)
        try:
            data = next(making.parts)
        except StopIteration:
            return transfer
