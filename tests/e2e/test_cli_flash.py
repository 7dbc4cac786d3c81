"""tokenctl flash, with the real esptool, against a board that is a mock of the ROM's loader."""

import json
import random

import pytest
from e2e.flash_command import (
    FILLING,
    VAULT,
    VFS,
    a_vault,
    board,
    flashed,
    lines,
    micropython,
    tokenctl,
)
from support.flashing import images
from support.flashing.mockboard import MockBoard, set_flash_size

from tokenctl.cli import main
from tokenctl.flashing import app_image, layout
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import board_definition, firmware_folder

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_a_fresh_board(tokenctl, board):
    result = tokenctl()
    assert result.code == 0, result
    assert flashed(board)
    assert set(board.data[VAULT]) == {0xFF}
    assert set(board.data[0x3C0000:]) == {0xFF}
    assert set(board.data[0x9000:0x10000]) == {0xFF}
    assert result.out == "Flashed: firmware 0.1.0.\n"
    for word in ("esp32 240AC4E29526 with 4 MB", "Verified", "v1.27.0", "press EN", "sync"):
        assert word in result.err


@pytest.mark.parametrize("megabytes", [8, 16])
def test_larger_flash_has_the_same_layout(tokenctl, board, monkeypatch, megabytes):
    set_flash_size(monkeypatch, megabytes)
    result = tokenctl()
    assert result.code == 0, result
    assert f"{megabytes} MB" in result.err
    assert flashed(board)


def test_smaller_flash_is_refused(tokenctl, board, monkeypatch):
    set_flash_size(monkeypatch, 2)
    tokenctl().refused(12, "2048 KB", "4 MB")
    assert set(board.data) == {0xFF}


@pytest.mark.parametrize("vault", [a_vault(), b"what is this? " * 37449 + b"??", bytes(0x80000)])
def test_an_update_keeps_the_vault(tokenctl, board, vault, tmp_path):
    assert tokenctl().code == 0
    board.data[VAULT] = vault
    newer = images.micropython("v1.28.0", filling=FILLING)
    path = tmp_path / "newer.bin"
    path.write_bytes(newer)
    board.data[0x210000] ^= 1  # and another firmware
    result = tokenctl(image=path)
    assert result.code == 0, result
    assert flashed(board, newer)
    assert board.data[VAULT] == vault
    assert "The vault is left unchanged" in result.err
    assert "Already there: partition table" in result.err
    assert "Already there: boot loader" in result.err


def test_what_is_there_is_not_written_again(tokenctl, board):
    assert tokenctl().code == 0
    first = board.received
    board.received = 0
    result = tokenctl("--json")
    assert result.code == 0
    assert [each["name"] for each in lines(result) if each["event"] == "present"] == [
        "partition table",
        "boot loader",
        "MicroPython",
        "firmware",
    ]
    assert not [each for each in lines(result) if each["event"] == "write"]
    assert first - board.received > len(FILLING)


# Where the cable comes out: from the first bytes of esptool's own loader to the last verification.
CUTS = [300, 5_000, 9_000, 20_000, 60_000, 100_000, 150_000, 190_000, 215_000, 235_000]


@pytest.mark.parametrize("vault", [a_vault(), b"\xff" * 0x80000], ids=["vault", "blank"])
@pytest.mark.parametrize(
    "count", [pytest.param(n, marks=[pytest.mark.long] * (n not in CUTS[1::4])) for n in CUTS]
)
def test_an_interrupted_first_flash_is_finished_by_the_next(tokenctl, board, count, vault):
    board.data[VAULT] = vault
    board.cut_after(count)
    result = tokenctl()
    assert result.code in (4, 10), result
    assert result.out == ""
    assert board.data[VAULT] == vault
    assert tokenctl().code == 0
    assert flashed(board)
    assert board.data[VAULT] == vault


def test_an_interrupted_update_is_finished_by_the_next(tokenctl, board, tmp_path):
    assert tokenctl().code == 0
    board.data[VAULT] = a_vault()
    before = bytes(board.data[VAULT])
    path = tmp_path / "newer.bin"
    newer = images.micropython("v1.28.0", filling=random.Random(3).randbytes(150_000))
    path.write_bytes(newer)
    for count in (40_000, 90_000, 160_000):
        board.cut_after(count)
        result = tokenctl(image=path)
        assert result.code == 10, result
        assert "run the same command again" in result.err
        assert board.data[VAULT] == before
    assert tokenctl(image=path).code == 0
    assert flashed(board, newer)
    assert board.data[VAULT] == before


def test_ctrl_c_is_no_harm(tokenctl, board, monkeypatch):
    board.data[VAULT] = a_vault()
    from tokenctl.cli import flash_events

    report = flash_events.Events.report

    def interrupted(self, event):
        report(self, event)
        if event["event"] == "progress" and event["percent"] > 40:
            raise KeyboardInterrupt

    monkeypatch.setattr(flash_events.Events, "report", interrupted)
    assert tokenctl().code == 130
    monkeypatch.setattr(flash_events.Events, "report", report)
    assert board.data[VAULT] == a_vault()
    assert tokenctl().code == 0
    assert flashed(board)
    assert board.data[VAULT] == a_vault()


FOREIGN = [b"somebody's files".ljust(0x80000, b"\xff"), b"\xff" * 0x7FFFF + b"\0", bytes(0x80000)]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_what_is_not_ours_is_left_alone(tokenctl, board, foreign):
    board.data[VAULT] = foreign
    before = bytes(board.data)
    result = tokenctl()
    assert result.code == 12
    assert result.out == ""
    assert "--erase" in result.err and "holds foreign data" in result.err
    assert bytes(board.data) == before
    for answer in ("", "\n", "no\n", "yes\n", "erase it\n"):
        assert tokenctl("--erase", stdin=answer).code == 12
        assert bytes(board.data) == before


def test_a_vault_at_another_place_is_left_alone(tokenctl, board):
    rows = [row for row in layout.ROWS if row.label != "vault"]
    other = layout.Row("vault", 1, 0x40, 0x300000, 0x100000)
    board.data[0x8000:0x8C00] = layout.table((*rows, other))
    before = bytes(board.data)
    assert tokenctl().code == 12
    assert bytes(board.data) == before


def test_erase_with_a_typed_confirmation(tokenctl, board):
    board.data[VAULT] = b"somebody's files".ljust(0x80000, b"\xff")
    result = tokenctl("--erase", stdin="erase\n")
    assert result.code == 0, result
    assert flashed(board)
    assert set(board.data[VAULT]) == {0xFF}
    assert "240AC4E29526" in result.err


@pytest.mark.parametrize(
    "vault",
    [
        b"OTK\1".ljust(0x80000, b"\0"),
        (b"\xff" * 4096 + b"OTK\1").ljust(0x80000, b"\0"),
        (b"\xff" * 4096 * 70 + b"OTR\1").ljust(0x80000, b"\xff"),
    ],
)
def test_a_vault_is_known_without_the_table(tokenctl, board, vault):
    board.data[VAULT] = vault
    result = tokenctl()
    assert result.code == 0, result
    assert flashed(board)
    assert board.data[VAULT] == vault


def test_dry_run_writes_nothing(tokenctl, board):
    board.data[VAULT] = b"somebody's files".ljust(0x80000, b"\xff")
    before = bytes(board.data)
    result = tokenctl("--dry-run", "--json")
    assert result.code == 0
    assert bytes(board.data) == before
    events = lines(result)
    assert [
        (each["name"], each["offset"]) for each in events if each["event"] == "would_write"
    ] == [
        ("partition table", 0x8000),
        ("boot loader", 0x1000),
        ("MicroPython", 0x10000),
        ("firmware", 0x300000),
    ]
    assert {"event": "vault", "place": "foreign", "erase": False} in events
    assert "Would write: firmware, 786432 bytes at 0x300000." in tokenctl("--dry-run").err


def test_json_is_one_event_a_line(tokenctl, board):
    result = tokenctl("--json")
    assert result.code == 0
    events = lines(result)
    names = [each["event"] for each in events if each["event"] != "progress"]
    assert names == [
        "board",
        "micropython",
        "vault",
        "firmware",
        *["write"] * 4,
        "verified",
        "done",
    ]
    assert events[0] == {
        "event": "board",
        "port": board.url,
        "chip": "esp32",
        "serial": "240AC4E29526",
        "flash": 4 * 1024 * 1024,
    }
    assert events[-1] == {"event": "done", "firmware": "0.1.0", "token": None}
    percents = [
        each["percent"]
        for each in events
        if each["event"] == "progress" and each["name"] == "MicroPython"
    ]
    assert percents == sorted(percents) and len(percents) > 5 and percents[-1] == 100


@pytest.mark.parametrize("chip", [each.name for each in CHIPS if each.name != "esp32"])
def test_other_chips_have_a_wiring_of_their_own(chip, monkeypatch, capfd, tmp_path):
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    image = tmp_path / "image.bin"
    image.write_bytes(images.micropython("v1.27.0", chip))
    ours = json.loads(board_definition(chip).read_text())
    definition = tmp_path / "board.json"
    definition.write_text(json.dumps(ours | {"name": "mine"}))
    with MockBoard(chip) as board:
        command = ["flash", "--port", board.url, "--unpinned", "--micropython", str(image)]
        assert main.run([*command, "--board", str(firmware_folder() / "board.json")]) == 12
        assert "--board" in capfd.readouterr().err
        assert set(board.data) == {0xFF}
        assert main.run(command) == 0, capfd.readouterr()
        assert f'"name": "{chip}-devkit"'.encode() in board.data[VFS]
        assert main.run([*command, "--board", str(definition)]) == 0, capfd.readouterr()
        offset = images.BOOTLOADERS[chip]
        assert board.data[offset] == 0xE9
        assert board.data[0x10000] == 0xE9
        assert b'"name": "mine"' in board.data[VFS]
        assert set(board.data[VAULT]) == {0xFF}


def test_a_development_build_says_what_it_is_and_flash_puts_a_release_back(tokenctl, board):
    board.data[VAULT] = a_vault()
    result = tokenctl("--development")
    assert result.code == 0, result
    assert "REPL is open" in result.err and "not for real accounts" in result.err
    assert board.data[VFS] == app_image.build_development(firmware_folder(), CHIPS[0])
    again = tokenctl("--development", "--json")
    assert {"event": "development"} in lines(again)
    assert not [each for each in lines(again) if each["event"] == "write"]
    assert tokenctl().code == 0
    assert flashed(board)
    assert board.data[VAULT] == a_vault()
