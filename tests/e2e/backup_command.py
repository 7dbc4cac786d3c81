"""tokenctl backup and restore, run against tokens with accounts; what was asked is answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.commandline import CommandLine
from e2e.paper import Keeper
from e2e.pin_command import PIN
from e2e.saved import after, protect, provision, restarted
from e2e.small_text import shows
from support import backups
from support.backups import Account as Kept
from support.backups import Backup

from otpcore.account import Account
from tokensim.token import SimulatedToken

ALICE = Account("Example", "alice@example.com", b"12345678901234567890")
DOOR = Account("Door", "key", b"a secret of the door", "hotp", counter=41)
MAIL = Account("Mail", "alice", b"correct horse", "static")
CODE = backups.code_of("0123456789" * 4)
DARK = 31  # seconds without a press


def _three_accounts(sim: SimulatedToken) -> None:
    provision(sim, ALICE, DOOR, MAIL)


def _with_pin(sim: SimulatedToken) -> None:
    _three_accounts(sim)
    protect(sim, PIN)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator:
    """A token that knows the time and has three accounts."""
    with restarted(after(_three_accounts)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator:
    """The same one with a PIN: it has just been switched on."""
    with restarted(after(_with_pin)) as token:
        yield CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator:
    """Another token, which is empty; the commands go to it once it is called."""
    with SimulatedToken() as token:
        yield lambda: CommandLine(token, monkeypatch, capfd)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "token.otpb"


def save(run: CommandLine, path: Path, *options: str, pin: str | None = None) -> Keeper:
    """Make a backup; return who has its code on paper."""
    keeper = Keeper(run.token, pin)
    result = run("backup", str(path), *options, answer=keeper)
    assert result.code == 0, result
    return keeper


def write(path: Path, *accounts: Kept, code: str = CODE, **fields) -> Path:
    """Write a backup as the second implementation does."""
    path.write_bytes(backups.write(Backup(list(accounts), **fields), code))
    return path


def kept(account: Account) -> Kept:
    return Kept(
        *(account.issuer, account.name, account.secret, account.type, account.algorithm),
        *(account.digits, account.period, account.t0, account.counter),
    )


def names(run: CommandLine) -> list[str]:
    return [each.name for each in run.stored()]


def says(run: CommandLine, text: str) -> bool:
    """Tell whether a text is on the screen, light on dark or in a title."""
    rows = [list(map(int, row)) for row in run.token.look()[0]]
    return shows(rows, text) or shows([[1 - each for each in row] for row in rows], text)
