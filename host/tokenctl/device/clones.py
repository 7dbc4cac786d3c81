"""Token's methods for clones, by which one token gives all its accounts to another.

cloning.py has their order. Keys and parts pass through here sealed, and are never opened.
"""

import base64
from dataclasses import dataclass

from tokenctl.device.backups import Making, finished, parts
from tokenctl.device.link import Link


@dataclass(frozen=True)
class Offer:
    """An offer of the giving token: how many accounts, and its commitment (base64)."""

    exchange_id: str
    account_count: int
    commitment: str


class Clones:
    """The clone methods of the token at the other end of a Link; keys and parts are base64.

    A clone begins with an exchange of keys, which a transfer of accounts then takes the place of.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._under_way: str | None = None  # the id of the exchange or the transfer, for drop()

    def offer(self, serial: str) -> Offer:
        """Offer all accounts to the token `serial`; takes a hold and the PIN."""
        answer = self._link.request("clone.offer", {"serial": serial})
        self._under_way = answer["exchange_id"]
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
        self._under_way = answer["exchange_id"]
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
        self._under_way = begun["transfer_id"]
        return Making(begun["account_count"], parts(self._link, begun["transfer_id"]))

    def take(self, exchange_id: str, header: bytes) -> str:
        """Begin a transfer with its header; return the transfer's id."""
        parameters = {"exchange_id": exchange_id, "header": base64.b64encode(header).decode()}
        transfer_id = self._link.request("clone.take", parameters)["transfer_id"]
        self._under_way = transfer_id
        return transfer_id

    def write(self, transfer_id: str, part: int, data: bytes) -> None:
        """Pass on one part."""
        text = base64.b64encode(data).decode()
        self._link.request(
            "transfer.write", {"transfer_id": transfer_id, "part": part, "data": text}
        )

    def finish(self, transfer_id: str, count: int) -> dict[str, int]:
        """Make everything that was passed on count; return how many of `count` fared how."""
        return finished(self._link, {"transfer_id": transfer_id}, count)

    def drop(self) -> None:
        """Drop the exchange or transfer that is under way, if any."""
        if self._under_way is not None:
            self._link.request("transfer.cancel", {"transfer_id": self._under_way})
            self._under_way = None
