"""An app password on a token: kept, shown after a hold, and never sent.

The screen is read in MicroPython's own letters, of which it shows each at double size.
"""

import re
from pathlib import Path

import pytest
from e2e.commandline import CommandLine
from e2e.processes import Terminal, running
from e2e.small_text import shows

from otpcore import errors
from otpcore.account import Account
from tokenctl.payload import firmware_folder
from tokensim.board.board import Parts
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader, NoCode

TEXT = "qwkz-hunter2"
HOLD = 3.2  # seconds
ADD = ("provision", "--static", "--issuer", "Mail", "--account", "alice")


def halves(sim: SimulatedToken) -> list[list[list[int]]]:
    """Return the screen at half its size, as it is with each offset of what is doubled."""
    rows = sim.look()[0]
    return [
        [list(row[x::2]) for row in rows[y::2]]
        for y in range(2)
        for x in range(2)
    ]  # fmt: skip


def is_shown(sim: SimulatedToken, letters: str = "qwkz") -> bool:
    """Tell whether all letters are on the screen at double size; they are or are not together."""
    found = [any(shows(half, letter) for half in halves(sim)) for letter in letters]
    assert all(found) or not any(found), found
    return all(found)


def lit(sim: SimulatedToken) -> bool:
    return sim.look()[1] > 0


def test_it_is_kept_and_never_sent(commandline: CommandLine) -> None:
    added = commandline(*ADD, "--json", stdin=TEXT + "\n")
    assert added.code == 0 and commandline.asked == ["press"]
    entry = {"type": "static", "issuer": "Mail", "name": "alice", "account_id": 1}
    assert added.json == [entry]
    assert "read it back" in added.err
    assert commandline("list", "--json").json == [entry]
    assert commandline("list").out.splitlines()[1].split() == ["1", "Mail", "alice", "static"]
    for arguments in (["code", "Mail"], ["code", "Mail", "--json"]):
        commandline(*arguments).refused(6, "app password", "never sends it")
        assert commandline.asked == []
    commandline(*ADD, stdin="another").refused(6, "already", "--replace")
    assert commandline(*ADD, "--replace", stdin="another").code == 0
    assert commandline("rename", "Mail", "--issuer", "Post").code == 0
    assert [each.describe() for each in commandline.stored()] == [entry | {"issuer": "Post"}]
    assert commandline("remove", "Post").code == 0
    assert commandline.stored() == []
    everything = added.out + added.err + commandline("list", "--json").out
    assert TEXT not in everything


def test_what_the_token_answers_tells_nothing_of_the_text(token) -> None:
    mail = Account("Mail", "alice", TEXT.encode(), "static")
    link = token._link
    answers = []
    request = link.request

    def kept(method, parameters=None, **more):
        answers.append(request(method, parameters, **more))
        return answers[-1]

    link.request = kept
    token.add(mail)
    assert answers == [{"account_id": 1}]
    with pytest.raises(errors.NoCode):
        token.code(1)


@pytest.mark.long
def test_at_a_terminal(tmp_path: Path) -> None:
    with (
        running(tmp_path / "t", "--link", str(tmp_path / "port")) as token,
        Terminal("--port", token.port, "provision", "--static") as terminal,
    ):
        for question, answer in (
            ("Issuer", "Mail\n"),
            ("Account", "alice\n"),
            ("Text (not shown): ", TEXT + "\r"),
            ("Repeat it: ", TEXT[:-1] + "\r"),
            ("do not match", ""),
            ("Text (not shown): ", TEXT + "\r"),
            ("Repeat it: ", TEXT + "\r"),
            ("Enter adds it", "\n"),
        ):
            terminal.until(question)
            terminal.type(answer)
        token.answer(terminal.asked)
        terminal.until("read it back from its flash")
        terminal.until("hold the button for 3 s")
        terminal.until("PIN")
        terminal.type("n\n")
        code, out = terminal.finish()
    assert code == 0, terminal.shown
    assert re.search(r"Mail +alice +static", out)
    assert "The site wants" not in terminal.shown and "key check" not in terminal.shown
    assert TEXT[:4] not in terminal.shown + out


@pytest.mark.parametrize("panel", ["ssd1306", "ssd1306-32"])
def test_a_hold_shows_it_until_a_press_or_for_thirty_seconds(
    panel: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with SimulatedToken(parts=Parts(panel=panel)) as sim:
        commandline = CommandLine(sim, monkeypatch, capfd)
        assert commandline(*ADD, stdin=TEXT + "\n").code == 0

        def press(seconds: float = 0.1) -> None:
            sim.press(seconds)
            sim.wait(seconds + 0.6)

        press(HOLD)
        assert is_shown(sim)
        with pytest.raises(NoCode):
            CodeReader(firmware_folder()).read(sim.look()[0])
        press()
        assert not is_shown(sim) and shows(sim.look()[0], "hold 3 s: show")
        press(1.2)
        assert not is_shown(sim), "a long press is no hold"
        press(HOLD)
        assert is_shown(sim)
        sim.wait(15)
        assert commandline("list").code == 0  # keeps it lit, and the text for no longer
        sim.wait(13)
        assert is_shown(sim)
        sim.wait(3.5)
        assert not is_shown(sim) and lit(sim)
        press(HOLD)
        assert is_shown(sim)
        assert commandline("remove", "Mail", answer="no").code == 7
        sim.wait(0.5)
        assert not is_shown(sim) and lit(sim), "a question on the screen hides it"
        press(HOLD)
        assert is_shown(sim)
        sim.press(0.1)
        sim.press(0.1, after=0.25)  # the menu
        sim.wait(1)
        assert not shows(sim.look()[0], "hold 3 s: show")
        sim.press(1.2, second=True)  # leaves it
        sim.wait(2)
        assert shows(sim.look()[0], "hold 3 s: show"), sim.screen()
        press(HOLD)
        sim.wait(31)
        assert not lit(sim)
        press()
        assert not is_shown(sim) and lit(sim)
