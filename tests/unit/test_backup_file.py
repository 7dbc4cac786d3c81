"""Backup files on the computer: their form, their parts, and a token that makes one without end."""

import base64

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


@pytest.mark.parametrize("data", [b"", b"x" * 768])
def test_a_token_whose_backup_does_not_end(data):
    def answer(token, method, parameters):
        if method != "transfer.read":
            return honest(token, method, parameters)
        return [{"result": {"data": base64.b64encode(data).decode(), "more": True}}]

    with Token(HostileToken(answer)) as token, pytest.raises(LinkError, match="without end"):
        list(token.backups.make().parts)
