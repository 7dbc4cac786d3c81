"""Every command of tokenctl with a command line that gets as far as its token, and its computer.

A new command without a line here fails test_every_command_is_in_the_table. Tokens are honest ones
of attacks.hostile_token behind ports that need no time.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from attacks.hostile_token import ALICE, BACKUP, CHECK, HONEST, HostileToken, Say, honest

from tokenctl.cli import main
from tokenctl.cli.main import cli
from tokenctl.clock.computer import ComputerClock
from tokenctl.device.transport import SerialTransport
from tokenctl.payload import board_definition

FIRST, SECOND = "/dev/ttyUSB0", "/dev/ttyUSB1"
SERIALS = {FIRST: "0123456789AB", SECOND: "BA9876543210"}
KEPT, NEW = "kept.otpb", "new.otpb"  # a backup that is there, and one that is made
CP2102 = 0x10C4

# What a line speaks with: the token that is found, a board in its loader, two tokens, or nothing.
TOKEN, BOARD, BOTH, NOTHING = "token", "board", "both", "nothing"
URIS = "".join(
    f"otpauth://totp/Example:{name}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n"
    for name in ("alice", "bob", "carol")
)


@dataclass(frozen=True)
class Line:
    """A command line, what is typed into it, and whether the token has alice at first."""

    arguments: tuple[str, ...]
    kind: str = TOKEN
    typed: str = ""
    stored: bool = True

    def __str__(self) -> str:
        return "_".join(self.arguments)


def _line(text: str, kind: str = TOKEN, typed: str = "", *, stored: bool = True) -> Line:
    return Line(tuple(text.split()), kind, typed, stored)


LINES: tuple[Line, ...] = (
    _line(f"backup --force {NEW}"),
    _line(f"backup --verify {KEPT}"),
    _line(f"backup --verify --full {KEPT}"),
    _line("backup --off"),
    _line("board list", NOTHING),
    _line("board check board.json", NOTHING),
    _line(f"clone --from {FIRST} --to {SECOND}", BOTH),
    _line("code alice"),
    _line("completion bash", NOTHING),
    _line("doctor"),
    _line("doctor --symptom codes-refused", NOTHING),
    _line("fault --map board.json ValueError", NOTHING),  # which is no map
    _line("favourite alice"),
    _line("flash --dry-run", BOARD),
    _line("harden --check", BOARD),
    _line("harden --burn jtag", BOARD),
    _line("harden --burn chip-key", BOARD, "I have no backup\n"),
    _line("list"),
    _line("lock"),
    _line("move alice 1"),
    _line("pin set"),
    _line("pin clear"),
    _line("pin bind"),
    _line("pin unbind"),
    _line("pin lock-after 60"),
    _line("provision --yes -", typed=URIS, stored=False),
    _line("provision --yes --replace -", typed=URIS),
    _line("provision --diff -", typed=URIS),
    _line("provision --dry-run -", NOTHING, URIS),
    _line(f"provision --yes --also {SECOND} -", BOTH, URIS, stored=False),
    _line("remove alice"),
    _line("rename alice --issuer Other"),
    _line(f"restore {KEPT}"),
    _line("status"),
    _line("status --clock-log"),
    _line("sync"),
    _line("udev-rule", NOTHING),
    _line("verify", BOARD),
    _line("wipe"),
)


def of_kind(*kinds: str) -> list[Line]:
    """Return the lines that speak with these."""
    return [each for each in LINES if each.kind in kinds]


def paths(group: click.Group = cli, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield each command that there is, as ("pin", "set")."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from paths(command, (*before, name))
        else:
            yield (*before, name)


class Vault:
    """Answers as an honest token that keeps the accounts it is given."""

    def __init__(self, serial: str, stored: bool) -> None:
        self.serial = serial
        self.names = ["alice"] if stored else []

    def __call__(
        self, token: HostileToken, method: str, parameters: dict[str, Any]
    ) -> Sequence[Say]:
        answer = honest(token, method, parameters)
        told = getattr(self, "_" + method.replace(".", "_"), lambda given: {})(parameters)
        return [{"result": answer[0]["result"] | told}] if told else answer  # pyrefly: ignore[bad-index]

    def _hello(self, given: Any) -> dict[str, Any]:
        return {"serial": self.serial, "development": False}

    def _status(self, given: Any) -> dict[str, Any]:
        return {"account_count": len(self.names), "bound": False}

    def _chip_key(self, given: Any) -> dict[str, Any]:
        return {"state": "usable", "block": 4}

    def _accounts_list(self, given: dict[str, Any]) -> dict[str, Any]:
        entry = HONEST["accounts.list"]["accounts"][0]
        all_ = [entry | {"account_id": n, "name": name} for n, name in enumerate(self.names, 1)]
        return {"accounts": all_[given.get("start", 0) :], "total": len(all_)}

    def _accounts_add(self, given: dict[str, Any]) -> dict[str, Any]:
        self.names.append(given["account"]["name"])
        return {"account_id": len(self.names), "key_check_value": CHECK}


assert ALICE.key_check_value() == CHECK  # the secret of all of URIS is hers


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """What was said besides notices and warnings."""
        passed_over = "Look at", "Warning: ", "The first token, ", "The second token, ", "Both "
        return [each for each in self.err.splitlines() if not each.startswith(passed_over)]


class Computer:
    """A computer in `folder` with tokens at its ports; call it to run a line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: Any, folder: Path) -> None:
        self._monkeypatch, self._capfd, self.folder = monkeypatch, capfd, folder
        self.tokens: dict[str, HostileToken] = {}
        self.loaders: list[str] = []  # the ports at which a loader was wanted
        (folder / KEPT).write_bytes(BACKUP)
        (folder / NEW).write_bytes(b"the last one")
        (folder / "board.json").write_bytes(board_definition("esp32").read_bytes())
        monkeypatch.chdir(folder)
        monkeypatch.delenv("TOKENCTL_PORT", raising=False)
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.setattr("tokenctl.clock.computer.read", lambda: ComputerClock(True, 0.0))
        monkeypatch.setattr("tokenctl.device.token.SerialTransport", self._opened)
        monkeypatch.setattr("tokenctl.device.ports.list_ports.comports", self._ports)

    def plug(
        self, line: Line, port: str = FIRST, kind: Callable[..., HostileToken] = HostileToken
    ) -> HostileToken:
        """Put a token at a port."""
        token = kind(Vault(SERIALS[port], line.stored))
        token.name = port
        self.tokens[port] = token
        return token

    def _opened(self, port: str) -> HostileToken:
        if port not in self.tokens:
            SerialTransport(port)  # which says that there is none
        return self.tokens[port]

    def _ports(self) -> list[Any]:
        return [SimpleNamespace(device=each, description="", vid=CP2102) for each in self.tokens]

    def __call__(self, line: Line, *more: str) -> Ended:
        typed = io.TextIOWrapper(io.BytesIO(line.typed.encode()))
        self._monkeypatch.setattr("sys.stdin", typed)
        self._capfd.readouterr()
        code = main.run([*line.arguments, *more])
        return Ended(code, *self._capfd.readouterr())

    def files(self) -> dict[str, bytes]:
        """Return all files in the folder."""
        found = sorted(self.folder.rglob("*"))
        return {each.name: each.read_bytes() for each in found if each.is_file()}


def as_error(ended: Ended) -> dict[str, Any]:
    """Return the error of a command that had --json."""
    (line,) = (each for each in ended.err.splitlines() if each.startswith('{"error"'))
    return json.loads(line)
