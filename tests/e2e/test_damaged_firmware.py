"""A token whose files are not whole says so: on the screen, to a computer, or in the log at least.

So does one with too little memory for them. The files are those of the release, laid out as a
board has them, and then something happens to one of them.
"""

import json
import struct
from collections.abc import Iterator

import pytest
from e2e.commandline import CommandLine
from e2e.small_text import shows
from support.kept_release import as_simulated

from otpcore.errors import Fault
from tokenctl.device.token import Token
from tokenctl.payload import board_definition, firmware_folder
from tokenctl.release.build import Release
from tokensim.board.board import USUAL, Parts
from tokensim.board.wiring import PANELS
from tokensim.port.interpreter import HEAP
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

LINE = b"otptoken: the firmware is damaged; write it again with tokenctl flash"
TOO_LITTLE = (
    b"otptoken: too little memory for the firmware; flash one that fits with tokenctl flash"
)
TEXTS = ("The firmware is", "damaged. Flash", "it again:", "tokenctl flash")
COMMANDS = "tokenfw.link.commands.device"


@pytest.fixture(scope="module")
def release() -> Release:
    return as_simulated(firmware_folder())


@pytest.fixture
def files(release) -> dict[str, bytes]:
    return release.files | {"board.json": (firmware_folder() / "board.json").read_bytes()}


@pytest.fixture
def start(tmp_path, files):
    """Start a token with the files as they are then; return it when it has settled."""
    started: list[SimulatedToken] = []

    def start(heap: str = HEAP, parts: Parts = USUAL) -> SimulatedToken:
        folder = tmp_path / "board"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        sim = SimulatedToken(runtime=Runtime(folder, heap=heap), parts=parts)
        started.append(sim)
        sim.power_on()
        sim.wait(20)
        return sim

    yield start
    for sim in started:
        sim.close()


def flip(files: dict[str, bytes], name: str, place: int) -> None:
    data = bytearray(files[name])
    data[place] ^= 1
    files[name] = bytes(data)


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


AT_REST = -10_000  # a byte of the unit at rest, which lies last in the archive
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


# too little memory

LITTLE = "130K"  # more than the rescue takes, less than the unit at rest


def test_a_chip_with_too_little_memory_says_so_and_does_not_reset_for_ever(start):
    sim = start(heap=LITTLE)
    for text in ("Too little", "memory to start."):
        assert shows(sim.board.panel.pixels(), text, own=False), sim.screen()
    with Token(sim.transport()) as token:
        assert token.identity.fault == "no_memory"
        with pytest.raises(Fault, match="too little memory"):
            token.accounts()
    sim.hold()
    sim.wait(20)
    assert sim.chip.resets == 1, "the hold asks for another try"
    sim.wait(60)
    assert sim.chip.resets == 1
    assert shows(sim.board.panel.pixels(), "Too little", own=False)


def test_where_memory_lacks_even_for_saying_so_the_line_blames_no_file(run, files):
    del files["rescue.mpy"]
    run("status", heap=LITTLE).refused(19, "too little memory")


@pytest.mark.parametrize("why, line", [("MemoryError a:1", TOO_LITTLE), ("OSError a:1", LINE)])
def test_where_the_fault_screen_fails_too_the_line_says_why(start, why, line):
    sim = start()
    sim.chip.processor.rtc_memory = b"F:\6" + why.encode()  # six faults, as faults.py has it
    sim.chip.reset()
    sim.wait(20)
    assert sim.receive(0).count(line) > 3


@pytest.mark.long
@pytest.mark.parametrize("heap", range(128, 110, -2))  # below, the stand-ins do not fit
def test_however_little_memory_there_is_it_says_something(start, heap):
    """By its screen and its link, or where that does not fit by a line: at most after 20 s."""
    sim = start(heap=f"{heap}K")
    said = TOO_LITTLE in sim.receive(0)
    if not said:
        assert not sim.chip.asleep
        with Token(sim.transport()) as token:
            assert token.identity.fault == "no_memory"


@pytest.mark.long
def test_memory_that_runs_out_in_a_run_restarts_the_token_and_does_not_put_it_to_sleep(
    monkeypatch, capfd
):
    """Where it runs out depends on a few bytes: many sizes are tried, from hardly enough down."""
    resets = 0
    for heap in range(232, 212, -2):
        with SimulatedToken(runtime=Runtime(heap=f"{heap}K")) as sim:
            for _ in range(2):
                CommandLine(sim, monkeypatch, capfd)("sync")
                assert not sim.chip.asleep, heap
            resets += sim.chip.resets
    assert resets > 0, "no size was too small"


# what the user reads


@pytest.fixture
def run(start, files, monkeypatch, capfd):
    def run(*arguments, **options):
        return CommandLine(start(**options), monkeypatch, capfd)(*arguments)

    return run


@pytest.mark.parametrize("command", [("list",), ("sync",), ("code", "x"), ("pin", "set")])
def test_a_command_fails_with_the_code_of_a_fault_and_what_to_do(run, files, command):
    del files["app.bin"]
    run(*command).refused(19, "damaged", "tokenctl flash")


def test_status_says_what_is_wrong_and_what_to_do(run, files):
    flip(files, "app.bin", AT_REST)
    result = run("status")
    assert result.code == 0
    assert "the firmware is damaged: reinstall it with tokenctl flash" in result.out


def test_status_says_that_there_is_too_little_memory(run):
    result = run("status", heap=LITTLE)
    assert result.code == 0 and "too little memory" in result.out and "another board" in result.out


def test_status_says_that_there_is_no_board_definition(run, files):
    del files["board.json"]
    result = run("status")
    assert result.code == 0 and "board.json" in result.out and "tokenctl flash" in result.out


@pytest.mark.parametrize("main", [b"import nothing", b"x = (", b""])
def test_where_main_py_is_damaged_micropython_itself_answers(run, files, main):
    files["main.py"] = main
    run("status").refused(4, "MicroPython answers", "tokenctl flash")


@pytest.mark.parametrize("command", [("list",), ("status",)])
def test_the_line_in_the_log_is_understood(run, files, command):
    del files["units.mpy"], files["rescue.mpy"]
    run(*command).refused(19, "damaged", "tokenctl flash")
