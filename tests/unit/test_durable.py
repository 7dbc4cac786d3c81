"""What is said to be on disk has been written there, its name in its folder, too."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from tokenctl import durable
from tokenctl.device.backup_file import NewFile
from tokenctl.enrol.atomic_file import exchange
from tokenctl.hardening import key_answers

pytestmark = pytest.mark.skipif(os.name != "posix", reason="folders cannot be opened")
Written = list[tuple[bool, bool]]  # each: is it a folder, and does the file have its name


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path)
    (tmp_path / "chip-keys").mkdir()
    return tmp_path / "chip-keys" / "240AC4E29526.json"


@pytest.fixture
def written(path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """What was written to disk, in order."""
    found: Written = []

    def fsync(descriptor: int) -> None:
        is_folder = os.path.samestat(os.fstat(descriptor), path.parent.stat())
        found.append((is_folder, path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def back_up(path: Path, force: bool = False) -> None:
    with NewFile(path, force) as file:
        file.write(b"backup")
        file.keep()


WAYS: dict[str, Callable[[Path], None]] = {
    "backup": back_up,
    "backup --force": lambda path: back_up(path, True),
    "provision --keep": lambda path: exchange(path, b"accounts"),
    "harden --burn chip-key": lambda path: key_answers.remember(path.stem, 2, bytes(64)),
}


@pytest.mark.parametrize("way", WAYS)
def test_first_the_file_then_its_name(way: str, path: Path, written: Written) -> None:
    WAYS[way](path)
    assert written == [(False, False), (True, True)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [errno.EINVAL, errno.EIO])
def test_a_folder_that_cannot_be_written_is_no_fault_but_a_bad_disk_is(
    way: str, number: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have no such thing as writing a folder to disk."""

    def settle(descriptor: int) -> None:
        if os.path.samestat(os.fstat(descriptor), path.parent.stat()):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", settle)
    if number == errno.EIO:
        with pytest.raises(Exception, match="[Ii]nput/output"):
            WAYS[way](path)
    else:
        WAYS[way](path)
        assert path.exists()


def test_what_is_interrupted_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    path.write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        durable.exchange(path, b"newer", ".new-")
    assert path.read_bytes() == b"older" and list(path.parent.iterdir()) == [path]
