"""tokenctl flash: turns a blank board into a token, or updates one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otpcore.version import VERSION
from tokenctl.cli import flash_questions
from tokenctl.cli.flash_board import check_wiring, choose_port, is_named, meet, released
from tokenctl.cli.flash_events import WORDS, Events, Words, place
from tokenctl.cli.global_options import global_options
from tokenctl.cli.image_options import image_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, is_same_port
from tokenctl.device import ports, refusals
from tokenctl.errors import WrongBoard
from tokenctl.language import _, marked

if TYPE_CHECKING:
    from tokenctl.flashing.loader import Board
    from tokenctl.flashing.micropython_source import Choice
    from tokenctl.flashing.plan import Region


@click.command()
@image_options
@click.option(
    "--dry-run", is_flag=True, help="Show what would be written, and where; write nothing."
)
@click.option("--erase", is_flag=True, help="Also erase the vault partition, with all accounts.")
@click.option("--downgrade", is_flag=True, help="Allow a firmware older than the one on the board.")
@click.option("--yes", is_flag=True, help="Overwrite other firmware on the board without asking.")
@click.option(
    "--development", is_flag=True, help="Install a development build: not for real accounts."
)
@global_options
@click.pass_obj
def flash(
    session: Session,
    choice: "Choice",
    board: Path | None,
    dry_run: bool,
    erase: bool,
    downgrade: bool,
    yes: bool,
    development: bool,
) -> None:
    """Turn a blank board into a token, or update a token.

    Partition table, MicroPython and firmware are written and verified; what is already
    up to date is left alone. A token keeps its accounts. If interrupted, run the same
    command again. The board needs nothing but its ROM loader. If it has other firmware, you
    are asked first, unless --port or --serial names it.

    Without --micropython, the image comes from the cache, or is first downloaded into it
    over HTTPS; after that no network is needed. --dry-run downloads it, too.

    With --development, Ctrl-C stops the firmware and opens the REPL, for mpremote and make
    deploy; the same command without --development restores a release build.
    """
    # Here, not above: esptool takes long to load, and no other command needs it.
    from tokenctl.flashing import firmware_files, flasher, occupant, plan
    from tokenctl.flashing.loader import Board

    check_wiring(board, session.output)
    events = Events(session.output, _WORDS)
    port = choose_port(session)
    known = [each.device for each in ports.boards() if not is_same_port(each.device, port)]
    with Board(port) as found:
        meet(found, session, events.report)
        with events.bar():
            regions = released(found, choice, board, events.report, development)
        found.wake()
        vault, elsewhere = plan.vault_place(found), plan.vaults_elsewhere(found)
        events.report({"event": "vault", "place": vault, "erase": erase})
        version = firmware_files.version(found.read_firmware)
        events.report({"event": "firmware", "board": version, "package": VERSION})
        stranger = None if version is not None else occupant.occupant(found, vault)
        if stranger is not None:
            events.report({"event": "other_firmware", "name": stranger.name})
        other = None if board is not None else _other_wiring(found)
        if dry_run:
            if other is not None:
                session.output.warn(str(other))
            _tell(regions, events.report)
            return
        flasher.check_vault(vault, erase, elsewhere)
        flasher.check_version(version, VERSION, downgrade)
        if other is not None:
            raise other.followed_by(_("Nothing was written."))
        if erase:
            flash_questions.erase(session.output, found.mac)
        elif stranger is not None and not (yes or is_named(session)):
            flash_questions.overwrite(found.mac)
            found.wake()
        found.fast()
        with events.bar():
            flasher.write(found, regions, erase, events.report, elsewhere)
        found.reset()
    done = {"event": "done", "firmware": VERSION, "token": None}
    if found.has_reset_line:
        events.report({"event": "start"})
        started = flasher.wait_for_hello(port, found.mac, known)
        if started.port != port:
            events.report({"event": "renamed", "port": started.port})
        if started.identity.fault is not None:
            raise refusals.refusal("fault", started.identity.fault)
        done |= {"firmware": started.identity.firmware, "token": started.identity.serial}
    _done(session.output, done)


def _other_wiring(found: "Board") -> WrongBoard | None:
    """Return what is wrong with the default wiring for a board, judging by its firmware."""
    from tokenctl.flashing import wiring

    try:
        wiring.check_default(found)
    except WrongBoard as error:
        return error
    return None


def _tell(regions: tuple["Region", ...], report: Callable[[dict[str, Any]], None]) -> None:
    for each in regions:
        report(
            {
                "event": "would_write",
                "name": each.name,
                "offset": each.offset,
                "size": len(each.data),
            }
        )


def _firmware(event: dict[str, Any]) -> str:
    from tokenctl.flashing.firmware_files import is_older

    board, package = event["board"], event["package"]
    if board is None:
        return _("The board has no tokenctl firmware; installing {package}.").format(
            package=package
        )
    if board == package:
        return _("The board already has firmware {board}, the version in this package.").format(
            board=board
        )
    if is_older(package, board):
        return _(
            "The board has firmware {board}; {package} is older and needs --downgrade."
        ).format(board=board, package=package)
    return _("The board has firmware {board}; installing {package}.").format(
        board=board, package=package
    )


_VAULT = {
    "ours": marked("The vault is left unchanged."),
    "blank": marked("The vault partition is blank."),
    "foreign": marked("The vault partition holds foreign data."),
}


def _other_firmware(event: dict[str, Any]) -> str:
    if event["name"]:
        return _("The board has other firmware, {name}, which will be overwritten.").format(
            name=event["name"]
        )
    return _("The board has other firmware, which will be overwritten.")


_WORDS: Words = WORDS | {
    "other_firmware": _other_firmware,
    "development": lambda event: _(
        "A development build: its REPL is open, and anyone with the cable can "
        "read everything. It is not for real accounts."
    ),
    "firmware": _firmware,
    "vault": lambda event: (
        _("The vault partition will be erased.") if event["erase"] else _(_VAULT[event["place"]])
    ),
    "would_write": lambda event: _("Would write: {place}.").format(place=place(event)),
    "erase": lambda event: _("Erasing: {place}.").format(place=place(event)),
    "present": lambda event: _("Already there: {place}.").format(place=place(event)),
    "write": lambda event: _("Writing: {place}.").format(place=place(event)),
    "verified": lambda event: _("Verified: {size} bytes.").format(size=event["size"]),
    "renamed": lambda event: _("The token is now at {port}.").format(port=event["port"]),
    "start": lambda event: _("Starting the token; the first start takes up to a minute …"),
}


def _done(output: Output, event: dict[str, Any]) -> None:
    if output.as_json:
        output.event(event)
        return
    if event["token"] is None:
        output.line(_("Flashed: firmware {firmware}.").format(firmware=event["firmware"]))
        output.note(
            _("This port has no reset line: press EN on the board, then run tokenctl sync.")
        )
        return
    output.line(
        _("Flashed: token {token}, firmware {firmware}.").format(
            firmware=event["firmware"], token=event["token"]
        )
    )
    output.note(_("Next: tokenctl sync sets its clock, tokenctl provision adds an account."))
