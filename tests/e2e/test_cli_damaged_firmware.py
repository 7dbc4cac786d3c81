"""What tokenctl says of a token whose files are not whole, or has too little memory for them."""

import pytest
from e2e.damaged_files import AT_REST, LITTLE, files, flip, release, run, start

__all__ = ["files", "release", "run", "start"]


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
