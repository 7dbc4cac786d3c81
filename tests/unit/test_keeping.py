"""The file of provision --keep: what Aegis reads in it, what stays in it, and what refuses.

The other side is tests/support/apps/aegis.py, which has its own reader and writer.
"""

import os
import stat
from base64 import b32decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from support.apps import accounts as samples
from support.apps import aegis

from otpcore.account import Account
from tokenctl.enrol import apps
from tokenctl.enrol.apps.faults import Unreadable, WrongPassword
from tokenctl.enrol.keeping import Kept, KeptFile
from tokenctl.errors import BadEnrolment, KeepingFailed, SourceError

pytestmark = pytest.mark.slow

PASSPHRASE = "Größe  of a passphrase, longer than sixty-four bytes are in UTF-8: ✓"
SECRET = b"12345678901234567890"
TOTP = Account("Example Bank", "alice@example.com", SECRET)
HOTP = Account("Door", "", SECRET[:10], "hotp", "SHA256", 8, counter=7)
STEAM = Account("Steam", "Ä🔑", b"\x00\xff" * 10, "steam", digits=5)
SLOW = Account("", "sha512", SECRET * 6, "totp", "SHA512", 10, 86_400)
EVERY = [TOTP, HOTP, STEAM, SLOW]


def said(passphrase: str = PASSPHRASE) -> Callable[[], str]:
    return lambda: passphrase


def keep(path: Path, *accounts: Account, replaces: str | None = None) -> int:
    file = KeptFile(path, said())
    wanted = [Kept(each, replaces) for each in accounts]
    file.check(wanted)
    return file.keep(wanted)


def fields(account: Account) -> dict[str, Any]:
    """Return an account as a phone would show it."""
    rhythm = ("counter", account.counter) if account.type == "hotp" else ("period", account.period)
    return {
        "names": (account.issuer, account.name),
        "type": account.type,
        "secret": account.secret,
        "algo": account.algorithm,
        "digits": account.digits,
        rhythm[0]: rhythm[1],
    }


def on_the_phone(path: Path, passphrase: str = PASSPHRASE) -> list[dict[str, Any]]:
    found = []
    for entry in aegis.opened(path.read_bytes(), passphrase)["entries"]:
        info = dict(entry["info"])
        text = info.pop("secret")
        secret = b32decode(text + "=" * (-len(text) % 8))
        names = (entry["issuer"], entry["name"])
        found.append({"names": names, "type": entry["type"], "secret": secret} | info)
    return found


def test_a_phone_and_our_own_importer_read_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    assert keep(path, *EVERY) == 4
    assert on_the_phone(path) == [fields(each) for each in EVERY]
    export = apps.read(path.read_bytes(), password=said())
    assert export.app == "aegis" and not export.left_out and not export.dropped
    assert [(each.names.issuer, each.secret, each.parameters.type) for each in export.entries] == [
        (each.issuer, each.secret, each.type) for each in EVERY
    ]


def test_nothing_of_it_is_in_the_clear_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    keep(path, TOTP)
    text = path.read_bytes()
    assert b"GEZDGNBV" not in text and b"alice" not in text and b"Bank" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(InvalidTag):
        aegis.opened(text, "another")


def test_what_an_app_wrote_stays_and_every_password_goes_on_opening_it(tmp_path: Path) -> None:
    path = tmp_path / "aegis.json"
    path.write_bytes(aegis.encrypted(samples.ACCOUNTS, "theirs", PASSPHRASE))
    path.chmod(0o640)
    before = aegis.opened(path.read_bytes(), "theirs")
    assert keep(path, TOTP) == 1
    for password in ("theirs", PASSPHRASE):
        after = aegis.opened(path.read_bytes(), password)
        assert after["entries"][:-1] == before["entries"] and after["groups"] == before["groups"]
        assert after["entries"][-1]["name"] == TOTP.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_each_writing_has_another_nonce(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    keep(path, TOTP)
    first = path.read_bytes()
    keep(path, HOTP)
    assert b'"nonce"' in first
    nonces = [line for data in (first, path.read_bytes()) for line in data.split(b'"params"')[1:]]
    assert nonces[0][:60] != nonces[1][:60]


def test_the_same_account_is_kept_once_and_a_new_secret_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    keep(path, TOTP, HOTP)
    data = path.read_bytes()
    assert keep(path, TOTP) == 0 and path.read_bytes() == data
    anew = Account(TOTP.issuer, TOTP.name, b"another secret of it", algorithm="SHA256")
    with pytest.raises(BadEnrolment, match="already has .*, with another secret"):
        keep(path, anew)
    assert path.read_bytes() == data
    assert keep(path, anew, replaces=TOTP.key_check_value()) == 1
    assert on_the_phone(path) == [fields(anew), fields(HOTP)]


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (Account("App", "password", b"correct horse", "static"), "app password"),
        (Account("T0", "", SECRET, t0=5), "T0"),
        (Account("P", "", SECRET, period=1 << 31), "period"),
        (Account("C", "", SECRET, "hotp", counter=1 << 63), "counter"),
    ],
    ids=["static", "t0", "period", "counter"],
)
def test_what_aegis_has_no_place_for_is_refused_before(tmp_path, account, why):
    with pytest.raises(BadEnrolment, match=why):
        KeptFile(tmp_path / "kept.json", said()).check([Kept(account)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "error", "why"),
    [
        (b"not ours", Unreadable, "not an encrypted export of Aegis"),
        (aegis.plain(samples.ACCOUNTS), Unreadable, "not an encrypted export of Aegis"),
        (aegis.encrypted(samples.ACCOUNTS, "theirs"), WrongPassword, "password is wrong"),
        (
            aegis.encrypted(samples.ACCOUNTS, PASSPHRASE)[:-40],
            Unreadable,
            "not an encrypted export",
        ),
    ],
    ids=["strange", "plain", "wrong passphrase", "cut short"],
)
def test_a_file_that_does_not_open_is_left_as_it_is(tmp_path, data, error, why):
    path = tmp_path / "theirs"
    path.write_bytes(data)
    with pytest.raises(error, match=why) as raised:
        KeptFile(path, said())
    assert path.read_bytes() == data and PASSPHRASE not in str(raised.value)
    assert list(tmp_path.iterdir()) == [path]


def test_a_changed_file_is_said_to_be_damaged(tmp_path):
    path = tmp_path / "kept.json"
    keep(path, TOTP)
    data = path.read_bytes().replace(b'"db": "', b'"db": "AAAA')
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="damaged"):
        KeptFile(path, said())
    assert path.read_bytes() == data


def test_what_another_program_put_there_meanwhile_stays(tmp_path):
    path = tmp_path / "kept.json"
    mine = KeptFile(path, said())
    keep(path, HOTP)
    mine.keep([Kept(TOTP)])
    assert on_the_phone(path) == [fields(HOTP), fields(TOTP)]


def test_an_empty_file_is_a_new_one_and_a_link_stays_one(tmp_path):
    (tmp_path / "there").touch()
    link = tmp_path / "link"
    link.symlink_to("there")
    keep(link, TOTP)
    assert link.is_symlink() and on_the_phone(tmp_path / "there") == [fields(TOTP)]


def test_a_folder_and_a_place_that_does_not_exist_are_refused_before(tmp_path):
    with pytest.raises(SourceError, match="is not a file"):
        KeptFile(tmp_path, said())
    with pytest.raises(KeepingFailed, match="cannot be written: no such file"):
        KeptFile(tmp_path / "no" / "where", said())


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    keep(path, TOTP)
    data = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = KeptFile(path, said())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeepingFailed, match="no space left"):
        file.keep([Kept(HOTP)])
    assert path.read_bytes() == data and list(tmp_path.iterdir()) == [path]
