"""tokenctl flash on a board with somebody's other firmware."""

import struct

import pytest
from e2e.flash_command import board, ends, flashed, lines, micropython, tokenctl

from tokenctl.flashing import layout

__all__ = ["board", "micropython", "tokenctl"]

# pyserial does not close a socket:// whose other end went first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def a_project(board, program=0x10000):
    """Have a board hold an ESP-IDF project, whose vault range is blank, as most is."""
    rows = (layout.Row("nvs", 1, 2, 0x9000, 0x6000), layout.Row("app", 0, 0, program, 0x100000))
    board.data[0x8000:0x8C00] = layout.table(rows)
    board.data[program : program + 24] = b"\xe9\1\2\x20".ljust(24, b"\0")
    description = struct.pack("<I12x32s32s", 0xABCD5432, b"1.2", b"weather-station")
    board.data[program + 32 : program + 32 + len(description)] = description


def test_a_project_of_somebody_is_overwritten_only_if_they_say_so(tokenctl, board):
    a_project(board)
    before = bytes(board.data)
    for answer in ("", "\n", "no\n", "erase\n"):
        result = tokenctl(stdin=answer, port=None)
        ends(result, 12, "240AC4E29526", "left unchanged", "--port", "--yes")
        assert "weather-station 1.2" in result.err
        assert bytes(board.data) == before
    shown = tokenctl("--dry-run", "--json")
    assert {"event": "other_firmware", "name": "weather-station 1.2"} in lines(shown)
    assert bytes(board.data) == before
    assert tokenctl(stdin="y\n", port=None).code == 0
    assert flashed(board)
    again = tokenctl(port=None)
    assert again.code == 0 and "other firmware" not in again.err


def test_yes_says_it_for_a_script(tokenctl, board):
    a_project(board, program=0x200000)
    result = tokenctl("--yes", port=None)
    assert result.code == 0 and "weather-station 1.2" in result.err and "[y/N]" not in result.err
    assert flashed(board)


@pytest.mark.parametrize("option", ["--port", "--serial"])
def test_a_board_that_was_named_needs_no_answer(tokenctl, board, option):
    a_project(board)
    name = board.url if option == "--port" else "240AC4E29526"
    result = tokenctl(option, name, port=None)
    assert result.code == 0 and "weather-station 1.2" in result.err and "[y/N]" not in result.err
    assert flashed(board)


@pytest.mark.parametrize(
    "place", [0, 0x1000, 0x8000, 0x8FFF, 0x9000, 0x10000, 0x27FFFF, 0x300000, 0x3BFFFF]
)
def test_whatever_is_where_something_is_written_is_asked_about(tokenctl, board, place):
    board.data[place] = 0x7F
    before = bytes(board.data)
    ends(tokenctl(port=None), 12, "other firmware")
    assert bytes(board.data) == before


def test_a_part_of_our_own_table_is_nobodys_firmware(tokenctl, board):
    board.data[0x8000:0x8050] = layout.table()[:0x50]
    result = tokenctl(port=None)
    assert result.code == 0 and "other firmware" not in result.err
    assert flashed(board)


def test_what_erases_the_vault_says_what_else_goes_and_asks_once(tokenctl, board):
    a_project(board)
    result = tokenctl("--erase", stdin="erase\n")
    assert result.code == 0 and "weather-station" in result.err and "[y/N]" not in result.err
    a_project(board)
    assert tokenctl("--erase", "--yes", stdin="").code == 12
