"""Reads the codes in picture files, in a process that may be sacrificed.

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
from pathlib import Path
from typing import Self

from tokenctl import confinement
from tokenctl.errors import NoQRCode, NotAPicture, SourceError
from tokenctl.language import _
from tokenctl.pictures import file_type
from tokenctl.pictures.codes import Code, from_json
from tokenctl.pictures.structured_append import Reading, Sets

# For one file, as the clock on the wall has it. Where the worker's processor time is limited, a
# busy computer may take longer; elsewhere, as on Windows, this is the only limit.
SECONDS = 30.0 if confinement.limits("RLIMIT_CPU") else 9.0
_ANSWER_MAX = 16 * 1024 * 1024  # bytes
_LENGTH = 8  # bytes
# -P: no module is taken from the folder that the user happens to be in.
_WORKER = (sys.executable, "-P", "-m", "tokenctl.pictures.worker")
_ERRORS: dict[str, type[SourceError]] = {"NoQRCode": NoQRCode, "NotAPicture": NotAPicture}


class _Babble(Exception):
    """The process gave no valid answer."""


class Reader:
    """Reads pictures; a context manager that ends its process.

    Codes of one set may be in several pictures: `missing` says which were in none.
    """

    def __init__(self, command: Sequence[str] = _WORKER, seconds: float = SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._sets = Sets()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process before there is a picture, so that it is ready then."""
        with suppress(SourceError):  # read() says it
            self._started()

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

    def missing(self) -> str | None:
        """Return a clause that says which codes of a set were not seen; None if all were."""
        return self._sets.missing()

    def read(self, data: bytes, origin: Path | None = None) -> Reading:
        """Return the content of the codes in the picture file `data`.

        `origin` is its file. Raises NotAPicture, NoQRCode; PartOfSet if nothing in it is complete.
        """
        clause = file_type.unreadable(data)
        if clause:
            raise NotAPicture(clause)
        line, late = self._exchange(data)
        try:
            codes, warnings = _understood(line)
        except _Babble:  # its process has died of it
            self.close()
            raise NotAPicture(_died(late)) from None
        return self._sets.read(codes, warnings, origin)

    def _exchange(self, data: bytes) -> tuple[bytes, bool]:
        """Return the answer (cut short or empty if there is none), and whether time ran out."""
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
                raise SourceError(_("could not start the process that reads the picture")) from None
        return self._process


def read_codes(data: bytes) -> list[str]:
    """Return the distinct texts of the codes in one picture file, as Reader does."""
    with Reader() as reader:
        return reader.read(data).texts


def _died(late: bool) -> str:
    if late:
        return _("the picture takes too long to read; crop it to the code")
    return _(
        "the picture cannot be read: it takes too much time or memory, or is "
        "malicious; take a screenshot of the code and use that"
    )


def _understood(line: bytes) -> tuple[list[Code], tuple[str, ...]]:
    """Return the codes, and what to say about the file."""
    try:
        answer = json.loads(line)
        if "error" in answer:
            raise _ERRORS[answer["error"]](str(answer["message"]))
        codes, looked_at = [from_json(code) for code in answer["codes"]], answer["looked_at"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _Babble from None
    warnings: tuple[str, ...] = ()
    if looked_at is not None:
        warnings = (
            _(
                "only the first {looked_at} of its pages were searched, because of the "
                "time limit; split the file"
            ).format(looked_at=looked_at),
        )
    return codes, warnings
