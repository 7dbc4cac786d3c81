"""tokenctl's commands on a real token, where a person presses the button.

Every command names the serial number that the guard in tests/conftest.py has
checked: if the token was exchanged in the meantime, tokenctl refuses.
"""

import io

import pytest
from e2e.commandline import HOLD, NO, NOTHING, PRESS, Result

from tokenctl.cli import main
from tokenctl.cli.session import Session

_TELL = {
    PRESS: "press the token's button shortly",
    NO: "press the token's button for a good second (that says no)",
    HOLD: "hold the token's button for more than three seconds",
    NOTHING: "do NOT touch the token, for 30 seconds",
}


class RealToken:
    """Call it with arguments, as commandline.CommandLine; the person reads the terminal."""

    def __init__(
        self,
        port: str,
        serial: str,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self._options = ["--port", port, "--serial", serial]
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        self.asked: list[str] = []
        self._answer = PRESS
        monkeypatch.delenv("TOKENCTL_PORT", raising=False)
        notice = Session._notice

        def noticed(session: Session, text: str) -> None:
            notice(session, text)
            self.asked.append(text)
            with self._capfd.disabled():
                print(f"\n>>> Please {_TELL[self._answer]}.", flush=True)

        monkeypatch.setattr(Session, "_notice", noticed)

    def __call__(self, *arguments: str, answer: str = PRESS, stdin: str = "") -> Result:
        """Run a command on the token."""
        self._answer = answer
        self.asked.clear()
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capfd.readouterr()
        code = main.run([*self._options, *arguments])
        out, err = self._capfd.readouterr()
        return Result(code, str(out), str(err))
