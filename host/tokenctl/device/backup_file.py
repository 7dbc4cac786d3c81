"""A backup as a file: its form, its parts, and how it is written without ever leaving half a file.

Only a token can open it. docs/backup-format.md describes the bytes.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from otpcore import backup, backup_frame
from otpcore.errors import BadBackup
from tokenctl import durable
from tokenctl.device.refusals import sentence
from tokenctl.errors import BackupFileError
from tokenctl.language import _
from tokenctl.system_sentences import reason

PART_MAX = 768  # bytes of records in a message to the token
SIZE_MAX = 1 << 20  # bytes: a thousand of the longest accounts take 340,000


@dataclass(frozen=True)
class BackupFile:
    """A file that has the form of a backup. Nothing vouches for what its header says."""

    header: bytes
    serial: str
    count: int
    created: int  # Unix time, 0 where the token did not know it
    records: tuple[bytes, ...]  # each preceded by its length
    end: bytes

    @property
    def identity(self) -> bytes:
        """The value by which a token recognises its last backup: see backup_frame.identity()."""
        digest = hashlib.sha256(self.header + b"".join(self.records)).digest()
        return backup_frame.identity(digest, self.end)

    def parts(self) -> Iterator[tuple[bytes, int]]:
        """Yield the bytes for each message, and how many accounts have been sent with it."""
        part, gone = b"", -1  # the first record holds the settings
        for record in self.records:
            if part and len(part) + len(record) > PART_MAX:
                yield part, gone
                part = b""
            part += record
            gone += 1
        if len(part) + len(self.end) > PART_MAX:
            yield part, gone
            part = b""
        yield part + self.end, gone


class Arriving:
    """A backup that comes in pieces of any size; `data` is what has come."""

    def __init__(self, count: int) -> None:
        self.data = bytearray()
        self._left = count + 1  # records; the first one holds the settings
        self._at = backup_frame.HEADER_SIZE
        self._whole = -1  # accounts of which all has come

    def add(self, piece: bytes) -> int:
        """Take a piece; return how many accounts have come whole so far."""
        self.data += piece
        while self._left:
            try:
                _start, self._at = backup.next_record(self.data, self._at)
            except BadBackup:  # it has not come whole yet; parse() says whether it is bad
                break
            self._left -= 1
            self._whole += 1
        return max(0, self._whole)


def parse(data: bytes) -> BackupFile:
    """Return the backup in `data`; raise BackupFileError if it does not have the form of one."""
    try:
        header, _tag = backup_frame.header(data[: backup_frame.HEADER_SIZE])
        at, records = backup_frame.HEADER_SIZE, []
        for _index in range(header.count + 1):
            _start, stop = backup.next_record(data, at)
            records.append(data[at:stop])
            at = stop
        if len(data) < at + backup_frame.TAG:
            raise BadBackup("short")
        if len(data) > at + backup_frame.TAG:
            raise BadBackup("long")
    except BadBackup as error:
        raise BackupFileError(sentence("bad_backup", str(error))) from None
    head = data[: backup_frame.HEADER_SIZE]
    return BackupFile(head, header.serial, header.count, header.created, tuple(records), data[at:])


def read(path: Path) -> BackupFile:
    """Return the backup in a file; raise BackupFileError if it cannot be read or is not one."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise _failure(path, error) from None
    if len(data) > SIZE_MAX:
        raise BackupFileError(_("'{file}' is not a backup: it is too large").format(file=path))
    try:
        return parse(data)
    except BackupFileError as error:
        raise error.at(f"'{path}'") from None


class NewFile:
    """A file that is written beside its destination, and moved there once all of it is on disk.

    Only its owner may read it. With `force` it replaces an existing file. A context
    manager that leaves nothing behind unless keep() was called; `is_kept` is whether the file is
    at its destination. Raises BackupFileError.
    """

    def __init__(self, path: Path, force: bool) -> None:
        self._path, self._force = path, force
        self.is_kept = False
        try:
            if path.is_dir():
                raise BackupFileError(_("'{file}' is a folder").format(file=path))
            if path.exists() and not force:
                raise self._exists()
            descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        except OSError as error:
            raise _failure(path, error) from None
        self._temporary = Path(name)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> "NewFile":
        return self

    def __exit__(self, *_exception: object) -> None:
        with contextlib.suppress(OSError):  # a full disk: what is written last is so here
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink()

    def write(self, data: bytes) -> None:
        """Append `data`."""
        try:
            self._file.write(data)
        except OSError as error:
            raise _failure(self._path, error) from None

    def keep(self) -> None:
        """Move the complete file to its destination."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._move()
            self.is_kept = True
            durable.settle(self._path.parent)
        except OSError as error:
            raise _failure(self._path, error) from None

    def _move(self) -> None:
        if self._force:
            self._temporary.replace(self._path)
            return
        try:
            os.link(self._temporary, self._path)  # unlike a rename, it never replaces a file
        except FileExistsError:
            raise self._exists() from None
        except OSError:  # the file system has no links
            if self._path.exists():
                raise self._exists() from None
            self._temporary.rename(self._path)

    def _exists(self) -> BackupFileError:
        return BackupFileError(
            _("'{file}' already exists; --force replaces it").format(file=self._path)
        )


def _failure(path: Path, error: OSError) -> BackupFileError:
    return BackupFileError(f"'{path}': {reason(error, _('it cannot be used'))}")
