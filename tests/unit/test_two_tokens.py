"""Two tokens at one computer: no command guesses, and each takes a serial number."""

from dataclasses import replace

import pytest
from unit.every_command import (
    BOARD,
    BOTH,
    FIRST,
    LINES,
    NOTHING,
    SECOND,
    SERIALS,
    TOKEN,
    Computer,
    Line,
    of_kind,
    paths,
)

from tokenctl.errors import NoToken


@pytest.fixture
def computer(monkeypatch, capfd, tmp_path) -> Computer:
    computer = Computer(monkeypatch, capfd, tmp_path)

    def no_loader(port: str) -> None:
        computer.loaders.append(port)
        raise NoToken("nobody is in its loader")

    monkeypatch.setattr("tokenctl.flashing.loader_port.opened", no_loader)
    return computer


def test_every_command_is_in_the_table():
    for path in paths():
        assert any(each.arguments[: len(path)] == path for each in LINES), path


@pytest.mark.parametrize("line", of_kind(TOKEN, BOARD), ids=str)
def test_no_command_guesses_which_of_two_is_meant(computer: Computer, line: Line):
    tokens = [computer.plug(line), computer.plug(line, SECOND)]
    ended = computer(line)
    assert ended.code == 4
    (sentence,) = ended.said
    for port, serial in SERIALS.items():
        assert f"{serial} at {port}" in sentence
    assert "--serial" in sentence and "--port" in sentence
    assert not ended.out and not computer.loaders
    assert [each.methods for each in tokens] == [["hello"], ["hello"]]


@pytest.mark.parametrize("line", of_kind(TOKEN), ids=str)
@pytest.mark.parametrize("port", [FIRST, SECOND])
def test_a_serial_number_names_the_token(computer: Computer, line: Line, port: str):
    alone = computer.plug(line, port)
    expected = computer(line)
    both = {each: computer.plug(line, each) for each in (FIRST, SECOND)}
    ended = computer(line, "--serial", SERIALS[port].lower())
    assert (ended.code, ended.said != []) == (expected.code, expected.said != []), ended
    assert both.pop(port).methods == alone.methods
    assert [each.methods for each in both.values()] == [["hello"]]


@pytest.mark.parametrize("line", of_kind(BOARD), ids=str)
def test_a_serial_number_names_the_board(computer: Computer, line: Line):
    first, second = (computer.plug(line, port) for port in SERIALS)
    ended = computer(line, "--serial", SERIALS[SECOND])
    assert computer.loaders == [SECOND] or second.methods.count("hello") > 1, ended
    assert first.methods == ["hello"]


@pytest.mark.parametrize("line", of_kind(TOKEN, BOARD), ids=str)
def test_a_serial_number_that_is_not_there(computer: Computer, line: Line):
    for port in SERIALS:
        computer.plug(line, port)
    ended = computer(line, "--serial", "240AC4E29527")
    (sentence,) = ended.said
    assert ended.code == 4 and "240AC4E29527" in sentence
    assert all(serial in sentence for serial in SERIALS.values()) and not computer.loaders


@pytest.mark.parametrize("line", of_kind(NOTHING), ids=str)
def test_what_needs_no_token_looks_at_none(computer: Computer, line: Line):
    tokens = [computer.plug(line, port) for port in SERIALS]
    assert computer(line).code in (0, 2, 11)  # fault has no map
    assert [each.methods for each in tokens] == [[], []]


@pytest.mark.parametrize("line", of_kind(BOTH), ids=str)
def test_where_both_are_named_serial_numbers_do(computer: Computer, line: Line):
    """The one without a name is the other one."""
    numbered = tuple(SERIALS.get(each, each) for each in line.arguments)
    for port in SERIALS:
        computer.plug(line, port)
    expected = computer(line)
    tokens = [computer.plug(line, port) for port in SERIALS]
    assert computer(replace(line, arguments=numbered)) == expected and expected.code == 0
    assert all(len(each.methods) > 3 for each in tokens)


@pytest.mark.parametrize("line", of_kind(BOTH), ids=str)
def test_a_second_serial_number_that_is_not_there(computer: Computer, line: Line):
    tokens = [computer.plug(line, port) for port in SERIALS]
    named = tuple("240AC4E29527" if each == SECOND else each for each in line.arguments)
    ended = computer(replace(line, arguments=named))
    (sentence,) = ended.said
    assert ended.code == 4 and "240AC4E29527" in sentence
    assert all(f"{serial} at {port}" in sentence for port, serial in SERIALS.items())
    assert [each.methods for each in tokens] == [["hello"], ["hello"]]
