"""What the pages say must be so: README, docs/ and hardware/."""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from otpcore.version import VERSION
from tokenctl.cli import main as tokenctl
from tokenctl.cli.checks.finding import titles
from tokenctl.cli.examples import EXAMPLES
from tokenctl.cli.index import summaries
from tokenctl.enrol import apps
from tokenctl.enrol.not_otp import MICROSOFT
from tokenctl.exit_codes import EXIT_CODES
from tokenctl.payload import board_definition
from tokensim import cli as tokensim
from tokensim.play import script

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools import documents  # noqa: E402

README = (ROOT / "README.md").read_text()
DOCS = ROOT / "docs"


def pages_in(folder: Path) -> list[Path]:
    """Return the pages in a folder; what tools leave in hidden folders is none of ours."""
    found = sorted(folder.rglob("*.md"))
    return [path for path in found if not any(map(_hidden, path.relative_to(folder).parts))]


def _hidden(name: str) -> bool:
    return name.startswith(".")


PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *pages_in(DOCS),
    *pages_in(ROOT / "hardware"),
]
NO_FILE = re.compile("does not exist|There is no file|'[A-Z]+' is not one of")
LINK_TO_A_PART = re.compile(r"\]\(((?:[^)#:]+\.md)?)#([^)]+)\)")
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\|.+\n\|[-| ]+\|\n(?:\|.*\n)+", re.MULTILINE)
# What a phone 360 pixels wide shows of a page at GitHub: the text's width, that of a letter, and
# what a cell has around its text; and letters of a line of code.
PHONE, LETTER, CELL, CODE = 328, 8.2, 27, 36


def test_what_a_tool_leaves_in_a_hidden_folder_is_no_page(tmp_path):
    for name in ("page.md", "deeper/page.md", ".pytest_cache/README.md", "deeper/.venv/lib/a.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# A page\n")
    assert pages_in(tmp_path) == [tmp_path / "deeper" / "page.md", tmp_path / "page.md"]


@pytest.mark.parametrize("path", documents.PAGES, ids=lambda path: path.stem)
def test_the_tables_are_those_of_the_sources(path):
    page = path.read_text()
    assert documents.filled(page) == page, "make documents"


def test_every_exit_code_is_in_the_manual():
    manual = (DOCS / "manual.md").read_text().split("<!-- table: exit codes -->")[1]
    rows = re.findall(r"^\| (\d+) `(\w+)` \| (.+?) \|$", manual, re.MULTILINE)
    assert rows == [(str(code), each.name, each.meaning) for code, each in EXIT_CODES.items()]
    assert len({name for _, name, _ in rows}) == len(rows)


def commands(group, path="tokenctl"):
    """Yield each command and subcommand as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        yield f"{path} {name}"
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_every_command_is_in_the_manual():
    manual = (DOCS / "manual.md").read_text()
    assert [
        each for each in commands(tokenctl.cli) if not re.search(rf"{each}(?![\w-])", manual)
    ] == []


def test_every_check_of_the_doctor_is_in_the_manual():
    section = (DOCS / "manual.md").read_text().split("\n### What doctor looks at\n")[1]
    table = section.split("\n## ")[0].split("|---|---|\n")[1]
    names = {
        each for row in table.splitlines() for each in re.findall("`(.+?)`", row.split("|")[1])
    }
    assert names == set(titles())


def test_every_app_whose_export_is_read_is_in_the_manual():
    section = (DOCS / "manual.md").read_text().split("\n## Import from another app\n")[1]
    apps_there = section.split("\n## ")[0]
    named = re.findall(r"^- \*\*[^*]+\*\*[^(:]* \(`(.+?)`\)", apps_there, re.MULTILINE)
    assert sorted(named) == sorted(apps.NAMES)


def _commands(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each command of ours in a page's blocks, and, not whole, in its sentences."""
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            if re.match(r" *(tokenctl|tokensim) ", line):
                yield line.strip(), True
    for span in re.findall(r"`((?:tokenctl|tokensim) [^`]+)`", BLOCK.sub("", text)):
        yield span, False


def _parse(command: str) -> None:
    """Parse a command as its program does, and do nothing. Raises click.UsageError."""
    words = shlex.split(command.split(" < ")[0], comments=True)
    program: Any = {"tokenctl": tokenctl.cli, "tokensim": tokensim.cli}[words[0]]
    context = click.Context(program, info_name=words[0])
    words.pop(0)
    while words and words[0].startswith("--"):  # global options may stand in front
        del words[: 2 if words[0] in ("--port", "--serial", "--language") else 1]
    if not words:
        return
    name, words = words[0], words[1:]
    while isinstance(found := _found(program, context, name), click.Group):
        if not words:
            return
        program, name, words = found, words[0], words[1:]
    found.make_context(name, words, parent=context).close()


def _found(program: click.Group, context: click.Context, name: str) -> click.Command:
    found = program.get_command(context, name)
    if found is None:
        raise KeyError(name)
    return found


def _leaves(program: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(program)
    for name in program.list_commands(context):
        found = _found(program, context, name)
        if isinstance(found, click.Group):
            yield from _leaves(found, *path, name)
        else:
            yield (*path, name)


def test_every_command_has_examples_that_can_be_copied(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "board.json").write_text("{}")
    assert set(EXAMPLES) == set(_leaves(tokenctl.cli))
    for path, lines in EXAMPLES.items():
        for line in lines:
            command, _, goes_to = line.partition(" > " if " > " in line else " >> ")
            assert shlex.split(command)[1 : len(path) + 1] == list(path)
            assert goes_to == "" or path == ("completion",)
            _parse(command)


def test_the_help_of_all_names_each_command_once():
    context = click.Context(tokenctl.cli)
    assert list(summaries()) == tokenctl.cli.list_commands(context)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_ours_is_one(path, monkeypatch, tmp_path):
    """Its name and options are; a file, and what is in capitals, may be any."""
    monkeypatch.chdir(tmp_path)
    for command, whole in _commands(path.read_text()):
        try:
            _parse(command)
        except click.exceptions.Exit:
            pass  # --help
        except (click.MissingParameter, click.BadOptionUsage) as error:
            assert not whole and "No such option" not in error.message, command
        except (click.UsageError, KeyError) as error:
            assert NO_FILE.search(str(error)), (command, error)


def test_the_first_change_can_be_made():
    page = (DOCS / "first-change.md").read_text()
    line, _, story, *_ = BLOCK.findall(page)
    words = (ROOT / "firmware" / "tokenfw" / "ui" / "words" / "en.py").read_text()
    assert words.count(line.strip()) == 1, "the page quotes this line: keep both the same"
    assert script.parse(story).screenshots() == ["first"]


def test_the_pages_on_microsoft_365_are_the_same_in_both_languages():
    english = (DOCS / "microsoft-365.md").read_text()
    dutch = (DOCS / "nl" / "microsoft-365.md").read_text()
    for form in (r"^#+ ", r"^\d+\. ", r"^\| \*\*.+", r"^ *```$"):
        found = [len(re.findall(form, page, re.MULTILINE)) for page in (english, dutch)]
        if form != r"^\| \*\*.+":  # the sources differ
            assert found[0] == found[1], form
    assert _block_lines(english) == _block_lines(dutch)


def _block_lines(page: str) -> list[str]:
    return [line.strip() for block in BLOCK.findall(page) for line in block.splitlines()]


def test_what_tokenctl_says_of_microsofts_code_is_on_the_pages():
    for page, button in (
        ("microsoft-365.md", "I want to use a different authenticator app"),
        ("microsoft-365.md", "Set up a different authentication app"),
        ("nl/microsoft-365.md", "Ik wil een andere verificator-app gebruiken"),
    ):
        text = " ".join((DOCS / page).read_text().split())
        assert f"**{button}**" in text and button in MICROSOFT


def test_the_front_page_has_the_prices_of_the_lists_of_parts():
    for build in ("breadboard", "pocket", "minimal"):
        page = ROOT / "hardware" / "builds" / build / "parts.md"
        (price,) = re.findall(r"^Together (\d+ to \d+ euros)", page.read_text(), re.MULTILINE)
        (said,) = re.findall(rf"builds/{build}/README\.md\)[^-]+?(\d+ to \d+ euros)", README)
        assert said == price, build


def _narrowest(table: str) -> float:
    """Return how narrow a table can be, in pixels: the longest words of its columns, and frames."""
    rows = [re.sub(r"\]\([^)]*\)", "]", row).strip("|").split("|") for row in table.splitlines()]
    widths = [
        max(len(word.strip("[]*`")) for cell in column for word in [*cell.split(), ""])
        for column in zip(*rows[:1], *rows[2:], strict=True)
    ]
    return sum(LETTER * width + CELL for width in widths)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_fits_a_phone(path):
    """No table has to be moved sideways, and of the code only a command that is long itself."""
    page = path.read_text()
    for table in TABLE.findall(page):
        assert _narrowest(table) <= PHONE, table
    for line in "".join(BLOCK.findall(page)).splitlines():
        assert len(line.strip()) <= CODE or re.match(
            r" *(tokenctl|tokensim|make|pip|from) ", line
        ), line


def test_the_front_page_is_short():
    assert len(README.splitlines()) <= 120


def test_the_wiring_is_that_of_the_board_definition():
    board = json.loads((ROOT / "firmware" / "board.json").read_text())
    wiring = (ROOT / "hardware" / "README.md").read_text()
    rows = dict(re.findall(r"^\| (\S.*?) \| GPIO (\d+) \|", wiring, re.MULTILINE))
    assert rows == {
        "SCL of OLED and clock chip": str(board["i2c"]["scl"]),
        "SDA of OLED and clock chip": str(board["i2c"]["sda"]),
        "Button, to GND": str(board["button"]["pin"]),
        "Second button, to GND": str(board["second_button"]["pin"]),
    }


def test_the_wiring_of_the_other_chips_is_that_of_their_definitions():
    wiring = (ROOT / "hardware" / "README.md").read_text()
    rows = re.findall(
        r"^- ESP32-(\S+): SCL (\d+), SDA (\d+), button (\d+), second button (\d+)$",
        wiring,
        re.MULTILINE,
    )
    assert {f"esp32{name.lower()}": row for name, *row in rows} == {
        board["chip"]: [
            str(pin)
            for pin in (
                board["i2c"]["scl"],
                board["i2c"]["sda"],
                board["button"]["pin"],
                board["second_button"]["pin"],
            )
        ]
        for board in map(
            _load, sorted((ROOT / "hardware" / "boards").glob("esp32[sc]?-devkit.json"))
        )
    }


def _load(path):
    return json.loads(path.read_text())


# Pins that a board cannot spare, from Espressif's data sheets: what the chip looks at when it
# starts ("strapping pins"), its USB, its first serial port, and its flash, eight-line ones too.
TAKEN = {
    "esp32": {0, 2, 5, 12, 15, 1, 3, *range(6, 12), *range(34, 40)},
    "esp32s2": {0, 45, 46, 19, 20, 43, 44, *range(26, 33)},
    "esp32s3": {0, 3, 45, 46, 19, 20, 43, 44, *range(26, 38)},
    "esp32c3": {2, 8, 9, 18, 19, 20, 21, *range(11, 18)},
}
WAKES = {  # from deep sleep: the pins of the RTC's supply
    "esp32": {0, 2, 4, *range(12, 16), *range(25, 28), *range(32, 40)},
    "esp32s2": set(range(22)),
    "esp32s3": set(range(22)),
    "esp32c3": set(range(6)),
}


@pytest.mark.parametrize("chip", sorted(TAKEN))
def test_the_pins_of_a_definition_are_free(chip):
    board = _load(board_definition(chip))
    buttons = [board["button"]["pin"], board["second_button"]["pin"]]
    pins = [board["i2c"]["scl"], board["i2c"]["sda"], *buttons]
    assert board["chip"] == chip
    assert len(set(pins)) == 4 and not set(pins) & TAKEN[chip]
    assert set(buttons) <= WAKES[chip]


def test_the_changelog_knows_this_version():
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    for name in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / name).exists(), name


def test_every_link_to_a_part_of_a_page_leads_there():
    links = [(page, *each) for page in PAGES for each in LINK_TO_A_PART.findall(page.read_text())]
    assert links
    for page, name, part in links:
        text = (page.parent / name if name else page).read_text()
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
        assert part in anchors, (page, name, part)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_exists(path):
    for target in set(re.findall(r"(?:^|`)make ([a-z_]+)", path.read_text(), re.MULTILINE)):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
