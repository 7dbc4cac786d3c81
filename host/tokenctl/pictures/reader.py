"""Reads the codes in picture files, each in a process that may die of it.

A hostile file can neither fill the memory nor stop the reading: the process
that decodes has limits (see worker), and a clock outside it. It starts with the
first picture and serves all of them; after one that ended it another is started.
The bytes go through a pipe, never through an argument or a file.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tokenctl.errors import NoQRCode, NotAPicture, SourceError
from tokenctl.pictures import kinds

SECONDS = 9.0  # for one file, as the clock on the wall has it
_ANSWER_MAX = 16 * 1024 * 1024  # bytes
_LENGTH = 8  # bytes
# -P: no module is taken from the folder that the user happens to be in.
_WORKER = (sys.executable, "-P", "-m", "tokenctl.pictures.worker")
_ERRORS: dict[str, type[SourceError]] = {"NoQRCode": NoQRCode, "NotAPicture": NotAPicture}


@dataclass(frozen=True)
class Reading:
    """The distinct texts of a picture's codes, in reading order, and what to say about it."""

    texts: list[str]
    warnings: tuple[str, ...] = ()


class _Babble(Exception):
    """The process gave no answer, or none that makes sense."""


class Reader:
    """Reads pictures; a context manager that ends its process."""

    def __init__(self, command: Sequence[str] = _WORKER, seconds: float = SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()

    def read(self, data: bytes) -> Reading:
        """Return what the codes in the picture file `data` say; raise NotAPicture, NoQRCode."""
        clause = kinds.unreadable(data)
        if clause:
            raise NotAPicture(clause)
        line, late = self._exchange(data)
        try:
            return _understood(line)
        except _Babble:  # its process has died of it
            self.close()
            raise NotAPicture(_died(late)) from None

    def _exchange(self, data: bytes) -> tuple[bytes, bool]:
        """Return the answer, cut short or empty when there is none, and whether time was up."""
        process = self._started()
        questions, answers = process.stdin, process.stdout
        if questions is None or answers is None:
            return b"", False
        time_is_up = threading.Event()

        def end() -> None:
            time_is_up.set()
            process.kill()

        clock = threading.Timer(self._seconds, end)
        clock.start()
        try:
            with suppress(OSError):  # it is gone: the answer is empty then
                questions.write(len(data).to_bytes(_LENGTH, "big"))
                questions.write(data)
                questions.flush()
            return answers.readline(_ANSWER_MAX), time_is_up.is_set()
        except BaseException:  # Ctrl-C: what comes now would be taken for the next answer
            self.close()
            raise
        finally:
            clock.cancel()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.close()
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:
                raise SourceError("no process could be started to read the picture in") from None
        return self._process


def read_codes(data: bytes) -> list[str]:
    """Return the distinct texts of the codes in one picture file, as Reader does."""
    with Reader() as reader:
        return reader.read(data).texts


def _died(late: bool) -> str:
    if late:
        return "the picture takes too long to read; cut the code out of it"
    return (
        "the picture cannot be read: it takes too much time or memory, or is made to do harm; "
        "take a screenshot of the code and use that"
    )


def _understood(line: bytes) -> Reading:
    try:
        answer = json.loads(line)
        if "error" in answer:
            raise _ERRORS[answer["error"]](str(answer["message"]))
        texts, looked_at = answer["texts"], answer["looked_at"]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _Babble from None
    warnings: tuple[str, ...] = ()
    if looked_at is not None:
        warnings = (
            f"only the first {looked_at} of its pages were looked at, for more there was no "
            "time; cut the file",
        )
    return Reading(texts, warnings)
