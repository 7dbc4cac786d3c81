"""A partly downloaded file, and the note beside it (.json) that allows it to resume.

The note has what RFC 9110 calls a validator: what tells this version of the file from
others. A part without one is useless. Its methods raise OSError.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Note:
    """The origin of a part. `validator` is an ETag or a date, `total` in bytes if it is known."""

    url: str
    validator: str
    total: int | None


class PartialFile:
    """The part of a download from `url`. `note` is None if nothing can be resumed."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url
        self._beside = path.with_name(path.name + ".json")
        self.note = self._read_note()

    @property
    def have(self) -> int:
        """How many bytes can be resumed from."""
        return self.path.stat().st_size if self.note else 0

    @property
    def is_complete(self) -> bool:
        """Whether all of it is there."""
        return self.note is not None and self.have == self.note.total

    def begin(self, validator: str, total: int | None) -> None:
        """Begin anew, empty; without a validator it cannot resume later."""
        self.discard()  # the note first: what is there is not what the next one is about
        # For this user alone, whatever the umask: see file_ownership.
        os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if validator:
            note = Note(self.url, validator, total)
            self._beside.write_text(json.dumps(asdict(note)), "utf-8")
            self.note = note

    def discard(self) -> None:
        """Remove the part and its note."""
        self.note = None
        self._beside.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def _read_note(self) -> Note | None:
        try:
            fields: Any = json.loads(self._beside.read_text("utf-8"))
            note = Note(**fields)
        except (FileNotFoundError, ValueError, TypeError, RecursionError):
            return None
        sound = (
            note.url == self.url
            and isinstance(note.validator, str)
            and note.validator.isprintable()
            and note.validator.isascii()
            and type(note.total) in (int, type(None))
        )
        return note if sound and note.validator and self.path.exists() else None
