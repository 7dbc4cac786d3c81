"""A token whose files are not whole says so: on the screen, to a computer, or in the log."""

import json
import struct
from collections.abc import Iterator

import pytest
from e2e.damaged_files import AT_REST, LINE, files, flip, release, start
from e2e.small_text import shows

from otpcore.errors import Fault
from tokenctl.device.token import Token
from tokenctl.payload import board_definition
from tokenctl.release.build import Release
from tokensim.board.board import Parts
from tokensim.board.wiring import PANELS
from tokensim.token import SimulatedToken

__all__ = ["files", "release", "start"]

TEXTS = ("The firmware is", "damaged. Flash", "it again:", "tokenctl flash")
COMMANDS = "tokenfw.link.commands.device"


def table(archive: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each unit begins, and how long it is: see release/archive.py."""
    (count,) = struct.unpack_from(">H", archive, 6)
    for number in range(count):
        start, length, _ = struct.unpack_from(">III", archive, 16 + 12 * number)
        yield start, length & 0x7FFFFFFF


def unit(release: Release, title: str) -> int:
    """Return where the unit of this title begins in the archive."""
    number = next(int(key) for key, each in release.titles.items() if each == title)
    return list(table(release.files["app.bin"]))[number][0]


def says_so(sim: SimulatedToken) -> None:
    resets = sim.chip.resets
    for text in TEXTS:
        assert shows(sim.board.panel.pixels(), text, own=False), sim.screen()
    with Token(sim.transport()) as token:
        assert token.identity.fault == "damaged"
        assert token.identity.serial == sim.board.serial.hex().upper()
        with pytest.raises(Fault, match="reinstall it with tokenctl flash"):
            token.accounts()
    sim.wait(60)
    assert sim.chip.resets == resets == 0


DAMAGE = {
    "archive cut short": lambda files: files.update({"app.bin": files["app.bin"][:20_000]}),
    "archive empty": lambda files: files.update({"app.bin": b""}),
    "archive missing": lambda files: files.pop("app.bin"),
    "archive of another version": lambda files: flip(files, "app.bin", 9),
    "byte of the unit at rest": lambda files: flip(files, "app.bin", AT_REST),
    "byte of the table": lambda files: flip(files, "app.bin", 18),
    "loader missing": lambda files: files.pop("units.mpy"),
    "loader changed": lambda files: flip(files, "units.mpy", 700),
    "loader cut short": lambda files: files.update({"units.mpy": files["units.mpy"][:100]}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_token_with_damaged_files_says_so_and_answers(start, files, damage):
    damage(files)
    says_so(start())


@pytest.mark.parametrize("panel", PANELS)
def test_it_says_so_on_every_panel(start, files, panel):
    del files["app.bin"]
    sim = start(parts=Parts(panel=panel))
    for text in TEXTS:
        assert shows(sim.board.panel.pixels(), text, own=False), sim.screen()


def test_what_is_loaded_on_demand_and_damaged_is_a_refusal_in_words(start, files, release):
    """The list is loaded when a computer asks for it; what is at rest works as ever."""
    flip(files, "app.bin", unit(release, "tokenfw.link.commands.accounts") + 50)
    sim = start()
    with Token(sim.transport()) as token:
        assert token.identity.fault is None
        with pytest.raises(Fault, match="damaged: reinstall it with tokenctl flash"):
            token.accounts()
        assert token.status().vault == "ready"
    assert sim.chip.resets == 0


def test_what_a_press_loads_and_is_damaged_is_said_and_a_long_press_starts_anew(
    start, files, release
):
    flip(files, "app.bin", unit(release, "tokenfw.ui.menu") + 50)
    sim = start()
    sim.press()
    sim.wait(1)
    sim.hold()  # the language that it asks for
    sim.wait(1)
    sim.hold(second=True)  # opens the menu
    sim.wait(5)
    says_so(sim)
    sim.hold()
    sim.wait(5)
    assert sim.chip.resets == 1
    with Token(sim.transport()) as token:
        assert token.identity.fault is None and token.status().vault == "ready"


def test_the_screen_goes_dark_after_a_while_and_a_press_lights_it(start, files):
    del files["app.bin"]
    sim = start()
    sim.wait(330)
    assert not sim.board.panel.lit
    sim.press()
    sim.wait(3)
    assert shows(sim.board.panel.pixels(), TEXTS[0], own=False)


def test_it_sleeps_where_nobody_is_and_a_press_wakes_it(start, files):
    del files["app.bin"]
    sim = start()
    with Token(sim.transport()) as token:
        token.status()
    sim.wait(290)
    assert not sim.chip.asleep
    sim.wait(30)
    assert sim.chip.asleep and not sim.board.panel.lit
    sim.press()
    sim.wait(3)
    assert shows(sim.board.panel.pixels(), TEXTS[0], own=False)


@pytest.mark.parametrize("data", [None, b"", b'{"name": "esp32-devkit"', b"[]", b"\xff\xfe{}"])
def test_without_a_board_definition_the_link_says_so(start, files, data):
    if data is None:
        del files["board.json"]
    else:
        files["board.json"] = data
    sim = start()
    with Token(sim.transport()) as token:
        assert token.identity.fault == "no_board"
    sim.wait(60)
    assert sim.chip.resets == 0


@pytest.mark.parametrize("also", ["app.bin", "units.mpy"])
@pytest.mark.parametrize("how", ["missing", "changed"])
def test_when_nothing_can_be_believed_a_line_says_so_and_nothing_resets(start, files, also, how):
    del files[also]
    if how == "missing":
        del files["rescue.mpy"]
    else:
        flip(files, "rescue.mpy", 3000)
    sim = start()
    sim.wait(60)
    assert sim.receive(0).count(LINE) > 5
    assert sim.chip.resets == 0
    sim.wait(300)
    assert sim.chip.asleep, "a cell would be empty in a day"
    sim.power_off()
    sim.power_on()
    sim.wait(60)
    assert sim.receive(0).count(LINE) > 5 and not sim.chip.asleep


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_when_nothing_can_be_believed_a_press_ends_its_sleep(start, files, chip):
    definition = board_definition(chip).read_bytes()
    files["board.json"] = definition
    del files["app.bin"], files["rescue.mpy"]
    sim = start(parts=Parts(json.loads(definition)))
    sim.wait(400)
    assert sim.chip.asleep
    sim.receive(0)
    sim.press()
    sim.wait(20)
    assert sim.receive(0).count(LINE) > 3 and not sim.chip.asleep


@pytest.mark.parametrize("data", [None, b"", b"[]", b'{"button": {"pin": 99}, "chip": "esp32"}'])
def test_when_not_even_the_board_is_known_it_sleeps_until_a_reset(start, files, data):
    del files["app.bin"], files["rescue.mpy"], files["board.json"]
    if data is not None:
        files["board.json"] = data
    sim = start()
    sim.wait(400)
    assert sim.chip.asleep and sim.chip.resets == 0


def test_when_main_py_is_damaged_behind_its_code_it_sleeps_and_does_not_reset_for_ever(
    start, files
):
    files["main.py"] = files["main.py"].replace(b"#|import time", b"#|import time(")
    assert b"time(" in files["main.py"]
    del files["app.bin"], files["rescue.mpy"]
    sim = start()
    assert sim.chip.asleep and sim.chip.resets == 0
