"""A simulated token under attack, and tokenctl's commands against a hostile one.

The output of the latter is kept as bytes. See e2e/conftest.py for the simulated token.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from attacks.clone_middle import both, tokens
from attacks.hostile_text import obeyed
from attacks.hostile_token import BACKUP, HostileToken
from e2e.conftest import sim, token

from tokenctl.cli import main
from tokenctl.clock.computer import ComputerClock

__all__ = ["both", "sim", "token", "tokens"]

URI = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
WITH_PIN = ("pin", "set"), ("pin", "clear"), ("pin", "lock-after", "60"), ("lock",)

KEPT = "kept.otpb"  # in the folder in which the commands run

# Every command that speaks with a token, and what is typed into it.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "list": (("list",), ""),
    "rename": (("rename", "alice", "--issuer", "Other"), ""),
    "move": (("move", "alice", "1"), ""),
    "favourite": (("favourite", "alice"), ""),
    "remove": (("remove", "alice"), ""),
    "code": (("code", "alice"), ""),
    "sync": (("sync",), ""),
    "status": (("status",), ""),
    "clock-log": (("status", "--clock-log"), ""),
    "wipe": (("wipe",), ""),
    "provision": (("provision", "--yes", "--replace", "-"), URI),
    "backup": (("backup", "--force", "new.otpb"), ""),
    "restore": (("restore", KEPT), ""),
    "drill": (("backup", "--verify", "--full", KEPT), ""),
    "forbid": (("backup", "--off"), ""),
    **{" ".join(each): (each, "") for each in WITH_PIN},
}


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: bytes
    err: bytes

    @property
    def sentences(self) -> list[str]:
        """What was said besides notices and warnings; of --json as it is said without."""
        said = self.err.decode().splitlines()
        said = [each for each in said if not each.startswith(("Look at", "Warning: "))]
        return [
            f"Error: {json.loads(each)['error']}" if each.startswith('{"error"') else each
            for each in said
        ]


Run = Callable[..., Outcome]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> Iterator[Run]:
    """Run a command against a token; nothing that it prints may be obeyed by a terminal."""
    monkeypatch.delenv("TOKENCTL_PORT", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / KEPT).write_bytes(BACKUP)
    monkeypatch.setattr("tokenctl.clock.computer.read", lambda: ComputerClock(True, 0.0))

    def run(token: HostileToken, *arguments: str, stdin: str | bytes = "") -> Outcome:
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", lambda port: token)
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        capfdbinary.readouterr()
        code = main.run(["--port", "hostile", *arguments])
        out, err = capfdbinary.readouterr()
        assert not obeyed(out) and not obeyed(err), (out, err)
        return Outcome(code, out, err)

    yield run
