"""From a board in its loader to one that is written and verified.

It can be interrupted anywhere and run again: what is up to date is recognised by its
MD5 and left alone. `report` gets events, which `tokenctl flash --json` prints as they
are: names, once shipped, are never reused.
"""

import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from otpcore.errors import Fault, WireError
from tokenctl.device import ports
from tokenctl.device.models import Identity
from tokenctl.device.token import Token
from tokenctl.errors import Downgrade, FlashingFailed, ForeignData, NoToken, TokenctlError
from tokenctl.flashing import firmware_files
from tokenctl.flashing.layout import VAULT, Row
from tokenctl.flashing.plan import FOREIGN, Flash, Region
from tokenctl.language import _

Report = Callable[[dict[str, Any]], None]

START_TIMEOUT = 40.0  # seconds from the reset to the hello: the first start makes a vault
_PAUSE = 1.0


class WritableFlash(Flash, Protocol):
    """A board that can be written."""

    def write(self, offset: int, data: bytes, progress: Callable[[int, int], None]) -> None:
        """Write whole sectors from `offset` on."""
        ...

    def erase_vault(self, elsewhere: Sequence[Row] = ()) -> None:
        """Erase the vault partition, and vaults that another table has elsewhere."""
        ...


def check_vault(place: str, erase: bool, elsewhere: Sequence[Row] = ()) -> None:
    """Raise ForeignData if the vault partition holds foreign data that may not be erased.

    Nor may a vault that is `elsewhere`: its accounts would be lost.
    """
    if erase:
        return
    for row in elsewhere:
        raise ForeignData(
            _(
                "the board has a vault at another place, {offset:#x} to {end:#x}, made by another "
                "version of tokenctl; its accounts would be lost, so nothing was written. Update "
                "it with that version, or back it up first: --erase erases it"
            ).format(end=row.end, offset=row.offset)
        )
    if place == FOREIGN:
        raise ForeignData(
            _(
                "the vault partition of the board, {offset:#x} to {end:#x}, holds "
                "foreign data, so nothing was written; --erase overwrites it after you "
                "type a confirmation"
            ).format(end=VAULT.end, offset=VAULT.offset)
        )


def check_version(on_board: str | None, package: str, downgrade: bool) -> None:
    """Raise Downgrade if the board's firmware is newer than the package's, unless allowed.

    Older firmware may be unable to read what newer wrote, and lacks later fixes.
    """
    if on_board is not None and firmware_files.is_older(package, on_board) and not downgrade:
        raise Downgrade(
            _(
                "the board has firmware {on_board}, and this tokenctl an older one, "
                "{package}; nothing was written. Update tokenctl, or use --downgrade"
            ).format(on_board=on_board, package=package)
        )


def write(
    board: WritableFlash,
    regions: Sequence[Region],
    erase: bool,
    report: Report,
    elsewhere: Sequence[Row] = (),
) -> None:
    """Write what is not up to date, then verify everything; `erase` first erases the vault.

    And those that are `elsewhere`, as plan.vaults_elsewhere() found them. Raises FlashingFailed.
    """
    if erase:
        for row in (VAULT, *elsewhere):
            report({"event": "erase", "name": row.label, "offset": row.offset, "size": row.size})
        board.erase_vault(elsewhere)
    for region in regions:
        _write_region(board, region, report)
    for region in regions:
        if not board.holds(region.offset, region.data):
            raise FlashingFailed(
                _(
                    "the {name} on the board does not match what was written: run the same "
                    "command again; if that fails too, its flash is worn out"
                ).format(name=_(region.name))
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


@dataclass(frozen=True)
class Started:
    """A token that has started, and the port at which it answers."""

    port: str
    identity: Identity


def wait_for_hello(
    port: str,
    serial: str | None = None,
    known: Collection[str] = (),
    timeout: float = START_TIMEOUT,
) -> Started:
    """Return the token with this serial number once it has started; raise NoToken.

    It is at `port`, or at a board's port that was not there before: chips with USB of
    their own have another one when they run than in their loader. `known` were there.
    Without a serial number it is whatever token starts at `port`. Raises Fault if all that
    answers is that the firmware cannot start.
    """
    end = time.monotonic() + timeout
    fault: Fault | None = None
    who = _("the token") if serial is None else _("the token {serial}").format(serial=serial)
    while True:
        found = ports.boards() if serial is not None else []
        for each in (port, *(at.device for at in found if at.device not in (port, *known))):
            try:
                identity = _hello(each)
            except Fault as error:
                fault = error
                continue
            if identity is not None and serial in (None, identity.serial):
                return Started(each, identity)
        if time.monotonic() >= end:
            if fault is not None:
                raise fault
            raise NoToken(
                _(
                    "everything is written and verified, but {who} does not answer: press EN "
                    "on the board, then run tokenctl {where} status"
                ).format(where=_where(port, serial), who=who)
            )
        time.sleep(_PAUSE)


def _where(port: str, serial: str | None) -> str:
    """Return the option by which the token is found: a port that has gone gets another name."""
    there = "://" in port or os.path.exists(port)
    if there or serial is None or any(each.device == port for each in ports.serial_ports()):
        return f"--port {port}"
    return f"--serial {serial}"


def _hello(port: str) -> Identity | None:
    """Return the identity of the token at this port, if one answers; raise Fault if it says so."""
    try:
        with Token.open(port) as token:
            return token.identity
    except Fault:
        raise
    except (TokenctlError, WireError):  # the port may vanish and come back at a reset
        return None
