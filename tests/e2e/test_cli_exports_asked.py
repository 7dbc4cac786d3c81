"""An encrypted export at a terminal: its password is asked for, unseen, and once more if wrong."""

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from e2e.processes import Terminal

PASSWORD = "Größe - & 1"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def andotp(path: Path, *labels: str, secret: str = SECRET) -> str:
    """Write what andOTP did in the beginning: the password's SHA-256 is the key."""
    entries = [{"type": "TOTP", "secret": SECRET, "issuer": "", "label": each} for each in labels]
    entries[-1]["secret"] = secret
    sealed = AESGCM(hashlib.sha256(PASSWORD.encode()).digest()).encrypt(
        bytes(range(12)), json.dumps(entries).encode(), None
    )
    path.write_bytes(bytes(range(12)) + sealed)
    return str(path)


def test_a_password_is_typed_unseen_and_again(tmp_path):
    source = andotp(tmp_path / "x", "alice")
    with Terminal("provision", "--dry-run", "--json", source) as terminal:
        terminal.until(f"Password of {source}: ")
        terminal.type("wrong\n")
        terminal.until("password is wrong")
        terminal.until("Password of")
        terminal.type(PASSWORD + "\n")
        code, out = terminal.finish()
    assert code == 0 and [each["name"] for each in json.loads(out)] == ["alice"]
    assert PASSWORD not in terminal.shown and "wrong\r" not in terminal.shown


def test_the_third_wrong_one_is_the_last(tmp_path):
    source = andotp(tmp_path / "x", "alice")
    with Terminal("provision", "--dry-run", source) as terminal:
        for _ in range(3):
            terminal.until("Password of")
            terminal.type("wrong\n")
        assert terminal.finish() == (3, "")
    assert "Error: " in terminal.shown


def test_a_password_file_is_not_asked_about_and_ctrl_d_ends(tmp_path):
    source, words = andotp(tmp_path / "x", "alice"), tmp_path / "password"
    words.write_text("wrong\n")
    with Terminal("provision", "--dry-run", "--password-file", str(words), source) as terminal:
        assert terminal.finish() == (3, "")
    assert "Password of" not in terminal.shown
    with Terminal("provision", "--dry-run", source) as terminal:
        terminal.until("Password of")
        terminal.type("\x04")
        assert terminal.finish() == (130, "")
    assert "Nothing was changed." in terminal.shown


def test_bad_entries_are_shown_and_a_no_adds_nothing(tmp_path):
    source = andotp(tmp_path / "x", "alice", "bob", secret="JBSWY3DP1")
    with Terminal("--port", "there-is-none", "provision", source) as terminal:
        terminal.until("Password of")
        terminal.type(PASSWORD + "\n")
        terminal.until("bob: bad")
        terminal.until("Go on with the other 1? [y/N] ")
        terminal.type("\n")
        assert terminal.finish() == (130, "")
    assert "Nothing was changed." in terminal.shown and "JBSWY3DP1" not in terminal.shown
