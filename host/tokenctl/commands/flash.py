"""tokenctl flash: from a blank board to a token, and a token's update."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otpcore.version import VERSION
from tokenctl import ports
from tokenctl.errors import BadPayload, NoToken, WrongBoard
from tokenctl.output import Output
from tokenctl.payload import firmware_folder
from tokenctl.session import Session, global_options, is_interactive

if TYPE_CHECKING:
    from tokenctl.flashing.chips import Chip
    from tokenctl.flashing.plan import Region

_CONFIRMATION = "erase"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Make a token of a blank board, or update one.")
@click.option("--micropython", metavar="FILE", type=_FILE, help="MicroPython's .bin for the board.")
@click.option("--board", metavar="FILE", type=_FILE, help="The definition of your wiring (JSON).")
@click.option("--dry-run", is_flag=True, help="Only say what would be written where.")
@click.option("--erase", is_flag=True, help="Erase the vault's place, too, with all accounts.")
@click.option("--development", is_flag=True, help="Open for developers: not for real accounts.")
@click.option("--unpinned", is_flag=True, help="Take an image that is not the released one.")
@global_options
@click.pass_obj
def flash(
    session: Session,
    micropython: Path | None,
    board: Path | None,
    dry_run: bool,
    erase: bool,
    development: bool,
    unpinned: bool,
) -> None:
    """Make a token of a blank board, or bring a token up to date.

    Partition table, MicroPython and the firmware are written and verified; what is
    there already is left alone. The accounts of a token stay. When it is interrupted,
    run the same command again. It needs nothing on the board but its loader.

    With --development the firmware is its sources, and Ctrl-C ends it in the REPL, for
    mpremote and make deploy; the same command without it puts a release build back.
    """
    # Here, not above: esptool takes long to load, and no other command needs it.
    from tokenctl.flashing import flasher, plan
    from tokenctl.flashing.loader import Board

    events = _Events(session.output)
    port = session.port or choose_port(session.output)
    with Board(port) as found:
        if session.serial is not None and session.serial.upper() != found.mac:
            raise NoToken(f"the board at {port} has the serial number {found.mac}")
        events.report(
            {
                "event": "board",
                "port": port,
                "chip": found.chip.name,
                "serial": found.mac,
                "flash": found.flash_size,
            }
        )
        regions = _regions(found.chip, micropython, board, development, unpinned, events.report)
        place = plan.vault_place(found)
        events.report({"event": "vault", "place": place, "erase": erase})
        if dry_run:
            _tell(regions, events.report)
            return
        flasher.check_vault(place, erase)
        if erase:
            _confirm(session.output, found.mac)
        found.fast()
        with events.bar():
            flasher.write(found, regions, erase, events.report)
        found.reset()
        resets = found.has_reset_line
    if not resets:
        events.report({"event": "done", "firmware": VERSION, "token": None})
        return
    events.report({"event": "start"})
    token = flasher.wait_for_hello(port)
    events.report({"event": "done", "firmware": token.firmware, "token": token.serial})


def _regions(
    chip: "Chip",
    micropython: Path | None,
    board: Path | None,
    development: bool,
    unpinned: bool,
    report: Callable[[dict[str, Any]], None],
) -> tuple["Region", ...]:
    """Return what is to be written to a board with this chip."""
    from tokenctl.flashing import app_image, micropython_image, plan, releases

    if micropython is None:
        raise BadPayload(
            f"MicroPython is not in this package: fetch {releases.preferred(chip).url} and give "
            "it with --micropython"
        )
    data = read_file(micropython)
    image = micropython_image.split(data, chip)
    pinned = None if unpinned else releases.check_pin(data, chip, image.version)
    report(
        {
            "event": "micropython",
            "version": image.version,
            "sha256": releases.sha256(data),
            "pinned": pinned is not None,
        }
    )
    definition = None if board is None else read_file(board)
    build = app_image.build
    if development:
        report({"event": "development"})
        build = app_image.build_development
    return plan.regions(image, build(firmware_folder(), chip, definition))


def read_file(path: Path) -> bytes:
    """Return what a file holds; raise BadPayload."""
    try:
        return path.read_bytes()
    except OSError:
        raise BadPayload(f"the file {path} cannot be read") from None


def _tell(regions: tuple["Region", ...], report: Callable[[dict[str, Any]], None]) -> None:
    for each in regions:
        place = {"name": each.name, "offset": each.offset, "size": len(each.data)}
        report({"event": "would_write"} | place)


def choose_port(output: Output) -> str:
    """Return the port of the only board there is, or the one that somebody chooses."""
    found = ports.boards()
    if len(found) > 1 and is_interactive():
        for number, each in enumerate(found, 1):
            output.note(f"{number}  {ports.named(each)}")
        chosen = click.prompt("Which board", type=click.IntRange(1, len(found)), err=True)
        return found[chosen - 1].device
    return ports.only(found).device


def _confirm(output: Output, serial: str) -> None:
    """Have the loss of the vault's place typed; a pipe can do it, too."""
    output.warn(f"all that the board {serial} holds in the vault's place will be erased for good")
    click.echo(f"Type {_CONFIRMATION} to go on: ", err=True, nl=False)
    if sys.stdin.readline().strip() != _CONFIRMATION:
        raise WrongBoard("nothing was written, because nobody confirmed that it may be erased")


class _Events:
    """Shows what happens: as JSON, one object a line, or as words and a bar."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._bar: Callable[[str, int], None] = lambda name, percent: None
        self._last: tuple[str, int] | None = None

    @contextmanager
    def bar(self) -> Iterator[None]:
        """Show progress as a bar, where there is a terminal."""
        with self._output.percentages() as self._bar:
            yield

    def report(self, event: dict[str, Any]) -> None:
        """Show an event."""
        if event["event"] == "progress":
            here = (event["name"], event["percent"])
            if here == self._last:
                return
            self._last = here
        if self._output.as_json:
            self._output.event(event)
        elif event["event"] == "progress":
            self._bar(event["name"], event["percent"])
        elif event["event"] == "done":
            _done(self._output, event)
        else:
            text = _WORDS[event["event"]](event)
            if text:
                self._output.note(text)


def _place(event: dict[str, Any]) -> str:
    return f"{event['name']}, {event['size']} bytes at {event['offset']:#x}"


def _micropython(event: dict[str, Any]) -> str:
    if event["pinned"]:
        return f"MicroPython {event['version']}, the released image."
    return (
        f"MicroPython {event['version']}, whole by its own hash; nobody vouches for where it is "
        f"from. SHA-256 {event['sha256']}"
    )


_VAULT = {
    "ours": "The vault is left as it is.",
    "blank": "The vault's place is blank.",
    "foreign": "The vault's place holds something that is not ours.",
}

_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "board": lambda event: (
        f"{event['chip']} {event['serial']} with {event['flash'] // 1024 // 1024} MB of flash "
        f"at {event['port']}."
    ),
    "micropython": _micropython,
    "development": lambda event: (
        "A development build: its REPL is open, and whoever has the cable reads everything. "
        "It is not for real accounts."
    ),
    "vault": lambda event: (
        "The vault's place is to be erased." if event["erase"] else _VAULT[event["place"]]
    ),
    "would_write": lambda event: f"Would write: {_place(event)}.",
    "erase": lambda event: f"Erasing: {_place(event)}.",
    "present": lambda event: f"Already there: {_place(event)}.",
    "write": lambda event: f"Writing: {_place(event)}.",
    "verified": lambda event: f"Verified: {event['size']} bytes.",
    "start": lambda event: "Starting the token, which takes up to a minute the first time …",
}


def _done(output: Output, event: dict[str, Any]) -> None:
    if event["token"] is None:
        output.line(f"Flashed: firmware {event['firmware']}.")
        output.note("This port has no reset line: press EN on the board, then: tokenctl sync")
        return
    output.line(f"Flashed: token {event['token']}, firmware {event['firmware']}.")
    output.note("Next: tokenctl sync sets its clock, tokenctl provision puts an account on it.")
