"""What a token's own key answers to two questions: no secret, but nobody can compute it later.

It is kept in this user's data folder before the key is burnt, so that a binding which was
interrupted can go on.
"""

import hmac
import json
import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from tokenctl.errors import HardeningRefused
from tokenctl.language import _

# As firmware/tokenfw/vault/binding.py has them.
QUESTIONS = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
SIZE = 64  # bytes of both answers


def of_key(key: bytes) -> bytes:
    """Return what a chip with this key answers."""
    return b"".join(hmac.digest(key, each, "sha256") for each in QUESTIONS)


def remember(serial: str, block: int, answers: bytes) -> None:
    """Keep what the key in a token's block answers; raise HardeningRefused when that fails."""
    path = _place(serial)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"block": block, "answers": answers.hex()}))
        new.replace(path)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise HardeningRefused(
            _("{path} cannot be written: {why}; nothing was burnt").format(path=path, why=why)
        ) from None


def remembered(serial: str, block: int) -> bytes | None:
    """Return what the key in a token's block answers; None where this computer does not know."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_place(serial).read_text())
        answers = bytes.fromhex(kept["answers"])
        if kept["block"] == block and len(answers) == SIZE:
            return answers
    return None


def _place(serial: str) -> Path:
    folder = platformdirs.user_data_path("tokenctl", appauthor=False) / "chip-keys"
    return folder / f"{serial}.json"
