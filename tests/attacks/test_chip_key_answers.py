"""The file with the answers of a chip's key, changed by somebody who would have another key taken.

Its answers are compared at the token (tests/e2e/test_cli_chip_key.py): here is what is no answer.
"""

import json
import re
from pathlib import Path

import pytest

from tokenctl.errors import HardeningRefused
from tokenctl.hardening import key_answers

SERIAL = "240AC4E29526"
MINE = key_answers.of_key(b"k" * 32)
HEX = MINE.hex()


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path)
    key_answers.remember(SERIAL, 2, MINE)
    return tmp_path / "chip-keys" / f"{SERIAL}.json"


def test_what_was_written_is_read_for_this_token_and_block_only(kept):
    assert key_answers.remembered(SERIAL, 2) == MINE
    assert key_answers.remembered(SERIAL, 1) is None
    assert key_answers.remembered("240AC4E29527", 2) is None
    kept.unlink()
    assert key_answers.remembered(SERIAL, 2) is None


CHANGED = {
    "empty": b"",
    "cut short": json.dumps({"block": 2, "answers": HEX}).encode()[:-9],
    "another form": b"[]",
    "a number": b"7",
    "null": b"null",
    "no block": json.dumps({"answers": HEX}).encode(),
    "no answers": b'{"block": 2}',
    "a shorter answer": json.dumps({"block": 2, "answers": HEX[:-2]}).encode(),
    "a longer answer": json.dumps({"block": 2, "answers": HEX + "00"}).encode(),
    "an answer that is no text": b'{"block": 2, "answers": 5}',
    "an answer that is no hex": json.dumps({"block": 2, "answers": "x" * 128}).encode(),
    "a block that is no number": json.dumps({"block": "2", "answers": HEX}).encode(),
    "a block that is a list": json.dumps({"block": [2], "answers": HEX}).encode(),
    "true for a block": json.dumps({"block": True, "answers": HEX}).encode(),
    "bytes": bytes(range(256)),
    "deep": b"[" * 100_000,
    "a number without end": b'{"block": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_changed_file_is_never_taken_for_none(kept, what):
    """Nor for a traceback: it is named, and what its removal means is said."""
    kept.write_bytes(CHANGED[what])
    for block in (1, 2):
        with pytest.raises(HardeningRefused, match=re.escape(str(kept))) as refused:
            key_answers.remembered(SERIAL, block)
        assert "remove it only if you trust the chip" in str(refused.value)


def test_a_folder_in_its_place_is_said(kept):
    kept.unlink()
    kept.mkdir()
    with pytest.raises(HardeningRefused, match="cannot be used"):
        key_answers.remembered(SERIAL, 2)
