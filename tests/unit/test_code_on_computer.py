"""The recovery code typed at the computer, at a terminal: `tokenctl restore --code-on-computer`."""

import io

import pytest
from support import backups

from otpcore import recovery_code
from tokenctl.cli.commands import restore
from tokenctl.cli.output import Output
from tokenctl.errors import Quit

CODE = backups.code_of("0123456789" * 4)
MISTYPED = CODE[:7] + str((int(CODE[7]) + 1) % 10) + CODE[8:]


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    monkeypatch.setattr(restore, "is_interactive", lambda: True)
    keyboard = io.StringIO("".join(f"{line}\n" for line in lines))
    return restore._code_here(Output(as_json=False), True, keyboard, io.StringIO())


def test_a_mistyped_code_is_asked_for_again(monkeypatch, capsys) -> None:
    assert typed(monkeypatch, MISTYPED, "12", CODE) == recovery_code.read(CODE)
    err = capsys.readouterr().err
    assert "Group 2 of the recovery code is wrong" in err and "10 groups of 5 digits" in err
    assert CODE[:5] not in err


def test_to_end_the_input_is_to_quit(monkeypatch) -> None:
    with pytest.raises(Quit):
        typed(monkeypatch, MISTYPED)
