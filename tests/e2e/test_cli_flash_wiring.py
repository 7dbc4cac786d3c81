"""tokenctl flash and harden on boards with another wiring, or a vault at another place."""

import json

import pytest
from e2e.flash_command import VFS, board, ends, flashed, micropython, tokenctl
from e2e.harden_bench import Bench

from tokenctl.cli import main
from tokenctl.flashing import layout
from tokenctl.payload import firmware_folder

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

OURS = json.loads((firmware_folder() / "board.json").read_text())
SEALED = bytes.fromhex("d00dd00d5ea1ed5e")  # in no firmware
MINE = OURS | {"name": "on my desk", "button": {"pin": 32}}


def written(path, definition):
    path.write_text(json.dumps(definition))
    return str(path)


def test_an_update_does_not_put_the_default_wiring_in_place_of_another(tokenctl, board, tmp_path):
    mine = written(tmp_path / "mine.json", MINE)
    assert tokenctl("--board", mine).code == 0
    before = bytes(board.data)
    words = ("'on my desk'", "'esp32-devkit'", "--board FILE", "--board esp32-devkit")
    ends(tokenctl(), 12, *words, "Nothing was written.")
    shown = tokenctl("--dry-run")
    assert shown.code == 0 and all(each in shown.err for each in words)
    assert bytes(board.data) == before
    assert tokenctl("--board", mine).code == 0
    assert bytes(board.data) == before
    assert tokenctl("--board", "esp32-devkit").code == 0
    assert flashed(board)


def test_a_build_that_tokenctl_knows_is_named(tokenctl, board):
    assert tokenctl("--board", "minimal-esp32").code == 0
    ends(tokenctl(), 12, "--board minimal-esp32,")


@pytest.mark.parametrize("change", [{"name": "another"}, {"full_speed": 160_000_000}])
def test_what_changes_no_pin_is_no_other_wiring(tokenctl, board, tmp_path, change):
    assert tokenctl("--board", written(tmp_path / "mine.json", OURS | change)).code == 0
    assert tokenctl().code == 0
    assert flashed(board)


def test_a_damaged_firmware_has_no_wiring_to_keep(tokenctl, board):
    assert tokenctl("--board", "minimal-esp32").code == 0
    board.data[VFS] = bytes(0xC0000)
    assert tokenctl().code == 0
    assert flashed(board)


def test_a_board_is_not_closed_for_a_wiring_that_was_not_named(tmp_path, capfd, monkeypatch):
    bench = Bench("esp32", tmp_path, capfd, monkeypatch)
    bench.wiring.write_text(json.dumps(MINE))
    with bench.board:
        bench.flash()
        serial = bench.serial
        options = ["--burn", "jtag", "--micropython", str(bench.image)]
        result = bench("harden", *options, stdin=f"burn jtag {serial}\n")
        result.refused(16, "'on my desk'", "--board FILE", "nothing was burnt")
        assert bench.states()["jtag"] == "open"
        assert bench.burn("jtag").code == 0


def test_verify_says_which_wiring_the_board_has(tokenctl, board, capfd, micropython):
    assert tokenctl("--board", "minimal-esp32").code == 0
    capfd.readouterr()
    options = ["--port", board.url, "--micropython", str(micropython)]
    assert main.run(["verify", *options]) == 14
    assert "--board minimal-esp32" in capfd.readouterr().err.splitlines()[-1]
    assert main.run(["verify", *options, "--board", "minimal-esp32"]) == 0


# --- a vault at another place ---------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "size"), [(0x200000, 0x80000), (0x3C0000, 0x40000), (0x280000, 0xC0000)]
)
def test_accounts_at_another_place_are_not_called_foreign_data(tokenctl, board, offset, size):
    """Of a tokenctl with another layout: they must neither be lost, nor survive their erasing."""
    rows = [row for row in layout.ROWS if row.label != "vault"]
    board.data[0x8000:0x8C00] = layout.table((*rows, layout.Row("vault", 1, 0x40, offset, size)))
    board.data[offset : offset + 9] = b"OTK\1 keys"
    board.data[offset + size - 8 : offset + size] = SEALED
    before = bytes(board.data)
    result = tokenctl()
    ends(result, 12, f"{offset:#x} to {offset + size:#x}", "nothing was written", "back it up")
    assert "foreign" not in result.err.splitlines()[-1] and bytes(board.data) == before
    assert tokenctl("--erase", stdin="no\n").code == 12
    assert bytes(board.data) == before
    assert tokenctl("--erase", stdin="erase\n").code == 0
    assert flashed(board)
    assert SEALED not in board.data and b"OTK\1 keys" not in board.data


@pytest.mark.parametrize("offset", [0x3C0100, 0x3FF000, 0x7F000000])
def test_a_table_that_makes_no_sense_is_erased_as_far_as_there_is_flash(tokenctl, board, offset):
    vault = layout.Row("vault", 1, 0x40, offset, 0x80000)
    board.data[0x8000:0x8C00] = layout.table((*layout.ROWS[:3], vault))
    assert tokenctl("--erase", stdin="erase\n").code == 0
    assert flashed(board)
