"""The cache of downloaded images, a folder in which every named file has been verified.

A file is renamed to its name only after its content was checked, and is checked again
whenever it is used. One tokenctl at a time downloads it; others wait and then find it.
The name holds a digest of the URL: what one server gave is never taken for another's.
A folder that others may write is refused: see file_ownership.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import filelock
import platformdirs

from tokenctl.errors import BadPayload, DownloadFailed
from tokenctl.flashing import download
from tokenctl.flashing.file_ownership import NotOwn, read_own, require_own
from tokenctl.flashing.partial_file import PartialFile
from tokenctl.flashing.releases import SIZE_MAX, Release, sha256
from tokenctl.language import _
from tokenctl.system_sentences import reason

Report = Callable[[dict[str, Any]], None]
T = TypeVar("T")

CACHE, DOWNLOAD = "cache", "download"
WAIT = 600.0  # seconds for another tokenctl to be done with it

VARIABLE = "TOKENCTL_CACHE"
_NAME_MAX = 100


class _Untold(Exception):
    """`report` failed with the OSError that is the argument: the output is gone, not the cache."""


@dataclass(frozen=True)
class Found(Generic[T]):
    """An image: its bytes, what the check made of them, and CACHE or DOWNLOAD."""

    data: bytes
    checked: T
    origin: str


def folder() -> Path:
    """Return the folder for downloaded images."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_cache_path("tokenctl", appauthor=False) / "micropython"


def place(release: Release) -> Path:
    """Return the path of this release in the cache, existing or not."""
    digest = hashlib.sha256(release.url.encode()).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9_.+-]", "_", release.name)[-_NAME_MAX:]
    return folder() / f"{digest}-{name}"


def obtain(
    release: Release,
    check: Callable[[bytes], T],
    report: Report,
    limits: download.Limits | None = None,
    wait: float = WAIT,
) -> Found[T]:
    """Return the release from the cache, or download it into the cache.

    `check` returns what it makes of the bytes, or raises BadPayload; that is raised on when
    a download fails it. Raises DownloadFailed. What happens is told to `report`.
    """
    path = place(release)

    def tell(event: dict[str, Any]) -> None:
        try:
            report(event)
        except OSError as error:
            raise _Untold(error) from None

    try:
        return _obtain(release, path, check, tell, limits, wait)
    except _Untold as untold:
        raise untold.args[0] from None
    except OSError as error:
        raise DownloadFailed(
            _(
                "the cache folder {parent} cannot be used: {why}; make room there, or "
                "name another folder in {variable}, and run the same command again"
            ).format(parent=path.parent, variable=VARIABLE, why=reason(error, str(error)))
        ) from None


def _obtain(
    release: Release,
    path: Path,
    check: Callable[[bytes], T],
    report: Report,
    limits: download.Limits | None,
    wait: float,
) -> Found[T]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_own(path.parent, VARIABLE)
    found = _cached(path, check, report)
    if found is not None:
        return found
    lock = filelock.FileLock(path.with_name(path.name + ".lock"))
    _acquire(lock, path, report, wait)
    try:
        found = _cached(path, check, report)  # another may have downloaded it in the meantime
        if found is not None:
            return found
        if path.exists():
            report({"event": "damaged", "path": str(path)})
            path.unlink()
        return _download(release, path, check, report, limits)
    finally:
        lock.release()


def _cached(path: Path, check: Callable[[bytes], T], report: Report) -> Found[T] | None:
    """Return the cached image, None if there is none or it is not valid."""
    try:
        data = read_own(path)
        found = Found(data, check(data), CACHE)
    except (FileNotFoundError, NotOwn, BadPayload):
        return None
    report({"event": "cached", "path": str(path), "sha256": sha256(data)})
    return found


def _acquire(lock: filelock.BaseFileLock, path: Path, report: Report, wait: float) -> None:
    try:
        lock.acquire(timeout=0)
        return
    except filelock.Timeout:
        report({"event": "waiting", "path": str(path)})
    try:
        lock.acquire(timeout=wait)
    except filelock.Timeout:
        raise DownloadFailed(
            _(
                "another tokenctl has been downloading the same image for a long time: "
                "stop it, and run the same command again"
            )
        ) from None


def _download(
    release: Release,
    path: Path,
    check: Callable[[bytes], T],
    report: Report,
    limits: download.Limits | None,
) -> Found[T]:
    part = PartialFile(path.with_name(path.name + ".part"), release.url)
    try:
        read_own(part.path)
    except FileNotFoundError:
        pass
    except NotOwn:
        part.discard()
    report({"event": "download", "url": release.url, "size": release.size})

    def progress(done: int, total: int | None) -> None:
        if total:
            report({"event": "progress", "name": "download", "percent": 100 * done // total})

    while True:
        resumed = download.download(
            part,
            progress,
            pinned=release.sha256 is not None,
            size=release.size,
            limits=limits or download.Limits(size=SIZE_MAX),
        )
        data = read_own(part.path)
        try:
            checked = check(data)
        except BadPayload as error:
            part.discard()
            if resumed:  # the part that was there may be what is wrong: once more, all of it
                continue
            raise error.at(
                _("the download of {url} was rejected and not kept").format(url=release.url)
            ) from None
        break
    with part.path.open("r+b") as file:
        os.fsync(file.fileno())
    part.path.replace(path)
    part.discard()
    report({"event": "downloaded", "path": str(path), "sha256": sha256(data)})
    return Found(data, checked, DOWNLOAD)
