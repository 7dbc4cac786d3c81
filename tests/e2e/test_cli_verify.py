"""tokenctl verify: what is on the board, byte for byte, against what was released."""

import functools
import io
import json
import random

import pytest
from e2e.commandline import Result
from support.flashing import images
from support.flashing.mockboard import MockBoard, MockSerialBoard

from tokenctl.cli import main
from tokenctl.flashing import app_image, layout, loader
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import firmware_folder

FILLING = random.Random(1).randbytes(100_000)
IMAGE = images.micropython("v1.27.0", filling=FILLING)
BOOTLOADER = images.application(b"a boot loader " * 30, "esp32")
PROGRAM = IMAGE[0x10000 - 0x1000 :]
REGIONS = ["partition table", "boot loader", "MicroPython", "firmware"]

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
build = functools.cache(app_image.build)


def app():
    return build(firmware_folder(), CHIPS[0], None)


def put(data):
    """Fill a board's flash with what was released, and a vault beside it."""
    data[0x8000:0x8C00] = layout.table()
    data[0x1000 : 0x1000 + len(BOOTLOADER)] = BOOTLOADER
    data[0x10000 : 0x10000 + len(PROGRAM)] = PROGRAM
    data[0x300000:0x3C0000] = app()
    data[0x280000:0x300000] = random.Random(2).randbytes(0x80000)


@pytest.fixture
def board():
    with MockSerialBoard() as board:
        put(board.data)
        yield board


@pytest.fixture(scope="session")
def micropython(tmp_path_factory):
    path = tmp_path_factory.mktemp("micropython") / "v1.27.0.bin"
    path.write_bytes(IMAGE)
    return path


@pytest.fixture
def resets(monkeypatch):
    """The board's resets at a command's end."""
    found = []
    monkeypatch.setattr(loader, "reset_chip", lambda esp, mode: found.append(mode))
    return found


@pytest.fixture
def tokenctl(monkeypatch, capfd, micropython, resets):
    """Return what runs tokenctl verify on a port."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.setattr(app_image, "build", build)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def run(port, *arguments, image=micropython):
        capfd.readouterr()
        code = main.run(["verify", "--port", port, "--micropython", str(image), *arguments])
        out, err = capfd.readouterr()
        return Result(code, str(out), str(err))

    return run


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


def compared(result):
    """Return the events of the regions by their names."""
    return {each["name"]: each for each in lines(result) if each["event"] == "compared"}


def test_a_board_as_released(tokenctl, board, resets):
    before = bytes(board.data)
    result = tokenctl(board.port)
    assert result.code == 0, result
    assert "Matches the release" in result.out and "240AC4E29526" in result.out
    for name in REGIONS:
        assert f"Matches the release: {name}, " in result.err
    assert bytes(board.data) == before
    assert len(resets) == 1


def test_what_flash_wrote_is_as_released(tokenctl, micropython):
    with MockBoard() as board:
        assert main.run(["flash", "--port", board.url, "--micropython", str(micropython)]) == 0
        result = tokenctl(board.url)
        assert result.code == 0, result
        assert "press EN" in result.err


@pytest.mark.parametrize(
    "name, address",
    [
        ("partition table", 0x8000),
        pytest.param("partition table", 0x8BFF, marks=pytest.mark.long),
        ("boot loader", 0x1000 + len(BOOTLOADER) // 2),
        pytest.param("MicroPython", 0x10000, marks=pytest.mark.long),
        ("MicroPython", 0x10000 + len(PROGRAM) - 1),
        pytest.param("MicroPython", 0x20000, marks=pytest.mark.long),
        ("firmware", 0x3BFFFF),
    ],
)
def test_one_changed_bit_is_found(tokenctl, board, resets, name, address):
    board.data[address] ^= 0x10
    before = bytes(board.data)
    result = tokenctl(board.port, "--json")
    assert result.code == 14
    found = compared(result)
    assert found[name]["differs_from"] == address
    assert all(found[each]["differs_from"] is None for each in REGIONS if each != name)
    assert name in result.err.splitlines()[-1]
    assert len(resets) == 1
    assert f"{address:#x}" in tokenctl(board.port).err
    assert bytes(board.data) == before


def test_the_digest_of_a_liar_does_not_help(tokenctl, board, monkeypatch):
    """The stock MD5 command answers for the released bytes; the bytes themselves differ."""
    honest = type(board.flash).md5_stub_response
    good = type(board.flash)()
    put(good.data)
    monkeypatch.setattr(
        type(board.flash),
        "md5_stub_response",
        lambda self, data, **how: honest(good, data, **how),
    )
    board.data[0x10000 + 0x8000] ^= 1
    assert tokenctl(board.port).code == 14


def test_which_files_differ_is_said_and_not_what_is_in_them(tokenctl, board):
    files = app_image.compiled(firmware_folder(), CHIPS[0])
    files["app.bin"] += b"a backdoor"
    files["boot.py"] = b"import spy"
    del files["units.mpy"]
    board.data[0x300000:0x3C0000] = app_image.pack(files)
    result = tokenctl(board.port)
    assert result.code == 14
    assert "Files changed: app.bin; missing: units.mpy; added: boot.py." in result.err
    assert "backdoor" not in result.err and "spy" not in result.err
    found = compared(tokenctl(board.port, "--json"))["firmware"]["files"]
    assert found == {
        "changed": ["app.bin"],
        "missing": ["units.mpy"],
        "added": ["boot.py"],
    }


def test_a_name_that_a_terminal_obeys_is_harmless(tokenctl, board):
    files = app_image.compiled(firmware_folder(), CHIPS[0])
    board.data[0x300000:0x3C0000] = app_image.pack(files | {"\x1b[2Jhello": b""})
    result = tokenctl(board.port)
    assert result.code == 14
    assert "hello" in result.err and "\x1b" not in result.err


@pytest.mark.parametrize("content", [bytes(0xC0000), b"\xff" * 0xC0000])
def test_a_board_without_firmware(tokenctl, board, content):
    board.data[0x300000:0x3C0000] = content
    result = tokenctl(board.port)
    assert result.code == 14
    assert "no firmware files" in result.err


def test_the_same_files_in_other_bytes(tokenctl, board):
    free = max(
        at
        for at in range(0x300000, 0x3C0000, 0x1000)
        if set(board.data[at : at + 0x1000]) == {0xFF}
    )
    board.data[free : free + 0x1000] = b"\0" * 0x1000
    result = tokenctl(board.port)
    assert result.code == 14
    assert "All its files match the release" in result.err


def test_a_blank_board(tokenctl, board):
    board.data[:] = b"\xff" * len(board.data)
    result = tokenctl(board.port)
    assert result.code == 14
    assert result.out == ""
    assert all(name in result.err.splitlines()[-1] for name in REGIONS)


def test_json_is_one_event_a_line(tokenctl, board):
    events = lines(tokenctl(board.port, "--json"))
    names = [each["event"] for each in events if each["event"] != "progress"]
    assert names == ["board", "micropython", *["compared"] * 4, "result"]
    assert events[-1] == {"event": "result", "as_released": True}
    assert compared(tokenctl(board.port, "--json"))["firmware"] == {
        "event": "compared",
        "name": "firmware",
        "offset": 0x300000,
        "size": 0xC0000,
        "differs_from": None,
    }
    percents = [
        each["percent"]
        for each in events
        if each["event"] == "progress" and each["name"] == "firmware"
    ]
    assert percents == sorted(percents) and len(percents) > 4 and percents[-1] == 100


def test_bad_input(tokenctl, board, resets, tmp_path):
    wrong = tmp_path / "wrong.bin"
    wrong.write_bytes(IMAGE[:-40])
    result = tokenctl(board.port, image=wrong)
    assert result.code == 11 and "cut short" in result.err
    assert len(resets) == 1, "the board runs again, whatever happened"
    tokenctl(board.port, "--serial", "240AC4E29527").refused(4, "240AC4E29526")
    assert tokenctl("/dev/there-is-none").code == 4
    assert tokenctl(board.port, "--serial", "240ac4e29526").code == 0


@pytest.mark.long
def test_the_cable_comes_out(tokenctl):
    with MockBoard() as board:
        put(board.data)
        assert tokenctl(board.url).code == 0
        # The computer acknowledges every 4 KB that it reads: the cut is in the midst of that.
        board.cut_after(board.received - 300)
        result = tokenctl(board.url)
        assert result.code == 10, result
        assert "run the same command again" in result.err
        assert "goes on where" not in result.err
        assert result.out == ""
        assert tokenctl(board.url).code == 0
