"""The process that decodes pictures: `python -P -m tokenctl.pictures.worker`.

A file comes as its length (8 bytes, the high one first) and its bytes on standard
input, the answer goes out as a line of JSON. Whatever a picture makes of the
decoders ends here: memory, processor time and files are limited, and neither privileges,
processes nor a memory image come of it, where the system can.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

from tokenctl import confinement, language
from tokenctl.errors import SourceError
from tokenctl.language import _
from tokenctl.pictures.decoder import decode

LENGTH = 8  # bytes
MEMORY = 1_000_000_000  # bytes of address space
SECONDS = 8  # of the processor, for one file

try:
    import resource
except ImportError:  # Windows: there the reader's clock has to do
    resource = None


def main() -> None:
    """Answer until standard input ends."""
    language.inherit()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    # What a decoder prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limit()
    confinement.start_nothing()
    questions = sys.stdin.buffer
    while (data := _file(questions)) is not None:
        _allow_seconds()
        answers.write(json.dumps(_answer(data)).encode() + b"\n")
        answers.flush()


def _file(questions: BinaryIO) -> bytes | None:
    head = questions.read(LENGTH)
    if len(head) < LENGTH:
        return None
    size = int.from_bytes(head, "big")
    data = questions.read(size)
    return data if len(data) == size else None


def _answer(data: bytes) -> dict[str, Any]:
    try:
        decoded = decode(data)
    except SourceError as error:
        return {"error": type(error).__name__, "message": str(error)}
    except Exception:
        return {"error": "NotAPicture", "message": _("the picture is damaged")}
    codes = [code.to_json() for code in decoded.codes]
    return {"codes": codes, "looked_at": decoded.looked_at}


def limit() -> None:
    """Take away from this process everything that an untrusted file must not have."""
    confinement.lower("RLIMIT_AS", MEMORY)
    confinement.lower("RLIMIT_FSIZE", 0)
    confinement.leave_no_core()
    confinement.gain_no_privileges()


def _allow_seconds() -> None:
    """Allow this much processor time from now on."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + SECONDS
    with suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()
