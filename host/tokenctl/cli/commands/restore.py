"""tokenctl restore: the accounts of a backup, on the token that made it or on another one."""

from pathlib import Path

import click

from tokenctl.cli import backup_argument, backup_state, recovery_code_here
from tokenctl.cli.commands.pin import offer_pin
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, is_interactive
from tokenctl.device.backups import Purpose
from tokenctl.language import _, marked

_RESTORED = (
    ("added", marked("{count} added")),
    ("replaced", marked("{count} replaced")),
    ("skipped", marked("{count} already on the token")),
    ("kept", marked("{count} left unchanged on the token")),
    ("damaged", marked("{count} not in the backup: damaged when it was made")),
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
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
    found = backup_argument.read(file)
    output = session.output
    code = recovery_code_here.ask(output, yes) if code_on_computer else None
    purpose: Purpose = "replace" if replace else "merge"
    with session.token() as token:
        with output.progress(found.count, _("Sending")) as progress:
            counts = token.backups.open(found, purpose, code=code, progress=progress)
        status = token.status()
        if session.json:
            output.data(backup_state.describe_file(found) | counts)
            return
        _tell_restored(output, counts)
        if status.unix_time is None:
            output.note(
                _("The token does not know the time yet and shows no codes; run tokenctl sync.")
            )
        if not status.has_pin:
            offer_pin(token, output, is_interactive() and not yes)


def _tell_restored(output: Output, counts: dict[str, int]) -> None:
    said = [_(text).format(count=counts[name]) for name, text in _RESTORED if counts.get(name)]
    output.note(_("Restored: {what}.").format(what=", ".join(said) or _("nothing new")))
    output.note(_("If an old token still holds these accounts, wipe it."))
