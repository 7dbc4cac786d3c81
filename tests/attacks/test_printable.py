"""No text from outside gets to a terminal as it is, and no module can forget it."""

import ast
import functools
import io
import json
import sys
from pathlib import Path

import pytest
from attacks.hostile_text import ALL, HOSTILE, obeyed
from rich.table import Table
from support import sources

from tokenctl.cli import terminal
from tokenctl.cli.console import SafeConsole
from tokenctl.cli.layout import Column
from tokenctl.errors import SourceError
from tokenctl.printable import as_json, printable

HOST = Path(__file__).parents[2] / "host" / "tokenctl"
GOOD = "Café Zürich ½ №1 日本語 Ελλάδα русский עברית عربي €10"

# Who may do what all others leave to tokenctl.cli.terminal, and why.
EXCEPTIONS = {
    "cli/terminal.py": {"echo", "write", "sys.stdout", "sys.stderr"},  # the place itself
    "cli/console.py": {"Console", "sys.stdout", "sys.stderr"},  # what rich draws
    "cli/output.py": {"Progress"},  # on a SafeConsole
    "cli/masked_input.py": {"prompt"},  # a printable one, and dots
    "cli/preview.py": {"Live"},  # greys, no text
    "cli/main.py": {"sys.stdout", "sys.stderr"},  # their encoding, and their end
    "cli/enrolling/manual.py": {"sys.stderr"},  # handed to show
    "cli/enrolling/app_password.py": {"sys.stderr"},
    "cli/enrolling/export_password.py": {"sys.stderr"},
    "cli/commands/harden.py": {"sys.stdout", "confirm"},  # a terminal?; harden_board.confirm
    "cli/harden_board.py": {"confirm"},  # its own
    "cli/chip_key.py": {"confirm"},
    "capture/clipboard_worker.py": {"sys.stdout", "write"},  # a pipe to our own process
    "boards/devices.py": {"Panel"},  # an OLED
    "cli/log.py": {"write"},  # --log-file; what goes to the terminal goes through say
    "pictures/worker.py": {"write"},
    "pictures/reader.py": {"write"},
    "cli/commands/backup.py": {"write"},  # the backup's file
    "cli/recovery_code_here.py": {"sys.stderr"},  # handed to show
    "cli/enrolling/keeper.py": {"sys.stderr"},  # handed to show
    "cli/enrolling/second_token.py": {"write"},  # provisioning.write, and its own
    "cli/enrolling/writing.py": {"write"},
    "device/backup_file.py": {"write"},
    "device/clones.py": {"write"},  # parts to a token
    "device/cloning.py": {"write"},
    "durable.py": {"write"},  # a file
    "device/link.py": {"write"},  # the token's port
    "device/transport.py": {"write"},
    "flashing/flasher.py": {"write"},
    "flashing/app_image.py": {"write"},
    "flashing/download.py": {"write"},
    "flashing/loader.py": {"print", "write"},  # esptool's words, which it swallows; the flash
    "cli/commands/flash.py": {"write"},  # flasher.write
    "cli/enrolling/adding.py": {"write"},  # Writer.write
    "enrol/provisioning.py": {"write"},
}
WRITERS = {"print", "echo", "secho", "prompt", "confirm", "pause", "style", "write", "writelines"}
DRAWERS = {"Console", "Table", "Progress", "Live", "Panel", "drawn", "from_markup"}


@functools.cache
def written_with(path: Path) -> set[str]:
    """Return by which means a module writes, as far as its source says."""
    found: set[str] = set()
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, ast.Call):
            target = node.func
            name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
            owner = ast.unparse(target.value) if isinstance(target, ast.Attribute) else ""
            if name == "print" and owner in ("self._err", "self._out", "console"):
                continue  # a SafeConsole's
            if name in WRITERS | DRAWERS:
                found.add(name)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"):
            found.add(ast.unparse(node))
        if isinstance(node, ast.FunctionDef) and node.name in WRITERS:
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= DRAWERS & {ast.unparse(each) for each in node.bases}
    return found


@pytest.mark.parametrize("path", sorted(HOST.rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_writes_to_the_terminal_by_itself(path):
    name = path.relative_to(HOST).as_posix()
    if name.startswith("release/"):  # builds bytes, and says nothing
        assert "click" not in path.read_text()
        return
    unexpected = written_with(path) - EXCEPTIONS.get(name, set())
    assert not unexpected, f"{name} writes with {unexpected}: use tokenctl.cli.terminal"


def test_every_exception_is_needed():
    for name, allowed in EXCEPTIONS.items():
        assert allowed <= written_with(HOST / name), name


@pytest.mark.parametrize("name", HOSTILE)
def test_each_kind_of_hostile_text(name):
    shown = printable(HOSTILE[name])
    assert not obeyed(shown.encode())
    assert "\n" not in shown
    assert obeyed(HOSTILE[name].encode("utf-8", "replace")) or name in ("markup", "surrogates")


def test_what_is_no_attack_stays_as_it_is():
    assert printable(GOOD) == GOOD
    assert json.loads(as_json(GOOD, unicode=True)) == GOOD
    assert GOOD in as_json(GOOD, unicode=True)


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_has_the_text_as_it_was_and_no_terminal_obeys_it(unicode, indent):
    value = [{name: text} for name, text in HOSTILE.items()] + [{ALL: GOOD}]
    text = as_json(value, unicode=unicode, indent=indent)
    assert json.loads(text) == value
    assert not obeyed(text.encode())


def test_every_character_that_there_is():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert not obeyed(printable(every).encode())
    assert not obeyed(as_json(every, unicode=True).encode())


def test_every_function_that_writes(capfdbinary):
    terminal.say(ALL)
    terminal.say(ALL, err=False, newline=False)
    terminal.lines([ALL, ALL])
    terminal.lines([ALL], err=True)
    terminal.json_value({ALL: ALL})
    terminal.json_value({ALL: ALL}, indent=2)
    terminal.warn(ALL)
    screen = io.StringIO()
    terminal.show(screen, ALL)
    terminal.show(screen, ALL, end="")
    for stderr in (True, False):
        terminal.table([Column(ALL, ("usual",))], [[ALL]], err=stderr)
        console = SafeConsole(stderr=stderr)
        console.print(ALL)
        table = Table(ALL, title=ALL)
        table.add_row(ALL)
        console.print(table)
    out, err = capfdbinary.readouterr()
    assert not obeyed(out + err + screen.getvalue().encode())
    assert b"\\x1b[31mred" in out and b"\\x1b[31mred" in err


def test_an_error_s_sentence_and_its_place():
    error = SourceError(f"{ALL} is wrong").at(f"in {ALL}")
    assert not obeyed(str(error).encode())
    assert "\n" not in error.sentence
