"""tokenctl backup, restore: all accounts in a file that only a token opens."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from otpcore import recovery_code
from otpcore.errors import UnknownMethod
from tokenctl.cli import dialog, prompts
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options, is_interactive
from tokenctl.device import backup_file
from tokenctl.device.backup_file import BackupFile, NewFile
from tokenctl.device.backups import Purpose
from tokenctl.device.models import BackupState
from tokenctl.device.token import Token
from tokenctl.errors import SourceError, VerificationFailed
from tokenctl.language import _, marked, plural

_FILE = click.Path(dir_okay=False, path_type=Path)


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
def backup(
    session: Session,
    file: Path | None,
    force: bool,
    new_code: bool,
    verify: bool,
    full: bool,
    enter_code: bool,
    off: bool,
) -> None:
    """Save all accounts and settings in FILE, encrypted, for this token or another one.

    The token asks you to hold its button for 3 seconds and to enter its PIN. The first time, it
    shows a recovery code on its own screen, 10 groups of 5 digits: write it down. Whoever has
    FILE and the code has every secret, app passwords included; either alone is useless. Later
    backups use the same code. This computer sees none of it in the clear.
    """
    _check_options(file, force, new_code, verify, full, enter_code, off)
    if off:
        _switch_off(session)
    elif verify:
        _verify(session, backup_file.read(_given(file)), full, enter_code)
    else:
        _make(session, _given(file), force, new_code)


def _check_options(
    file: Path | None,
    force: bool,
    new_code: bool,
    verify: bool,
    full: bool,
    enter_code: bool,
    off: bool,
) -> None:
    """Raise UsageError for options that do not go together."""
    if off and (file is not None or force or new_code or verify or full or enter_code):
        raise click.UsageError(_("use --off alone, without a file or another option"))
    if not off and file is None:
        raise click.UsageError(_("enter the name of the backup file"))
    if verify and (force or new_code):
        raise click.UsageError(_("leave out --force and --new-code: --verify writes nothing"))
    if (full and not verify) or (enter_code and not full):
        raise click.UsageError(_("the option --full needs --verify, and --enter-code needs --full"))


def _given(file: Path | None) -> Path:
    assert file is not None  # noqa: S101 (_check_options has seen to it)
    return file


def _make(session: Session, path: Path, force: bool, new_code: bool) -> None:
    output = session.output
    with NewFile(path, force) as file:
        with session.token() as token:
            making = token.backups.make(new_code)
            data = b""
            with output.progress(making.account_count) as progress:
                for part in making.parts:
                    file.write(part)
                    data += part
                    progress(min(making.account_count, len(data) // 150))
        made = backup_file.parse(data)
        file.keep()
    if session.json:
        output.data({"file": str(path), "bytes": len(data), **_describe(made)})
        return
    text = plural(
        "{count} account is in '{file}', encrypted.",
        "{count} accounts are in '{file}', encrypted.",
        made.count,
    )
    output.note(text.format(count=made.count, file=path))
    output.note(_("Keep the file and the paper with the recovery code in different places."))


def _switch_off(session: Session) -> None:
    with session.token() as token:
        token.backups.forbid()
    if session.json:
        session.output.data({"allowed": False})
    else:
        session.output.note(_("Backups of this token are switched off; only a wipe undoes that."))


def _verify(session: Session, file: BackupFile, full: bool, enter_code: bool) -> None:
    output = session.output
    with session.token() as token:
        last = token.backups.is_last(file)
        counts = None
        if full:
            with output.progress(file.count) as progress:
                counts = token.backups.open(file, "drill", ask_code=enter_code, progress=progress)
    if session.json:
        output.data(_describe(file) | {"last": last} | (counts or {}))
    else:
        _tell_verified(output, file, last, counts)
    if counts is None and not last:
        raise VerificationFailed(
            _(
                "this is not the last backup of this token, or it has been changed since; --full "
                "says more"
            )
        )
    if counts is not None and (counts.get("other") or counts.get("damaged")):
        raise VerificationFailed(_("the backup and the token differ"))


def _tell_verified(
    output: Output, file: BackupFile, last: bool, counts: dict[str, int] | None
) -> None:
    if last:
        text = _("This is the last backup of the token {serial}, unchanged: {what}.")
        output.line(text.format(serial=file.serial, what=_summary(file.created, file.count)))
    if counts is None:
        return
    output.line(
        _(
            "Opened. Accounts that are the same on the token: {same}; with another secret "
            "there: {other}; no longer there: {gone}; already damaged when the backup was "
            "made: {damaged}."
        ).format(**{"same": 0, "other": 0, "gone": 0, "damaged": 0} | counts)
    )


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--replace",
    is_flag=True,
    help="Replace everything on the token; without this, the two are merged.",
)
@click.option(
    "--code-on-computer",
    is_flag=True,
    help="Type the recovery code here. This computer could then read every secret.",
)
@click.option(
    "--yes", is_flag=True, help="Skip the prompts on this computer; the token still asks."
)
@global_options
@click.pass_obj
def restore(session: Session, file: Path, replace: bool, code_on_computer: bool, yes: bool) -> None:
    """Put the accounts of a backup on this token, whichever token made it.

    The token asks for the recovery code, unless it made the backup itself, and shows the date,
    the serial number and the number of accounts before anything is changed. It skips an account
    that it already has, and asks about one with the same names but another secret. Either all
    of it is restored or none. HOTP accounts keep the higher counter and are marked, since the
    service may be ahead: hold the button for 3 seconds to skip 10 codes.
    """
    found = backup_file.read(file)
    output = session.output
    code = _code_here(output, yes, sys.stdin, sys.stderr) if code_on_computer else None
    purpose: Purpose = "replace" if replace else "merge"
    with session.token() as token, output.progress(found.count) as progress:
        counts = token.backups.open(found, purpose, code=code, progress=progress)
    if session.json:
        output.data(_describe(found) | counts)
        return
    _tell_restored(output, counts)


_RESTORED = (
    ("added", marked("{count} added")),
    ("replaced", marked("{count} replaced")),
    ("skipped", marked("{count} already on the token")),
    ("kept", marked("{count} left unchanged on the token")),
    ("damaged", marked("{count} not in the backup: damaged when it was made")),
)


def _tell_restored(output: Output, counts: dict[str, int]) -> None:
    said = [_(text).format(count=counts[name]) for name, text in _RESTORED if counts.get(name)]
    output.note(_("Restored: {what}.").format(what=", ".join(said) or _("nothing new")))
    output.note(_("If an old token still holds these accounts, wipe it."))


def _code_here(output: Output, yes: bool, keyboard: TextIO, screen: TextIO) -> str:
    """Return the recovery code that the user types, after a warning; raise SourceError."""
    output.warn(
        _(
            "with the recovery code and the file, this computer and whatever runs on it can "
            "read every secret in the backup; if you enter the code on the token, they cannot"
        )
    )
    if is_interactive() and not yes and not dialog.says_yes(_("Type the code here anyway?")):
        raise SourceError(_("the recovery code was not typed, and nothing was changed"))
    try:
        if is_interactive():
            typed = prompts.answer(_("Recovery code: "), keyboard, screen)
        else:
            typed = prompts.line(keyboard)
    except EOFError:
        raise SourceError(_("there is no recovery code in the input")) from None
    try:
        return recovery_code.read(typed)
    except recovery_code.WrongGroup as error:
        text = _("group {number} of the recovery code is wrong: its check digit does not match")
        raise SourceError(text.format(number=error.args[0] + 1)) from None
    except ValueError:
        raise SourceError(_("a recovery code has 10 groups of 5 digits")) from None


def describe_state(state: BackupState) -> str:
    """Return what `status` says about a token's backups."""
    if not state.allowed:
        return _("switched off, until the token is wiped")
    if state.made_at is None:
        return _("none: tokenctl backup FILE makes one")
    parts = [_summary(state.made_at, state.account_count)]
    if state.changed_count:
        parts.append(
            plural(
                "{count} new or changed since", "{count} new or changed since", state.changed_count
            ).format(count=state.changed_count)
        )
    if state.drilled_at:
        parts.append(_("checked {date}").format(date=date(state.drilled_at)))
    else:
        parts.append(_("never checked with backup --verify --full"))
    return "; ".join(parts)


def _summary(made_at: int, count: int) -> str:
    """Return when a backup was made, and how many accounts it holds."""
    text = plural("{date}, {count} account", "{date}, {count} accounts", count)
    return text.format(date=date(made_at), count=count)


def date(unix_time: int) -> str:
    """Return a time of the token (UTC) as text; 0 means that it did not know the time."""
    if not unix_time:
        return _("date not known")
    return datetime.fromtimestamp(unix_time, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _describe(file: BackupFile) -> dict[str, object]:
    return {"serial": file.serial, "account_count": file.count, "created_at": file.created}


def state_of(token: Token) -> BackupState | None:
    """Return what an open token knows about its backups; None for older firmware."""
    try:
        return token.backups.state()
    except UnknownMethod:
        return None
