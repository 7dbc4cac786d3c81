"""Token's methods for backups. Secrets pass through here sealed, and are never opened.

with Token.open(port) as token:
    for part in token.backups.make():
        file.write(part)
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from otpcore.errors import WireError
from tokenctl.device.answer import understanding
from tokenctl.device.backup_file import BackupFile
from tokenctl.device.link import Link
from tokenctl.device.methods import COUNTS
from tokenctl.device.models import BackupState
from tokenctl.device.validators import number
from tokenctl.errors import LinkError, TokenctlError, VerificationFailed, refused
from tokenctl.language import _, marked

Purpose = Literal["merge", "replace", "drill"]
_SIZE_MAX = 1 << 20  # bytes of a backup


@dataclass(frozen=True)
class Making:
    """A backup in the making: how many accounts it holds, and its bytes in parts."""

    account_count: int
    parts: Iterator[bytes]


class Backups:
    """The backup methods of the token at the other end of a Link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def state(self) -> BackupState:
        """Return what the token knows about its backups; it must be unlocked."""
        return BackupState.of(self._link.request("backup.state"))

    def make(self, new_code: bool = False) -> Making:
        """Begin a backup: the token asks for a hold of its button and for the PIN.

        The first time, and with `new_code`, the token shows a recovery code.
        """
        begun = self._link.request("backup.make", {"new_code": new_code})
        return Making(begun["account_count"], parts(self._link, begun["transfer_id"]))

    def open(
        self,
        file: BackupFile,
        purpose: Purpose,
        *,
        code: str | None = None,
        ask_code: bool = False,
        progress: Callable[[int], None] = lambda done: None,
    ) -> dict[str, int]:
        """Restore a file or, for a drill, compare it; return how many accounts fared how.

        The token asks for the recovery code, unless it still has it and `ask_code` is false, or
        `code` is given. If anything goes wrong before the end, nothing has changed; at the end
        see finished().
        `progress` is called with the number of accounts sent so far.
        """
        parameters = {"header": _text(file.header), "purpose": purpose, "ask_code": ask_code}
        if code is not None:
            parameters["code"] = code
        transfer = {"transfer_id": self._link.request("backup.open", parameters)["transfer_id"]}
        try:
            for number_, (part, gone) in enumerate(file.parts()):
                self._link.request(
                    "transfer.write", transfer | {"part": number_, "data": _text(part)}
                )
                progress(gone)
        except (WireError, TokenctlError):
            with suppress(WireError, TokenctlError):
                self._link.request("transfer.cancel", transfer)
            raise
        if purpose == "drill":
            return counted(self._link.request("transfer.finish", transfer), file.count)
        return finished(self._link, transfer, file.count)

    def is_last(self, file: BackupFile) -> bool:
        """Return whether a file is, byte for byte, the last backup that the token made."""
        return self._link.request("backup.compare", {"identity": _text(file.identity)})["last"]

    def forbid(self) -> None:
        """Switch backups off until the token is wiped; takes a hold and the PIN."""
        self._link.request("backup.forbid")


_COUNT = number(0, 65535)
UNSURE = marked(
    "Either all the accounts are on the token now or nothing has changed: see tokenctl list, or "
    "run the same command again: no account is put there twice."
)
# Refusals that come also when a restore counts already.
_ALSO_LATER = ("failed", "locked", "vault_full", "already_done")


def parts(link: Link, transfer_id: str) -> Iterator[bytes]:
    """Yield what the token sends in a transfer, part by part; then it may let go of it."""
    part = size = 0
    more = True
    while more:
        answer = link.request("transfer.read", {"transfer_id": transfer_id, "part": part})
        with understanding():
            data = base64.b64decode(answer["data"], validate=True)
        part, size, more = part + 1, size + len(data), answer["more"]
        if size > _SIZE_MAX or (more and not data):
            raise LinkError(_("the token keeps sending a backup without end"))
        yield data
    with suppress(WireError, TokenctlError):
        link.request("transfer.cancel", {"transfer_id": transfer_id})


def finished(link: Link, transfer: dict[str, Any], count: int) -> dict[str, int]:
    """Have what was sent count; return how many of `count` accounts fared how.

    Raises WireError if nothing was changed, and TokenctlError where it may have been. The token
    then completes what counts already, or clears up.
    """
    try:
        answer = link.request("transfer.finish", transfer)
    except WireError as error:
        with suppress(WireError, TokenctlError):
            link.request("transfer.cancel", transfer)
        if error.code in _ALSO_LATER:
            raise refused(error).followed_by(_(UNSURE)) from None
        raise
    return counted(answer, count)


def counted(answer: dict[str, Any], count: int) -> dict[str, int]:
    """Return how many of `count` accounts fared how, of the answer to transfer.finish.

    Raises VerificationFailed where that does not account for each of them.
    """
    with understanding():
        counts = {name: _COUNT(answer[name]) for name in COUNTS if name in answer}
    told = sum(counts.values())
    if told != count:
        raise VerificationFailed(
            _(
                "the token accounted for {told} accounts, but {count} were sent; check them with "
                "tokenctl list"
            ).format(told=told, count=count)
        )
    return counts


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
