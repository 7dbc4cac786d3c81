"""The recovery code typed at the computer, at a terminal: `tokenctl restore --code-on-computer`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.processes import Terminal
from support import backups

from otpcore import recovery_code
from tokenctl.cli import recovery_code_here
from tokenctl.cli.output import Output
from tokenctl.errors import Quit

CODE = backups.code_of("0123456789" * 4)
MISTYPED = CODE[:7] + str((int(CODE[7]) + 1) % 10) + CODE[8:]
GROUP = CODE.replace(" ", "")[5:10]


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    """Return the code that is understood of what is typed behind dots."""
    coming: Iterator[str] = iter(lines)

    def read_masked(prompt: str, *_terminal: object) -> str:
        line = next(coming, None)
        if line is None:
            raise EOFError
        return line

    monkeypatch.setattr(recovery_code_here, "is_interactive", lambda: True)
    monkeypatch.setattr(recovery_code_here, "read_masked", read_masked)
    return recovery_code_here.ask(Output(as_json=False), True)


def test_of_a_mistyped_code_only_the_wrong_group_is_typed_again(monkeypatch, capsys) -> None:
    assert typed(monkeypatch, "12", MISTYPED, "123", GROUP) == recovery_code.read(CODE)
    err = capsys.readouterr().err
    assert "Group 2 of the recovery code is wrong" in err and "10 groups of 5 digits" in err
    assert CODE[:5] not in err


def test_whoever_types_all_of_it_again_is_understood(monkeypatch) -> None:
    assert typed(monkeypatch, MISTYPED, CODE) == recovery_code.read(CODE)


def test_to_end_the_input_is_to_quit(monkeypatch) -> None:
    with pytest.raises(Quit):
        typed(monkeypatch, MISTYPED)


def test_the_terminal_shows_dots_in_groups_and_no_digit(tmp_path: Path) -> None:
    file = tmp_path / "token.otpb"
    file.write_bytes(backups.write(backups.Backup([]), CODE))
    arguments = ("--port", str(tmp_path / "none"), "restore", "--code-on-computer", "--yes")
    with Terminal(*arguments, str(file), terminal="xterm") as terminal:
        terminal.until("Recovery code")
        terminal.type(MISTYPED + "\n")
        terminal.until("Group 2 again")
        terminal.type(GROUP + "\n")
        assert terminal.finish()[0] == 4, "the code is right, and there is no token"
    assert "\u2022" * 5 in terminal.shown
    assert not any(group in terminal.shown for group in CODE.split())
