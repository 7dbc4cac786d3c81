"""A token that cannot read all that it has noted: what it can do goes on, and status says the rest.

If it cannot read what it has noted of its backups it makes none: whether they are switched off
stood there, too, so that a damaged record must not allow them again.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.backup_command import ALICE, CODE, kept, names, write
from e2e.commandline import PRESS, CommandLine
from e2e.paper import Keeper
from e2e.saved import State, after, provision, restarted
from support import vault_page
from support.backups import Account as Kept

from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

ACCOUNT, BACKUPS = 1, 6  # kinds of records, as docs/vault-format.md has them
SAYS = ("record of its backups is damaged", "can restore a backup")


def _with_backup(sim: SimulatedToken) -> None:
    provision(sim, ALICE)
    with Token(sim.transport(), Keeper(sim, None)) as token:
        assert list(token.backups.make().parts)


def _changed_since(sim: SimulatedToken) -> None:
    _with_backup(sim)
    with Token(sim.transport(), lambda _: sim.press(after=0.7)) as token:
        token.rename(1, "Renamed", ALICE.name)


def damaged(state: State, folder: Path, kind: int) -> State:
    """Return a copy of a token in which a bit of the only record of a kind was changed."""
    shutil.copytree(state.folder, folder, dirs_exist_ok=True)
    image = bytearray((folder / "flash.bin").read_bytes())
    (record,) = [each for each in vault_page.records(bytes(image)) if each.kind == kind]
    image[image.index(record.body) + 50] ^= 1
    (folder / "flash.bin").write_bytes(image)
    return State(folder, state.time)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedToken]:
    """A token without a PIN that cannot read what it has noted of its backups."""
    state = damaged(after(_with_backup), tmp_path_factory.mktemp("damaged"), BACKUPS)
    with restarted(state) as sim:
        yield sim


@pytest.fixture
def run(
    board: SimulatedToken, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> CommandLine:
    board.wait(4)
    return CommandLine(board, monkeypatch, capfd)


def test_status_says_so_and_all_else(run):
    result = run("status")
    assert result.code == 0 and "1 of 1000" in result.out
    assert "record is damaged" in result.out and "can restore a backup" in result.out
    assert run("status", "--json").json["backup"]["damaged"] is True


@pytest.mark.parametrize("options", [(), ("--new-code",)])
def test_it_makes_no_backup_and_no_file(run, tmp_path, options):
    path = tmp_path / "token.otpb"
    run("backup", str(path), *options).refused(6, *SAYS)
    assert run.asked == [] and not path.exists()


def test_it_cannot_switch_them_off_and_lets_nobody_hold_the_button_for_that(run):
    run("backup", "--off").refused(6, *SAYS)
    assert run.asked == []


def test_it_does_not_know_its_last_backup_but_compares_one(run, tmp_path):
    keeper = Keeper(run.token)
    keeper.paper = CODE.split()
    path = write(tmp_path / "token.otpb", kept(ALICE), serial=run.token.board.serial.hex().upper())
    run("backup", "--verify", str(path)).refused(6, *SAYS)
    result = run("backup", "--verify", "--full", str(path), "--json", answer=keeper)
    assert (result.code, result.json["same"], result.json["last"]) == (0, 1, None), result
    assert keeper.asked == ["code"]
    changed = write(
        tmp_path / "other.otpb", Kept(ALICE.issuer, ALICE.name, b"another of 20 bytes.")
    )
    result = run("backup", "--verify", "--full", str(changed), answer=keeper)
    assert result.code == 8 and "1 with another secret there" in result.out, result
    assert "last backup" not in result.out


def test_it_restores_one(run, tmp_path):
    path = write(tmp_path / "token.otpb", kept(ALICE), Kept("New", "bob", b"a new secret for bob"))
    result = run("restore", "--code-on-computer", str(path), stdin=CODE, answer=PRESS)
    assert result.code == 0 and "1 added, 1 already" in result.err
    assert names(run) == [ALICE.name, "bob"]
    assert run("status", "--json").json["backup"]["damaged"] is True


def test_an_account_that_was_changed_and_then_damaged_is_one_that_changed(
    tmp_path, monkeypatch, capfd
):
    """How many changed since the backup is a line of status, which has others to say."""
    with restarted(damaged(after(_changed_since), tmp_path / "state", ACCOUNT)) as sim:
        run = CommandLine(sim, monkeypatch, capfd)
        result = run("status")
        assert result.code == 0 and "cannot be read" in result.out, result
        assert "1 new or changed since" in result.out


def test_a_backup_says_that_an_account_could_not_be_read(tmp_path, monkeypatch, capfd):
    state = damaged(after(_changed_since), tmp_path / "state", ACCOUNT)
    with restarted(state) as sim:
        run, keeper = CommandLine(sim, monkeypatch, capfd), Keeper(sim)
        result = run("backup", str(tmp_path / "token.otpb"), answer=keeper)
        assert result.code == 0 and "Warning: 1 record in the vault cannot be read" in result.err
        assert keeper.asked == ["hold"]
