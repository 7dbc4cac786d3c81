"""Backup files on the computer: their form, their parts, and a token that makes one without end."""

import base64
import errno
import io
import os
import random

import pytest
from attacks.hostile_token import BACKUP, HostileToken, honest
from hypothesis import given
from hypothesis import strategies as st
from support import backups
from support.backups import Account, Backup

from tokenctl.device import backup_file
from tokenctl.device.token import Token
from tokenctl.errors import BackupFileError, LinkError

CODE = backups.code_of("0123456789" * 4)
ACCOUNTS = [Account("Issuer", f"user{number}", b"x" * (1 + number % 128)) for number in range(40)]


def test_the_parts_are_the_file_and_fit_a_message():
    data = backups.write(Backup(ACCOUNTS), CODE)
    file = backup_file.parse(data)
    parts = list(file.parts())
    assert file.header + b"".join(part for part, _ in parts) == data
    assert all(len(part) <= backup_file.PART_MAX for part, _ in parts)
    assert parts[-1][1] == len(ACCOUNTS) == file.count


@given(st.binary(max_size=300) | st.binary(max_size=80).map(lambda tail: BACKUP[:90] + tail))
def test_bytes_are_a_backup_or_are_refused_with_a_sentence(data):
    try:
        assert backup_file.parse(data).count >= 0
    except BackupFileError as error:
        assert error.exit_code == 21 and error.sentence.endswith(".")


@given(st.integers(0, len(BACKUP)))
def test_no_beginning_of_a_backup_is_one(size):
    if size < len(BACKUP):
        with pytest.raises(BackupFileError):
            backup_file.parse(BACKUP[:size])
    assert backup_file.parse(BACKUP).count == 0


def test_a_full_disk_is_said_of_the_file_and_leaves_nothing(tmp_path, monkeypatch):
    """The bytes of a small backup are written at its end only, and then once more as it closes."""

    class Full(io.BytesIO):
        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            if not self.closed:
                super().close()
                self.flush()

    monkeypatch.setattr(os, "fdopen", lambda descriptor, mode: os.close(descriptor) or Full())
    with (
        pytest.raises(BackupFileError, match=r"a\.otpb': no space left"),
        backup_file.NewFile(tmp_path / "a.otpb", force=False) as file,
    ):
        file.write(BACKUP)
        file.keep()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"x" * 768])
def test_a_token_whose_backup_does_not_end(data):
    def answer(token, method, parameters):
        if method != "transfer.read":
            return honest(token, method, parameters)
        return [{"result": {"data": base64.b64encode(data).decode(), "more": True}}]

    with Token(HostileToken(answer)) as token, pytest.raises(LinkError, match="without end"):
        list(token.backups.make().parts)


@pytest.mark.parametrize("size", [1, 7, 64, 300, 768, 5000])
def test_accounts_are_counted_when_they_have_come_whole(size):
    """By the lengths in front of the records, as docs/backup-format.md has them."""
    draw = random.Random(size)
    records = [draw.randbytes(16 * draw.randrange(4, 41)) for _record in range(31)]  # and settings
    pieces = [len(record).to_bytes(2, "big") + record for record in records]
    whole = bytes(76) + b"".join(pieces) + bytes(32)
    ends = [76 + sum(map(len, pieces[: n + 2])) for n in range(30)]  # of each account
    arriving, so_far = backup_file.Arriving(30), 0
    for at in range(0, len(whole), size):
        so_far = arriving.add(whole[at : at + size])
        assert so_far == sum(end <= at + size for end in ends)
    assert so_far == 30 and arriving.data == whole
