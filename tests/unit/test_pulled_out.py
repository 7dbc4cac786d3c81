"""The token is pulled out while a command runs, at each line and each answer in turn.

One sentence and the documented exit code; it is said what the token has done by then, no file is
lost or left half written, and nothing is claimed that did not happen.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from attacks.hostile_token import HostileToken
from unit.every_command import BOTH, FIRST, SECOND, TOKEN, Computer, Ended, Line, of_kind

from tokenctl.errors import LinkError

pytestmark = pytest.mark.slow

GONE = "he port {port} has disappeared: was the token unplugged?"
# What makes accounts, settings or the clock others, as docs/protocol.md describes the methods.
CHANGING = {
    "wipe", "accounts.add", "accounts.replace", "accounts.rename", "accounts.move",
    "accounts.favourite", "accounts.remove", "transfer.finish", "backup.forbid", "chip.bind",
    "chip.unbind", "clock.set", "vault.set_pin", "vault.clear_pin", "vault.lock_after",
}  # fmt: skip
# After these the command has what it wants: a token that is gone then is not missed.
IDLE = {"transfer.cancel", "cancel"}
DONE = (
    "had already",
    "The token may have made the change",
    "on the token",
    "token has:",  # of two, which has what
)
NOT_DONE = "Nothing was changed.", "No backup was written."


class Pulled(HostileToken):
    """A token whose cable comes out at the line or answer number `life`, counted from 0."""

    life = -1
    events = 0

    def _lives(self) -> None:
        if self.events == self.life:
            raise LinkError("t" + GONE.format(port=self.name))
        self.events += 1

    def write(self, data: bytes) -> None:
        self._lives()
        super().write(data)

    def read(self, timeout: float) -> bytes:
        if self._out:
            self._lives()
        return super().read(timeout)


@pytest.fixture
def computer(monkeypatch, capfd, tmp_path) -> Computer:
    return Computer(monkeypatch, capfd, tmp_path)


def plugged(computer: Computer, line: Line, port: str, life: int = -1) -> Pulled:
    token: Any = computer.plug(line, port, Pulled)
    token.life = life
    return token


@dataclass(frozen=True)
class End:
    """How a command ended, what the tokens had answered by then, and the files after it."""

    ended: Ended
    done: list[str]
    files: dict[str, bytes]

    def is_whole(self, other: "End") -> bool:
        """Return whether all is as after another one; that no token let go makes no difference."""
        same = self.files == other.files and self.ended.code == other.ended.code
        return same and _needed(self.done) == _needed(other.done)


def _needed(done: list[str]) -> list[str]:
    """Return what a command needed: not what it asks behind a backup, whose file is there."""
    needed = [each for each in done if each not in IDLE]
    if "backup.make" in needed and needed[-1] == "status":
        needed.pop()
    return needed


def check(end: End, token: Pulled, whole: End, before: dict[str, bytes]) -> None:
    """Check what was said of a token that was pulled out."""
    ended, place = end.ended, (token.life, end.ended)
    if ended.code in (0, whole.ended.code):
        assert end.is_whole(whole), place
        return
    assert end.files == before, place
    if ended.code == 19:  # doctor, of which this is a finding
        assert re.search(r"FAIL +(Link|Token) .*has disappeared", ended.out), place
        return
    assert ended.code == 5, place
    *_, sentence = ended.said
    assert sentence.startswith("Error: ") and GONE.format(port=token.name) in sentence, place
    assert "Traceback" not in ended.err
    said = re.search(r"(\d) of 3 accounts (?:is|are) on the token", sentence)
    if said:  # the answer to the last one may be what was lost
        written = sum(each in ("accounts.add", "accounts.replace") for each in token.methods)
        assert written - 1 <= int(said[1]) <= written, place
    changed = [each for each in end.done if each in CHANGING]
    if not changed:
        assert "had already" not in ended.err and not said, place
    elif changed != ["transfer.finish"]:  # of a drill, which changes nothing
        assert any(each in ended.err for each in DONE), place
        assert not any(each in ended.err for each in NOT_DONE), place


def runs(computer: Computer, line: Line, *ports: str) -> None:
    """Run a line once, and then once for each moment at which one of the tokens may be lost."""
    before = computer.files()

    def run(lives: dict[str, int]) -> tuple[End, dict[str, Pulled]]:
        for name, data in before.items():
            (computer.folder / name).write_bytes(data)
        tokens = {port: plugged(computer, line, port, lives.get(port, -1)) for port in ports}
        named = () if line.kind == BOTH and line.arguments[0] == "clone" else ("--port", FIRST)
        ended = computer(line, *named)
        done = [method for each in tokens.values() for method in each.methods]
        return End(ended, done, computer.files()), tokens

    whole, tokens = run({})
    assert whole.ended.code == 0, whole
    for port in ports:
        for life in range(tokens[port].events):
            end, lost = run({port: life})
            check(end, lost[port], whole, before)


@pytest.mark.parametrize("line", of_kind(TOKEN), ids=str)
def test_it_is_pulled_out(computer: Computer, line: Line):
    runs(computer, line, FIRST)


@pytest.mark.parametrize("line", of_kind(BOTH), ids=str)
def test_one_of_two_is_pulled_out(computer: Computer, line: Line):
    runs(computer, line, FIRST, SECOND)
