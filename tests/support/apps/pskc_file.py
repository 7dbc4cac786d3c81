"""Portable Symmetric Key Container (RFC 6030), written by python-pskc."""

import io
from collections.abc import Sequence

from pskc import PSKC
from support.apps.accounts import Account

KIND = "urn:ietf:params:xml:ns:keyprov:pskc:"


def plain(accounts: Sequence[Account]) -> bytes:
    return _write(_container(accounts))


def encrypted(accounts: Sequence[Account], password: str) -> bytes:
    """Return the container under a password, by the package's defaults: PBKDF2, AES-128-CBC."""
    container = _container(accounts)
    container.encryption.setup_pbkdf2(password)
    return _write(container)


def _container(accounts: Sequence[Account]) -> PSKC:
    container = PSKC()
    for number, account in enumerate(accounts, 1):
        key = container.add_key(
            id=str(number),
            serial=f"{number:08}",
            manufacturer="Example",
            issuer=account.issuer or None,
            key_userid=account.account,
            secret=account.secret,
            algorithm=KIND + account.type,
            algorithm_suite=None if account.algorithm == "SHA1" else f"HMAC-{account.algorithm}",
            response_encoding="DECIMAL",
            response_length=account.digits,
        )
        if account.type == "hotp":
            key.counter = account.counter
        else:
            key.time_interval, key.time_offset = account.period, 0
    return container


def _write(container: PSKC) -> bytes:
    file = io.BytesIO()
    container.write(file)
    return file.getvalue()
