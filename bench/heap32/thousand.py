"""Scenarios of a token with a thousand accounts, recorded for the model of a chip's heap."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import samples
from bench.backups import Keeper
from bench.heap32 import driver, fits, person
from bench.heap32.allocator import replay
from bench.heap32.driver import Recorder
from bench.heap32.lives import Life, named
from bench.heap32.states import bring
from bench.link import READ
from tokenctl.device import backup_file
from tokenctl.device.backup_file import BackupFile
from tokenctl.device.token import Token
from tokensim.board.board import FLASH_SIZE, Parts
from tokensim.token import SimulatedToken

COUNT = 1000  # accounts, the most that a token holds
_MORE = 10
_SMALL = 60 * 4096  # bytes of a flash that they almost fill
_MOVED = 20  # programs of flash: no rename needs so many, unless a sector is replaced
_APART = 20  # accounts further the next sector begins, about
_SETTLED = 5  # seconds after which a computer's session is over
_TITLE = f"{COUNT} accounts: "


def written() -> dict[str, float]:
    """Return the figures of a chip's heap, as lives.written() does."""
    found: dict[str, float] = {}
    sizes: list[int] = []
    for life in LIVES:
        with TemporaryDirectory(prefix="bench-") as folder:
            lived = life(Path(folder))
        found |= named(replay(lived))
        sizes.append(fits.needed([lived]))
    return found | {fits.named(COUNT): max(sizes)}


def state(folder: Path, count: int = COUNT, flash_size: int = FLASH_SIZE) -> Path:
    """Make a token with so many accounts in a folder, and return the folder."""
    shutil.copytree(_brought(count, flash_size).name, folder, dirs_exist_ok=True)
    return folder


@functools.cache
def _brought(count: int, flash_size: int) -> TemporaryDirectory[str]:
    """Make such a token, once; it is kept as long as this process runs."""
    folder = TemporaryDirectory(prefix="bench-")
    with SimulatedToken(Path(folder.name), parts=Parts(flash_size=flash_size)) as board:
        bring(board, count)
    return folder


def brought(folder: Path) -> Life:
    """Record adding the last ten accounts, for which all others are compared."""
    with driver.token(state(folder, COUNT - _MORE), Recorder) as board:
        bring(board, COUNT)
        return driver.events(board, f"{_TITLE}the last {_MORE} are brought")


def looked_for(folder: Path) -> Life:
    """Record codes, the menu, its list and its search, and a computer's request for a code."""
    with driver.token(state(folder), Recorder) as board:
        life: Life = []

        def seen(moment: str) -> None:
            board.wait(2)
            life.extend(driver.events(board, _TITLE + moment))

        board.press()
        seen("a code on the screen")
        person.choose(board, 0)
        board.hold(second=True)
        board.wait(1)
        board.press()
        seen("the list")
        board.wait(60)
        board.press()
        person.choose(board, 1)
        for second in (True, False, True):
            board.press(second=second)
            board.wait(1)
        seen("the search")
        board.wait(60)
        with _agreed(board) as token:
            token.sync()
            (account,) = token.find(samples.enrolments(COUNT)[-1].account.name)
            token.code(account.account_id)
            seen("a code by its name")
        return life


def protected(folder: Path) -> Life:
    """Record setting a PIN, in the run after the one that drew its key, and entering it."""
    life: Life = []

    def at_the_token(notice: str) -> None:
        if notice == "pin":
            life.extend(driver.events(board, f"{_TITLE}a PIN is asked for"))
        person.who_sets_the_pin(board)(notice)

    with driver.token(state(folder), Recorder) as board:
        with Token(board.transport(), at_the_token) as token:
            token.change_pin()
            life += driver.events(board, f"{_TITLE}the PIN is set")
        person.lock_and_unlock(board, at_the_token)
        return life + driver.events(board, f"{_TITLE}unlocked")


def compacted(folder: Path) -> Life:
    """Record a full flash, in which a sector's records are moved."""
    with SimulatedToken(state(folder, COUNT, _SMALL), parts=Parts(flash_size=_SMALL)) as board:
        turn = _until_moved(board)
    with driver.token(folder, Recorder, flash_size=_SMALL) as board:
        _until_moved(board, turn)
        return driver.events(board, f"{_TITLE}a sector was moved")


def kept(folder: Path) -> Life:
    """Record making a backup."""
    with driver.token(state(folder), Recorder) as board:
        with Token(board.transport(), Keeper(board)) as token:
            token.sync()
            assert backup_file.parse(b"".join(token.backups.make().parts)).count == COUNT
        return driver.events(board, f"{_TITLE}a backup is made")


def checked(folder: Path) -> Life:
    """Record a drill: a backup is compared with the token."""
    file, _ = _made(folder)
    with driver.token(folder, Recorder) as board, _agreed(board) as token:
        counts = token.backups.open(file, "drill")
        assert counts["same"] == COUNT, counts
        return driver.events(board, f"{_TITLE}a backup is checked")


def restored(folder: Path) -> Life:
    """Record restoring a backup to an empty token, at which its code is entered."""
    file, groups = _made(folder / "first")
    with driver.token(folder / "second", Recorder) as board:
        keeper = Keeper(board, groups)
        with Token(board.transport(), keeper) as token:
            counts = token.backups.open(file, "merge")
        assert counts["added"] == COUNT, counts
        life = driver.events(board, f"{_TITLE}a backup is restored")
        board.wait(_SETTLED)
        return life + driver.events(board, f"{_TITLE}at rest behind that")


LIVES: tuple[Callable[[Path], Life], ...] = (
    brought,
    looked_for,
    protected,
    compacted,
    kept,
    checked,
    restored,
)


def _made(folder: Path) -> tuple[BackupFile, list[str]]:
    """Make a token and a backup of it; return the file, and the groups of its code."""
    with SimulatedToken(state(folder)) as board:
        keeper = Keeper(board)
        with Token(board.transport(), keeper) as token:
            return backup_file.parse(b"".join(token.backups.make().parts)), keeper.groups


def _until_moved(board: SimulatedToken, turn: int = 0) -> int:
    """Rename accounts from that turn on until a sector is replaced; return the turn after that.

    Accounts of all sectors in turn: so each sector has live records when the flash is full. After
    renames of a single account there would be a sector without any, which is not moved but erased.
    """
    flash = board.board.flash
    with _agreed(board) as token:
        ids = [each.account_id for each in token.accounts()]
        ids = [each for first in range(_APART) for each in ids[first::_APART]]
        for at in range(turn, len(ids)):
            before = flash.programs
            token.rename(ids[at], "Example", f"turn {at}")
            if flash.programs - before > _MOVED:
                return at + 1
    raise AssertionError("the flash is never full")


def _agreed(board: SimulatedToken) -> Token:
    return Token(board.transport(), lambda notice: board.press(after=READ))
