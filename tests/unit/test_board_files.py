"""How make deploy brings the files of a board up to date: here in a folder, without a board."""

import contextlib
import hashlib
import io
import random
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
sys.path.append(str(TOOLS))  # it is not installed

import board_files  # noqa: E402

OLD = random.Random(1).randbytes(30_000)
NEW = OLD[:9000] + b"in the middle" + OLD[9000:]


class Board:
    """A REPL that runs what it gets in one scope, within a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scope: dict[str, object] = {}
        self.got = 0

    def exec(self, code: str) -> bytes:
        self.got += len(code)
        said = io.StringIO()
        with contextlib.chdir(self._folder), contextlib.redirect_stdout(said):
            exec(code, self._scope)  # noqa: S102 (our own)
        return said.getvalue().encode()


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_a_new_file_is_written_whole(board, tmp_path):
    board_files.copy(board, {"app.bin": NEW}, set())
    assert [each.name for each in tmp_path.iterdir()] == ["app.bin"]
    assert (tmp_path / "app.bin").read_bytes() == NEW
    assert board.got < 1.5 * len(NEW)


@pytest.mark.parametrize("old", [OLD, b"", b"x", NEW[:-1], NEW[::-1]], ids=len)
def test_an_old_one_becomes_the_new_one(board, tmp_path, old):
    (tmp_path / "app.bin").write_bytes(old)
    board_files.copy(board, {"app.bin": NEW}, {"app.bin"})
    assert [each.name for each in tmp_path.iterdir()] == ["app.bin"]
    assert (tmp_path / "app.bin").read_bytes() == NEW


def test_only_what_is_new_is_sent(board, tmp_path, capsys):
    (tmp_path / "app.bin").write_bytes(OLD)
    board_files.copy(board, {"app.bin": NEW}, {"app.bin"})
    sent = int(capsys.readouterr().out.split()[2])
    assert sent < 400
    assert board.got < 4000  # with all that the board is to run


def test_blocks_that_only_seem_alike_do_no_harm(board, tmp_path, monkeypatch):
    """Two blocks may have one hash: then what was made is another file, and all is sent."""
    (tmp_path / "app.bin").write_bytes(OLD)
    monkeypatch.setattr(board_files.difference, "steps", lambda *_: iter([(0, len(NEW) - 99)]))
    board_files.copy(board, {"app.bin": NEW}, {"app.bin"})
    assert (tmp_path / "app.bin").read_bytes() == NEW


def test_the_old_file_stays_until_the_new_one_is_whole(board, tmp_path):
    (tmp_path / "app.bin").write_bytes(OLD)
    run = board.exec

    def cut(code):
        if "_made.new" in code:
            raise OSError("the cable")
        return run(code)

    board.exec = cut
    with pytest.raises(OSError, match="cable"):
        board_files.copy(board, {"app.bin": NEW}, {"app.bin"})
    assert (tmp_path / "app.bin").read_bytes() == OLD
    run("_made.file.close(), _made.old.close()")


def test_the_listing_has_every_file_by_its_path(board, tmp_path):
    (tmp_path / "tokenfw" / "ui").mkdir(parents=True)
    (tmp_path / "tokenfw" / "ui" / "old.mpy").write_bytes(b"old")
    (tmp_path / "main.py").write_bytes(OLD)
    board.exec(
        "import os\n"
        "os.ilistdir = lambda folder: [\n"  # MicroPython's, which CPython lacks
        "    (each.name, 0x4000 * (2 - each.is_dir())) for each in os.scandir(folder or '.')\n"
        "]\n"
    )
    try:
        assert board_files.listing(board) == {
            "main.py": hashlib.sha256(OLD).digest(),
            "tokenfw/ui/old.mpy": hashlib.sha256(b"old").digest(),
        }
    finally:
        board.exec("del os.ilistdir")
