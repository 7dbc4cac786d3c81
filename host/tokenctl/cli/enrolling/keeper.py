"""provision --keep: a copy of what is being enrolled, in a file under a passphrase."""

import sys
from collections.abc import Sequence
from pathlib import Path

from otpcore.account import Account
from tokenctl.cli.dialog import tell
from tokenctl.cli.enrolling.export_password import TRIES, first_line
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.masked_input import read_masked
from tokenctl.cli.output import Output
from tokenctl.enrol.apps.faults import WrongPassword
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.keeping import Kept, KeptFile
from tokenctl.enrol.provisioning import Step
from tokenctl.errors import Interrupted, KeepingFailed, Quit, SourceError
from tokenctl.language import _, plural

SHORT = 12  # characters: shorter ones are searched for in the file at some cost, and found


class Keeper:
    """Keeps accounts in the file that --keep names; without --keep it does nothing."""

    def __init__(self, options: Options, output: Output) -> None:
        """Open the file; at a terminal, its passphrase is asked for."""
        self._output = output
        self._file: KeptFile | None = None
        self._wanted: dict[int, Kept] = {}
        if options.keep is not None:
            self._file = _opened(Path(options.keep), options, output)

    def check(self, enrolments: Sequence[Enrolment], steps: Sequence[Step]) -> None:
        """Refuse what the file cannot hold, before anything is written."""
        if self._file is None:
            return
        replaced = {
            id(step.enrolment.account): step.replaces.key_check_value
            for step in steps
            if step.replaces is not None
        }
        for each in enrolments:
            account = each.account
            self._wanted[id(account)] = Kept(account, replaced.get(id(account)))
        self._file.check(list(self._wanted.values()))

    def keep(self, accounts: Sequence[Account]) -> None:
        """Add to the file what a token has acknowledged, and explain what that means."""
        if self._file is None or not accounts:
            return
        try:
            added = self._file.keep([self._wanted[id(each)] for each in accounts])
        except (KeepingFailed, SourceError) as error:
            raise KeepingFailed(
                _("the accounts are on the token, but {error}; run the same command again").format(
                    error=error
                )
            ) from None
        except KeyboardInterrupt:
            raise Interrupted(
                _(
                    "The accounts are on the token, but {path} may lack them; run the same command "
                    "again."
                ).format(path=self._file.path)
            ) from None
        self._output.note(
            plural(
                "Kept {added} account in {path}, which now holds {count}.",
                "Kept {added} accounts in {path}, which now holds {count}.",
                added,
            ).format(added=added, path=self._file.path, count=self._file.count)
        )
        self._output.note(
            _(
                "Whoever has this file and its passphrase has these accounts. Store the two "
                "apart from each other; Aegis on a phone opens it, and so does tokenctl provision."
            )
        )


def _opened(path: Path, options: Options, output: Output) -> KeptFile:
    exists = path.exists() and (not path.is_file() or path.stat().st_size > 0)
    if options.keep_password_file is not None:
        passphrase = first_line(options.keep_password_file)
        if not exists:
            _require_sound(passphrase)
        made = KeptFile(path, lambda: passphrase)
        if not exists and len(passphrase) < SHORT:
            output.warn(_too_short())
        return made
    if not options.at_terminal or "-" in options.source:
        raise SourceError(
            _(
                "the file for --keep needs a passphrase: run this at a terminal, or pass "
                "--keep-password-file"
            )
        )
    return _asked_once(path) if exists else KeptFile(path, lambda: _asked_twice(path, output))


def _asked_once(path: Path) -> KeptFile:
    """Open an existing file; a wrong passphrase may be typed again."""
    tries = TRIES
    while True:
        try:
            prompt = _("Passphrase of {path}: ").format(path=path)
            return KeptFile(path, lambda prompt=prompt: _typed(prompt))
        except WrongPassword as error:
            tries -= 1
            if not tries:
                raise
            tell(error.sentence)


def _asked_twice(path: Path, output: Output) -> str:
    tell(
        _("{path} will hold the secrets of these accounts, encrypted with a passphrase.").format(
            path=path
        )
    )
    while True:
        first = _typed(_("New passphrase: "))
        try:
            _require_sound(first)
        except SourceError as error:
            tell(error.sentence)
            continue
        if _typed(_("Once more: ")) != first:
            tell(_("The two entries do not match; type it twice again."))
            continue
        if len(first) < SHORT:
            output.warn(_too_short())
        return first


def _typed(prompt: str) -> str:
    try:
        return read_masked(prompt, sys.stdin, sys.stderr, clear="")
    except EOFError:
        raise Quit from None


def _require_sound(passphrase: str) -> None:
    """Raise SourceError for a passphrase that protects nothing, or that no keyboard types."""
    if not passphrase.strip():
        raise SourceError(_("the passphrase is empty"))
    if any(character < " " or character == "\x7f" for character in passphrase):
        raise SourceError(_("the passphrase contains a control character"))


def _too_short() -> str:
    return _(
        "the passphrase has fewer than {number} characters: whoever gets the file can find it "
        "by trying"
    ).format(number=SHORT)
