"""The chip's own key: the methods of Token about it, where its capabilities have CAPABILITY."""

import base64
from typing import Any

from tokenctl.device.link import Link
from tokenctl.device.models import ChipKey, Examined

CAPABILITY = "chip_key"


class Chip:
    """What a token at the other end of a Link does about its chip's key."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def key(self) -> ChipKey:
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
