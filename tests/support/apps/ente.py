"""Ente Auth (models/code.dart and the export services of its source): one URI a line.

A code keeps its original URI; once edited it is written again, with the algorithm in lower case;
`codeDisplay` has the texts of the list. Dart writes "+" for a space in the query. The automatic
backup quotes each line as JSON does. The encrypted export is libsodium's: Argon2id, then
secretstream (XChaCha20-Poly1305) in one message.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

from nacl import bindings
from nacl.pwhash import argon2id
from support.apps.accounts import Account
from support.apps.uris import label

GIBIBYTE = 2**30
QUICK = 2**23  # bytes of memory for Argon2id, which is quick and fits any phone


def plain(accounts: Sequence[Account], *, quoted: bool = False) -> bytes:
    """Return the text export; `quoted`: the one of automatic backups."""
    lines = [uri(account, place) for place, account in enumerate(accounts)]
    if quoted:
        lines = [json.dumps(line) for line in lines]
    return "\n".join(lines).encode() + (b"\n" if quoted else b"")


def encrypted(
    accounts: Sequence[Account], password: str, memory: int = QUICK, passes: int = 1
) -> bytes:
    """Return the encrypted export; the app's own values are a GIBIBYTE and 4 passes."""
    random = Random(49)
    salt = random.randbytes(16)
    key = argon2id.kdf(32, password.encode(), salt, opslimit=passes, memlimit=memory)
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    # init_push chooses the header itself; init_pull makes the same state from a given one.
    header = random.randbytes(bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES)
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
    sealed = bindings.crypto_secretstream_xchacha20poly1305_push(state, plain(accounts), tag=final)
    file: dict[str, Any] = {
        "version": 1,
        "kdfParams": {"memLimit": memory, "opsLimit": passes, "salt": b64encode(salt).decode()},
        "encryptedData": b64encode(sealed).decode(),
        "encryptionNonce": b64encode(header).decode(),
    }
    return json.dumps(file, indent=2).encode()


def uri(account: Account, place: int) -> str:
    """Return the line of the account at a place; every second one was edited in the app."""
    edited = place % 2 == 1
    algorithm = account.algorithm.lower() if edited else account.algorithm
    parameters: dict[str, object] = {"secret": account.base32}
    if account.issuer:
        parameters["issuer"] = account.issuer
    parameters |= {"algorithm": algorithm, "digits": account.digits}
    if account.type != "hotp" or edited:
        parameters["period"] = account.period
    if account.type == "hotp":
        parameters["counter"] = account.counter
    if edited:
        parameters = dict(sorted(parameters.items()))
    parameters["codeDisplay"] = _display(account, place)
    query = "&".join(f"{name}={quote_plus(str(value))}" for name, value in parameters.items())
    path = label(account)
    if edited and not account.issuer:
        path = ":" + quote(account.account, safe="@")
    return f"otpauth://{account.type}/{path}?{query}"


def _display(account: Account, place: int) -> str:
    display = {
        "pinned": account.favourite,
        "trashed": False,
        "lastUsedAt": 1_754_310_791_000,
        "tapCount": 7,
        "tags": ["work", "a=b&c"] if account.favourite else [],
        "note": "a note: secret=no&digits=9" if account.favourite else "",
        "position": place,
        "iconSrc": "",
        "iconID": "",
    }
    return json.dumps(display, separators=(",", ":"))
