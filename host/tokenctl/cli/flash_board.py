"""The board of flash, verify and harden: its port, which one it is, what belongs on it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenctl.boards import deep_sleep, rules
from tokenctl.boards.definition import parse
from tokenctl.cli.dialog import ask, tell
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, is_interactive
from tokenctl.device import board_ports, ports
from tokenctl.errors import BadPayload, NoToken
from tokenctl.language import _
from tokenctl.payload import board_definition, firmware_folder

if TYPE_CHECKING:
    from tokenctl.flashing.loader import Board
    from tokenctl.flashing.micropython_source import Choice
    from tokenctl.flashing.plan import Region

Report = Callable[[dict[str, Any]], None]


def choose_port(session: Session) -> str:
    """Return the port that the options name, of the only board, or of the one the user chooses."""
    if session.port is not None:
        return session.port
    found = ports.boards()
    if len(found) > 1 and session.serial is None and is_interactive():
        with session.output.working(_("Looking for tokens")):
            boards = board_ports.asked(found)
        for number, each in enumerate(boards, 1):
            session.output.note(f"{number}  {each.named}")
        return found[_chosen(len(found)) - 1].device
    return board_ports.only(found, session.serial).device


def is_named(session: Session) -> bool:
    """Return whether the options name the board, rather than it being the one that was found."""
    return session.port is not None or session.serial is not None


def _chosen(count: int) -> int:
    """Ask for a number from 1 to `count`."""
    while True:
        answer = ask(_("Which board? "))
        if answer in (str(number) for number in range(1, count + 1)):
            return int(answer)
        tell(_("Enter a number from 1 to {count}.").format(count=count))


def meet(board: "Board", session: Session, report: Report) -> None:
    """Report the board; raise NoToken if it is not the one that --serial names."""
    if session.serial is not None and session.serial.upper() != board.mac:
        raise NoToken(
            _("the board at {port} has the serial number {mac}").format(
                mac=board.mac, port=board.port
            )
        )
    report(
        {
            "event": "board",
            "port": board.port,
            "chip": board.chip.name,
            "serial": board.mac,
            "flash": board.flash_size,
        }
    )


def released(
    board: "Board",
    choice: "Choice",
    wiring: Path | None,
    report: Report,
    development: bool = False,
) -> tuple["Region", ...]:
    """Return what belongs on this board; flash writes it, verify compares with it.

    `wiring` is a file with the board's definition, None a development board's; with
    `development` the firmware is a build for developers, and no release. Raises BadPayload,
    DownloadFailed, WrongBoard; it may take as long as a download takes.
    """
    from tokenctl.flashing import app_image, image_fit, micropython_source, plan

    chip = board.chip
    definition = read_file(wiring or board_definition(chip.name))
    image = micropython_source.obtain(chip, choice, report).image
    image = image_fit.for_board(image, board)
    deep_sleep.refuse_micropython(parse(definition), image.version)
    build = app_image.build
    if development:
        report({"event": "development"})
        build = app_image.build_development
    return plan.regions(image, build(firmware_folder(), chip, definition))


def check_wiring(wiring: Path | None, output: Output) -> None:
    """Look at the file of --board, if there is one, by the rules of boards.rules.

    Says the warnings. Raises WrongBoard, BadPayload.
    """
    if wiring is not None:
        for each in rules.refuse(parse(read_file(wiring))):
            output.warn(str(each))


def read_file(path: Path) -> bytes:
    """Return the content of a file; raise BadPayload."""
    try:
        return path.read_bytes()
    except OSError:
        raise BadPayload(_("the file {path} cannot be read").format(path=path)) from None
