"""The way from a board in its loader to one that is written and verified.

It can be interrupted anywhere and run again: what is there already is found by its
MD5 and left alone. What happens is told to `report` as events, which `tokenctl flash
--json` prints as they are: names, once shipped, are never reused.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from otpcore.errors import WireError
from tokenctl.answers import Identity
from tokenctl.errors import FlashingFailed, ForeignData, NoToken, TokenctlError
from tokenctl.flashing.layout import VAULT
from tokenctl.flashing.plan import FOREIGN, Flash, Region
from tokenctl.token import Token

Report = Callable[[dict[str, Any]], None]

START_TIMEOUT = 40.0  # seconds from the reset to the hello: the first start makes a vault
_PAUSE = 1.0


class WritableFlash(Flash, Protocol):
    """A board that is written."""

    def write(self, offset: int, data: bytes, progress: Callable[[int, int], None]) -> None:
        """Write whole sectors from `offset` on."""
        ...

    def erase_vault(self) -> None:
        """Erase the vault's place."""
        ...


def check_vault(place: str, erase: bool) -> None:
    """Raise ForeignData when the vault's place has something else, which nobody gave up."""
    if place == FOREIGN and not erase:
        raise ForeignData(
            f"the board holds something at {VAULT.offset:#x} to {VAULT.end:#x}, where the vault "
            "has its place, and it is no vault of ours; nothing was written. --erase gives it up"
        )


def write(board: WritableFlash, regions: Sequence[Region], erase: bool, report: Report) -> None:
    """Write what is not there yet, then verify all of it; `erase` begins with the vault's place.

    Raises FlashingFailed.
    """
    if erase:
        report({"event": "erase", "name": VAULT.label, "offset": VAULT.offset, "size": VAULT.size})
        board.erase_vault()
    for region in regions:
        _write_region(board, region, report)
    for region in regions:
        if not board.holds(region.offset, region.data):
            raise FlashingFailed(
                f"the {region.name} on the board is not what was written: run the same command "
                "again; if that fails, too, its flash is worn out"
            )
    report({"event": "verified", "size": sum(len(region.data) for region in regions)})


def _write_region(board: WritableFlash, region: Region, report: Report) -> None:
    told = {"name": region.name, "offset": region.offset, "size": len(region.data)}
    if board.holds(region.offset, region.data):
        report({"event": "present"} | told)
        return
    report({"event": "write"} | told)
    board.write(
        region.offset,
        region.data,
        lambda done, total: report(
            {"event": "progress", "name": region.name, "percent": 100 * done // max(total, 1)}
        ),
    )


def wait_for_hello(port: str, timeout: float = START_TIMEOUT) -> Identity:
    """Return what the token at this port says it is, once it has started; raise NoToken."""
    end = time.monotonic() + timeout
    while True:
        try:
            with Token.open(port) as token:
                return token.identity
        except (TokenctlError, WireError):  # the port may vanish and come back at a reset
            if time.monotonic() >= end:
                raise NoToken(
                    "everything is written and verified, but the token does not say hello: "
                    f"press EN on the board, then ask it with tokenctl --port {port} status"
                ) from None
        time.sleep(_PAUSE)
