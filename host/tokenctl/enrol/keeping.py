"""A file on the computer with a copy of what is enrolled, in Aegis' encrypted form.

The file is opened, or created in memory, before a token is contacted, so that a wrong passphrase,
a folder that cannot be written or an account that such a file cannot hold is found before
anything is done. It is written once, by an exchange: the file is the old or the new one
at any moment. What else an existing file holds (notes, icons, other passwords) stays in it.

This library prints nothing. No message holds a secret or a passphrase.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otpcore.account import Account
from tokenctl.enrol import files
from tokenctl.enrol.apps import aegis
from tokenctl.enrol.apps.aegis_entry import entry_of, no_place, secret_in
from tokenctl.enrol.apps.aegis_vault import VERSION, AegisVault
from tokenctl.enrol.apps.faults import Unreadable
from tokenctl.enrol.apps.file import BYTES_MAX, File, is_too_much
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.atomic_file import exchange, require_writable
from tokenctl.errors import BadEnrolment, SourceError
from tokenctl.language import _


@dataclass(frozen=True, repr=False)
class Kept:
    """An account to keep; `replaces` is the key check value that its names had on the token."""

    account: Account
    replaces: str | None = None


class KeptFile:
    """The file at `path`, which may not exist yet."""

    def __init__(self, path: Path, passphrase: Callable[[], str]) -> None:
        """Open the file with the passphrase, or begin a new one; `passphrase` is called once.

        Raises WrongPassword, Unreadable, SourceError for a file that is left as it is,
        MissingLibrary, KeepingFailed when none can be written there.
        """
        self.path = path.resolve()  # a link stays one, and what it names is exchanged
        self._data = self._read()
        require_writable(self.path)
        self._opening = Opening(passphrase)
        self._vault = self._opened(self._data)

    @property
    def count(self) -> int:
        """How many accounts the file holds, or will hold when it is written."""
        return len(self._vault.db["entries"])

    def check(self, wanted: Sequence[Kept]) -> None:
        """Raise BadEnrolment for the first that the file cannot hold, or holds differently."""
        for each in wanted:
            name = f"'{each.account.issuer}:{each.account.name}'"
            if (why := no_place(each.account)) is not None:
                raise BadEnrolment("type", f"{name}: {why}")
            if self._conflicts(each):
                raise BadEnrolment(
                    "name",
                    _(
                        "the file {path} already has {name}, with another secret: choose "
                        "another name with --issuer or --account, or another file"
                    ).format(path=self.path, name=name),
                )

    def keep(self, accounts: Sequence[Kept]) -> int:
        """Write the file with these accounts added; return how many of them are new in it.

        Raises KeepingFailed and leaves an existing file unchanged. What another program has added
        meanwhile is kept: the file is read again.
        """
        data = self._read()
        if data != self._data:
            self._vault = self._opened(data)
        added = sum(self._put(each) for each in accounts)
        if added or not data:
            self._data = self._vault.to_bytes()
            exchange(self.path, self._data)
        return added

    def _read(self) -> bytes:
        if not self.path.exists():
            return b""
        if not self.path.is_file():
            raise SourceError(_("{path} is not a file").format(path=self.path))
        return files.read(self.path, BYTES_MAX + 1)

    def _opened(self, data: bytes) -> AegisVault:
        if not data:
            return AegisVault.new(self._opening.ask())
        file = File(data)
        if is_too_much(data) or not aegis.claims(file) or not isinstance(file.json["db"], str):
            raise Unreadable(
                _(
                    "the file {path} is not an encrypted export of Aegis, and was left as it "
                    "is; name a file that does not exist yet"
                ).format(path=self.path)
            )
        try:
            if file.json["version"] != VERSION:
                raise Unreadable(_("its version is not known"))
            return AegisVault.opened(file.json, self._opening)
        except SourceError as error:
            raise error.at(_("the file {path}").format(path=self.path)) from None

    def _conflicts(self, wanted: Kept) -> bool:
        there = self._named(wanted.account)
        return bool(there) and not any(
            secret_in(each) == wanted.account.secret or _is_replaced(each, wanted) for each in there
        )

    def _named(self, account: Account) -> list[dict[str, Any]]:
        """Return the entries of the file that have this account's names."""
        return [
            each
            for each in self._vault.db["entries"]
            if isinstance(each, dict)
            and (each.get("issuer") or "", each.get("name") or "") == (account.issuer, account.name)
        ]

    def _put(self, wanted: Kept) -> bool:
        """Put one account into the vault; return whether that changed anything."""
        made = entry_of(wanted.account)
        there = self._named(wanted.account)
        if any(secret_in(each) == wanted.account.secret for each in there):
            return False
        for each in there:
            if _is_replaced(each, wanted):
                each |= {"type": made["type"], "info": made["info"]}
                return True
        self._vault.db["entries"].append(made)
        return True


def _is_replaced(entry: dict[str, Any], wanted: Kept) -> bool:
    """Return whether an entry is the account that was replaced on the token."""
    secret = secret_in(entry)
    if not secret or wanted.replaces is None:
        return False
    try:
        return Account("", "x", secret).key_check_value() == wanted.replaces
    except ValueError:
        return False
