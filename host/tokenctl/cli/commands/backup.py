"""tokenctl backup: all accounts in a file that only a token opens."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otpcore.errors import Cancelled, NotPressed, Refused, VaultDamaged, WireError
from tokenctl.cli import backup_argument, backup_state
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.device import backup_file
from tokenctl.device.backup_file import BackupFile, NewFile
from tokenctl.errors import LinkError, TokenctlError, VerificationFailed
from tokenctl.language import _, marked, plural

if TYPE_CHECKING:
    from tokenctl.device.backups import Making
    from tokenctl.device.token import Token

_FILE = click.Path(dir_okay=False, path_type=Path)
_OPENED = (
    ("same", marked("{count} the same on the token")),
    ("other", marked("{count} with another secret there")),
    ("gone", marked("{count} no longer there")),
    ("damaged", marked("{count} already damaged when it was made")),
)


@dataclass(frozen=True)
class _Options:
    """What the command line of `backup` says."""

    file: Path | None
    force: bool
    new_code: bool
    verify: bool
    full: bool
    enter_code: bool
    off: bool

    def check(self) -> None:
        """Raise UsageError for options that do not go together."""
        given = [name for name, value in vars(self).items() if value]
        if self.off and given != ["off"]:
            raise click.UsageError(_("use --off alone, without a file or another option"))
        if not self.off and self.file is None:
            raise click.UsageError(_("enter the name of the backup file"))
        if self.verify and (self.force or self.new_code):
            text = _("leave out --force and --new-code: --verify writes nothing")
            raise click.UsageError(text)
        if (self.full and not self.verify) or (self.enter_code and not self.full):
            text = _("the option --full needs --verify, and --enter-code needs --full")
            raise click.UsageError(text)

    @property
    def path(self) -> Path:
        """The file, which check() has found to be there."""
        assert self.file is not None  # noqa: S101
        return self.file


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--new-code", is_flag=True, help="Have the token draw a new recovery code.")
@click.option("--verify", is_flag=True, help="Check FILE instead, without the recovery code.")
@click.option("--full", is_flag=True, help="With --verify: open every record on the token.")
@click.option(
    "--enter-code", is_flag=True, help="With --full: ask for the code, to check your paper too."
)
@click.option("--off", is_flag=True, help="Switch backups off, until the token is wiped.")
@global_options
@click.pass_obj
def backup(session: Session, **values: Any) -> None:
    """Save all accounts and settings in FILE, encrypted, for this token or another one.

    The token asks you to hold its button for 3 seconds and to enter its PIN. The first time, it
    shows a recovery code on its own screen, 10 groups of 5 digits: write it down. Whoever has
    FILE and the code has every secret, app passwords included; either alone is useless. Later
    backups use the same code. This computer sees none of it in the clear.
    """
    options = _Options(**values)
    options.check()
    if options.off:
        _switch_off(session)
    elif options.verify:
        _verify(session, backup_argument.read(options.path), options)
    else:
        _make(session, options)


def _make(session: Session, options: _Options) -> None:
    output, path = session.output, options.path
    with NewFile(path, options.force) as file:
        session.outcome = _("No backup was written.")
        with session.token() as token:
            making, own = _begun(session, token, options.new_code), token.identity.serial
            arriving = backup_file.Arriving(making.account_count)
            with output.progress(making.account_count, _("Reading")) as progress:
                for part in making.parts:
                    file.write(part)
                    progress(arriving.add(part))
            unreadable = _unreadable(token)
        data = bytes(arriving.data)
        made = backup_file.parse(data)
        if (made.serial, made.count) != (own, making.account_count):
            raise LinkError(_("the token's backup is not of its own accounts"))
        try:
            file.keep()
        finally:  # also if that is interrupted
            if file.is_kept:
                session.outcome = _outcome(made.count, path)
    if unreadable:
        warning = plural(
            "{count} record in the vault cannot be read: if it is an account's, that account is "
            "not in the backup",
            "{count} records in the vault cannot be read: the accounts among them are not in the "
            "backup",
            unreadable,
        )
        output.warn(warning.format(count=unreadable))
    if session.json:
        output.data({"file": str(path), "bytes": len(data), **backup_state.describe_file(made)})
        return
    output.note(session.outcome)
    output.note(_("Keep the file and the paper with the recovery code in different places."))


def _outcome(count: int, path: Path) -> str:
    text = plural(
        "{count} account is in '{file}', encrypted.",
        "{count} accounts are in '{file}', encrypted.",
        count,
    )
    return text.format(count=count, file=path)


def _begun(session: Session, token: "Token", new_code: bool) -> "Making":
    """Begin a backup; a code that nobody has repeated to the token is not in force."""
    try:
        return token.backups.make(new_code)
    except (Cancelled, NotPressed, Refused):
        if session.has_shown_code:
            session.outcome = _(
                "No backup was written. The recovery code that the token has shown is not valid: "
                "throw your note of it away."
            )
        raise


def _unreadable(token: "Token") -> int:
    """Return how many records of its vault the token could not read, 0 if it is gone already."""
    with suppress(WireError, TokenctlError):
        return token.status().damaged_count
    return 0


def _switch_off(session: Session) -> None:
    with session.token() as token:
        token.backups.forbid()
    if session.json:
        session.output.data({"allowed": False})
    else:
        session.output.note(_("Backups of this token are switched off; only a wipe undoes that."))


def _verify(session: Session, file: BackupFile, options: _Options) -> None:
    output = session.output
    session.outcome = _("Nothing was changed.")
    with session.token() as token:
        own = token.identity.serial
        last = _is_last(token, file, options.full)
        counts = None
        if options.full:
            with output.progress(file.count, _("Checking")) as progress:
                counts = token.backups.open(
                    file, "drill", ask_code=options.enter_code, progress=progress
                )
    if session.json:
        output.data(backup_state.describe_file(file) | {"last": last} | (counts or {}))
    else:
        _tell_verified(output, file, last, counts)
    if counts is None and file.serial != own:
        raise VerificationFailed(
            _("this backup is of another token, {serial}; --full compares it with this one").format(
                serial=file.serial
            )
        )
    if counts is None and not last:
        raise VerificationFailed(
            _(
                "this is not the last backup of this token, or it has been changed since; --full "
                "says more"
            )
        )
    if counts is not None and (counts.get("other") or counts.get("damaged")):
        raise VerificationFailed(_("the backup and the token differ"))


def _is_last(token: "Token", file: BackupFile, full: bool) -> bool | None:
    """Return whether a file is the token's last backup; None if it cannot read which that was.

    Only a `full` check can do without: else VaultDamaged is raised.
    """
    try:
        return token.backups.is_last(file) and file.serial == token.identity.serial
    except VaultDamaged:
        if not full:
            raise
        return None


def _tell_verified(
    output: Output, file: BackupFile, last: bool | None, counts: dict[str, int] | None
) -> None:
    if last:
        text = _("This is the last backup of the token {serial}, unchanged: {what}.")
        output.line(
            text.format(serial=file.serial, what=backup_state.summary(file.created, file.count))
        )
    if counts is None:
        return
    said = [_(text).format(count=counts[name]) for name, text in _OPENED if counts.get(name)]
    output.line(_("Opened. Accounts: {what}.").format(what=", ".join(said) or _("none")))
