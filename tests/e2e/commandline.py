"""tokenctl's commands run in this process, against a token in simulated time.

`CommandLine` is called with the arguments that a user would type. Somebody
stands at the token: `answer` is what they do when it asks.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from otpcore.account import Account
from tokenctl.cli import main
from tokenctl.cli.session import Session
from tokenctl.clock.computer import ComputerClock
from tokenctl.device.token import StoredAccount, Token
from tokensim.token import SimulatedToken

THINKING = 0.7  # seconds from the question to the press

PRESS, NO, HOLD, NOTHING, INTERRUPT = "press", "no", "hold", "nothing", "interrupt"
_SECONDS = {PRESS: 0.1, NO: 1.2, HOLD: 3.3}


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed on standard output, which must be JSON and nothing else."""
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> None:
        """Assert one sentence on standard error, and nothing on standard output."""
        assert self.code == code, self
        assert self.out == ""
        (sentence,) = [line for line in self.err.splitlines() if _is_no_notice(line)]
        if sentence.startswith("{"):  # for who asked for JSON
            sentence = f"Error: {json.loads(sentence)['error']}"
        assert sentence.startswith("Error: ")
        assert sentence[7].isupper() or sentence[7] in "'\""
        assert sentence.endswith((".", "?"))
        for word in words:
            assert word.lower() in sentence.lower(), sentence

    def refused_each(self, code: int, *words: str) -> None:
        """Assert a sentence for each of these words, and nothing on standard output."""
        assert (self.code, self.out) == (code, ""), self
        lines = self.err.splitlines()
        assert len(lines) == len(words), self
        for line, word in zip(lines, words, strict=True):
            assert line.startswith("Error: ") and word in line, self


def _is_no_notice(line: str) -> bool:
    notices = "Look at the token", "The token is restarting", "MicroPython v", "Warning: "
    return not line.startswith(notices)


class CommandLine:
    """Call it with arguments; `token` is what the commands find at whatever port.

    `asked` are the notices of the last call for which somebody has to do something; `restarts`
    is how often the token told in it that it restarts.
    """

    def __init__(
        self,
        token: SimulatedToken,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self.token = token
        self.asked: list[str] = []
        self.restarts = 0
        self._answer: str | Callable[[str], object] = PRESS
        self._capfd = capfd
        self._monkeypatch = monkeypatch
        monkeypatch.delenv("TOKENCTL_PORT", raising=False)
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: token.transport())
        computer = ComputerClock(True, 0.0)  # the simulated computer's time is the true one
        monkeypatch.setattr("tokenctl.clock.computer.read", lambda: computer)
        notice = Session._notice

        def noticed(session: Session, text: str) -> None:
            notice(session, text)
            if text == "restarts":
                self.restarts += 1
                return
            self.asked.append(text)
            self._act(text)

        monkeypatch.setattr(Session, "_notice", noticed)

    def __call__(
        self,
        *arguments: str,
        answer: str | Callable[[str], object] = PRESS,
        stdin: str | bytes = b"",
        port: bool = True,
    ) -> Result:
        """Run a command; `port` False leaves --port away.

        `answer` is what somebody does at the token, or is called with each notice.
        """
        self._answer = answer
        self.asked.clear()
        self.restarts = 0
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        self._capfd.readouterr()
        code = main.run(["--port", "simulated", *arguments] if port else list(arguments))
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))

    def interrupted_after(self, count: int, *arguments: str) -> Result:
        """Run a command that somebody interrupts with Ctrl-C when `count` accounts were added."""
        add, done = Token.add, iter(range(count))

        def counted(token: Token, *account: Any, **more: Any) -> int:
            if next(done, None) is None:
                raise KeyboardInterrupt
            return add(token, *account, **more)

        with self._monkeypatch.context() as patched:
            patched.setattr(Token, "add", counted)
            return self(*arguments)

    def open(self) -> Token:
        """Return the token behind tokenctl's Python API; somebody says yes to everything."""
        return Token(self.token.transport(), lambda notice: self._press(PRESS))

    def put(self, *accounts: Account) -> list[StoredAccount]:
        """Put accounts on the token, and return all that it has."""
        with self.open() as token:
            batch = token.batch(len(accounts)) if accounts else None
            for account in accounts:
                token.add(account, batch_id=batch)
            return token.accounts()

    def stored(self) -> list[StoredAccount]:
        """Return what the token has."""
        return self.put()

    def _act(self, notice: str) -> None:
        if callable(self._answer):
            self._answer(notice)
            return
        if self._answer == INTERRUPT:
            raise KeyboardInterrupt
        if self._answer != NOTHING:
            self._press(self._answer)

    def _press(self, answer: str) -> None:
        self.token.press(_SECONDS[answer], THINKING)


def unchanged(commandline: CommandLine, run: Callable[[], Result]) -> Result:
    """Return what `run` does, which must leave the token as it was."""
    before = commandline.stored()
    result = run()
    assert commandline.stored() == before
    return result
