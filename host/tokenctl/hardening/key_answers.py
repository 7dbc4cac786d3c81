"""A token's key's answers to two questions: not secret, but impossible to compute later.

They are stored in the user's data folder before the key is burnt, so that an interrupted
binding can resume.
"""

import hmac
import json
from pathlib import Path

import platformdirs

from tokenctl import durable
from tokenctl.errors import HardeningRefused
from tokenctl.language import _
from tokenctl.system_sentences import reason

# As firmware/tokenfw/vault/keys/binding.py has them.
QUESTIONS = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
SIZE = 64  # bytes of both answers
_PREFIX = ".new-"


def of_key(key: bytes) -> bytes:
    """Return the answers of a chip with this key."""
    return b"".join(hmac.digest(key, each, "sha256") for each in QUESTIONS)


def remember(serial: str, block: int, answers: bytes) -> None:
    """Store the answers of the key in a token's block; raise HardeningRefused if that fails."""
    path = _place(serial)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps({"block": block, "answers": answers.hex()}).encode()
        durable.exchange(path, data, _PREFIX)  # on disk before what cannot be undone
    except OSError as error:
        why = reason(error)
        raise HardeningRefused(
            _("{path} cannot be written: {why}; nothing was burnt").format(path=path, why=why)
        ) from None


def remembered(serial: str, block: int) -> bytes | None:
    """Return the stored answers of the key in a token's block; None if there are none.

    Raises HardeningRefused for a file that is not as remember() wrote it: what it said is lost.
    """
    path = _place(serial)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, reason(error)) from None
    try:
        kept = json.loads(data)
        answers, place = bytes.fromhex(kept["answers"]), kept["block"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _unusable(path, _("it is damaged")) from None
    if len(answers) != SIZE or type(place) is not int:
        raise _unusable(path, _("it is damaged"))
    return answers if place == block else None


def _unusable(path: Path, why: str) -> HardeningRefused:
    return HardeningRefused(
        _(
            "{path} cannot be used: {why}. It holds what the chip's key must answer; remove it "
            "only if you trust the chip in the token"
        ).format(path=path, why=why)
    )


def _place(serial: str) -> Path:
    folder = platformdirs.user_data_path("tokenctl", appauthor=False) / "chip-keys"
    return folder / f"{serial}.json"
