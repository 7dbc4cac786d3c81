"""tokenctl board: board definitions, checked before anything is soldered or flashed."""

from dataclasses import asdict
from pathlib import Path

import click

from tokenctl.boards import deep_sleep, rules
from tokenctl.boards.definition import Definition, load, parse
from tokenctl.cli.board_argument import BOARD
from tokenctl.cli.flash_board import read_file
from tokenctl.cli.global_options import global_options
from tokenctl.cli.session import Session
from tokenctl.language import _
from tokenctl.payload import definitions_folder


@click.group()
@global_options
def board() -> None:
    """Board definitions: which pins a token's parts are connected to, in JSON."""


@board.command(short_help="Check whether a wiring works, and what it costs.")
@click.argument("file", metavar="FILE|NAME", type=BOARD)
@global_options
@click.pass_obj
def check(session: Session, file: Path) -> None:
    """Check a board definition against the rules of its chip; no board is needed.

    FILE is a definition (JSON), NAME is one from tokenctl board list. Each finding
    names the key, the pin and the rule. Exit code 12 means that the definition is
    rejected, as tokenctl flash --board and tokensim run --board would reject it.
    """
    definition = parse(read_file(file))
    found = rules.check(definition)
    wake = deep_sleep.wake_of(definition)
    if session.json:
        known = {
            "name": definition.name,
            "chip": definition.chip,
            "sleep": deep_sleep.sleeps(definition),
        }
        by = None if wake is None else {"by": wake[0], "since": wake[1]}
        session.output.data(known | {"wake": by, "findings": [asdict(each) for each in found]})
    else:
        for each in found:
            word = _("Rejected") if each.refused else _("Warning")
            session.output.line(f"{word}  {each}.")
    rules.refuse(definition)
    if not session.json:
        session.output.line(
            _("The definition can be used: {name}. {sleep}").format(
                name=definition.name, sleep=_sleep(definition)
            )
        )


def _sleep(definition: Definition) -> str:
    wake = deep_sleep.wake_of(definition)
    if wake is None or not deep_sleep.sleeps(definition):
        return _("The token stays awake.")
    return _(
        "The token can use deep sleep, and its button wakes it (wake_on_{pin}, "
        "MicroPython {version} and later)."
    ).format(pin=wake[0], version=wake[1])


@board.command("list", short_help="List the definitions that come with tokenctl.")
@global_options
@click.pass_obj
def list_boards(session: Session) -> None:
    """List the definitions that come with tokenctl; --board also takes their names."""
    known = [load(path) for path in sorted(definitions_folder().glob("*.json"))]
    rows = [
        {"name": each.name, "chip": each.chip, "title": each.whole.get("title", "")}
        for each in known
    ]
    if session.json:
        session.output.data(rows)
        return
    for row in rows:
        session.output.line(f"{row['name']:<20} {row['chip']:<8} {row['title']}")
