"""tokenctl flash: from a blank board to a token, and a token's update."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otpcore.version import VERSION
from tokenctl.cli import terminal
from tokenctl.cli.flash_board import check_wiring, choose_port, meet, released
from tokenctl.cli.flash_events import WORDS, Events, Words, place
from tokenctl.cli.image_options import image_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options
from tokenctl.device import ports
from tokenctl.errors import WrongBoard

if TYPE_CHECKING:
    from tokenctl.flashing.micropython_source import Choice
    from tokenctl.flashing.plan import Region

_CONFIRMATION = "erase"


@click.command()
@image_options
@click.option("--dry-run", is_flag=True, help="Only say what would be written where.")
@click.option("--erase", is_flag=True, help="Erase the vault's place, too, with all accounts.")
@click.option("--downgrade", is_flag=True, help="Write an older firmware than the board has.")
@click.option("--development", is_flag=True, help="Open for developers: not for real accounts.")
@global_options
@click.pass_obj
def flash(
    session: Session,
    choice: "Choice",
    board: Path | None,
    dry_run: bool,
    erase: bool,
    downgrade: bool,
    development: bool,
) -> None:
    """Make a token of a blank board, or bring a token up to date.

    Partition table, MicroPython and the firmware are written and verified; what is
    there already is left alone. The accounts of a token stay. When it is interrupted,
    run the same command again. It needs nothing on the board but its loader.

    Without --micropython the image comes from the cache, or else over HTTPS into the
    cache; from then on no network is needed. --dry-run fetches it, too.

    With --development Ctrl-C ends the firmware in the REPL, for mpremote and make deploy;
    the same command without it puts a release build back.
    """
    # Here, not above: esptool takes long to load, and no other command needs it.
    from tokenctl.flashing import firmware_files, flasher, plan
    from tokenctl.flashing.loader import Board

    check_wiring(board, session.output)
    events = Events(session.output, _WORDS)
    port = session.port or choose_port(session.output)
    known = [each.device for each in ports.boards()]
    with Board(port) as found:
        meet(found, session, events.report)
        with events.bar():
            regions = released(found.chip, choice, board, events.report, development)
        found.wake()
        vault = plan.vault_place(found)
        events.report({"event": "vault", "place": vault, "erase": erase})
        version = firmware_files.version(found.read_firmware)
        events.report({"event": "firmware", "board": version, "package": VERSION})
        if dry_run:
            _tell(regions, events.report)
            return
        flasher.check_vault(vault, erase)
        flasher.check_version(version, VERSION, downgrade)
        if erase:
            _confirm(session.output, found.mac)
        found.fast()
        with events.bar():
            flasher.write(found, regions, erase, events.report)
        found.reset()
    done = {"event": "done", "firmware": VERSION, "token": None}
    if found.has_reset_line:
        events.report({"event": "start"})
        started = flasher.wait_for_hello(port, found.mac, known)
        if started.port != port:
            events.report({"event": "renamed", "port": started.port})
        done |= {"firmware": started.identity.firmware, "token": started.identity.serial}
    _done(session.output, done)


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


def _confirm(output: Output, serial: str) -> None:
    """Have the loss of the vault's place typed; a pipe can do it, too."""
    output.warn(f"all that the board {serial} holds in the vault's place will be erased for good")
    terminal.say(f"Type {_CONFIRMATION} to go on: ", newline=False)
    if sys.stdin.readline().strip() != _CONFIRMATION:
        raise WrongBoard("nothing was written, because nobody confirmed that it may be erased")


def _firmware(event: dict[str, Any]) -> str:
    from tokenctl.flashing.firmware_files import is_older

    board, package = event["board"], event["package"]
    if board is None:
        return f"No firmware of ours is on the board; {package} goes there."
    if board == package:
        return f"The firmware on the board is {board}, as in this package."
    older = ", which is older and takes --downgrade" if is_older(package, board) else ""
    return f"The firmware on the board is {board}; {package} goes there{older}."


_VAULT = {
    "ours": "The vault is left as it is.",
    "blank": "The vault's place is blank.",
    "foreign": "The vault's place holds something that is not ours.",
}

_WORDS: Words = WORDS | {
    "development": lambda event: (
        "A development build: its REPL is open, and whoever has the cable reads everything. "
        "It is not for real accounts."
    ),
    "firmware": _firmware,
    "vault": lambda event: (
        "The vault's place is to be erased." if event["erase"] else _VAULT[event["place"]]
    ),
    "would_write": lambda event: f"Would write: {place(event)}.",
    "erase": lambda event: f"Erasing: {place(event)}.",
    "present": lambda event: f"Already there: {place(event)}.",
    "write": lambda event: f"Writing: {place(event)}.",
    "verified": lambda event: f"Verified: {event['size']} bytes.",
    "renamed": lambda event: f"The token is at {event['port']} now.",
    "start": lambda event: "Starting the token, which takes up to a minute the first time …",
}


def _done(output: Output, event: dict[str, Any]) -> None:
    if output.as_json:
        output.event(event)
        return
    if event["token"] is None:
        output.line(f"Flashed: firmware {event['firmware']}.")
        output.note("This port has no reset line: press EN on the board, then: tokenctl sync")
        return
    output.line(f"Flashed: token {event['token']}, firmware {event['firmware']}.")
    output.note("Next: tokenctl sync sets its clock, tokenctl provision puts an account on it.")
