"""FreeOTP 2: a HashMap that Java serialised, from names to JSON texts.

`masterKey` is sealed (AES-GCM) under a password by PBKDF2; `UUID` has the account's key,
sealed under that one, and `UUID-token` what else there is of it. The nonce stands in the
ASN.1 parameters (RFC 5084), and `mToken` is authenticated besides.
"""

import json
from typing import Any

from tokenctl.enrol.apps import freeotp, java
from tokenctl.enrol.apps.drafts import Export
from tokenctl.enrol.apps.faults import CUT, WRONG, BadEntry, Unreadable, WrongPassword
from tokenctl.enrol.apps.fields import Fields, dropped, names_of
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.keys import WrongKey, open_gcm, pbkdf2
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_MASTER, _TOKEN = "masterKey", "-token"
_CIPHER = "AES/GCM/NoPadding"
_HASHES = {"PBKDF2withHmacSHA1": "SHA1", "PBKDF2withHmacSHA512": "SHA512"}
_SEQUENCE, _OCTETS, _INTEGER = 0x30, 0x04, 0x02
_TAG_SIZE = 16
_BESIDES = {marked("icons"): ("image",), marked("colours"): ("color",)}


def claims(file: File) -> bool:
    """Return whether the file is something that Java serialised."""
    return file.data.startswith(java.MAGIC)


def read(file: File, opening: Opening) -> Export:
    """Return what the backup holds; raise SourceError."""
    texts = java.hash_map(file.data)
    if _MASTER not in texts:
        raise Unreadable(_("its master key is missing"))
    try:
        master = _master_key(Fields(_json(texts[_MASTER])), opening)
    except BadEntry:
        raise Unreadable(_(CUT)) from None
    tokens = {
        name.removesuffix(_TOKEN): _json(text)
        for name, text in texts.items()
        if name.endswith(_TOKEN)
    }
    for name in texts:  # a key that has lost its token is an account, too
        if name != _MASTER and not name.endswith(_TOKEN):
            tokens.setdefault(name, None)
    export = Export("freeotp2", dropped=dropped(tokens.values(), _BESIDES))
    export.collect(
        tokens.items(),
        lambda each: _draft(each[1], texts.get(each[0]), master),
        lambda each: names_of(each[1], "issuerExt", "label"),
    )
    return export


def _draft(token: Any, key: str | None, master: bytes) -> Draft:
    if token is None:
        raise BadEntry(_("its name and type are missing"))
    if key is None:
        raise BadEntry(_("its key is missing"))
    sealed = Fields(_json(Fields(_json(key)).text("key")))
    try:
        secret = _opened(sealed, master)
    except (WrongKey, Unreadable):
        raise BadEntry(_("its secret is damaged")) from None
    return freeotp.token(token, secret, counter_behind=0)


def _master_key(fields: Fields, opening: Opening) -> bytes:
    hash_name = _HASHES.get(fields.text("mAlgorithm"))
    if hash_name is None:
        raise Unreadable(_("its key derivation is not supported"))
    salt, rounds = fields.signed_bytes("mSalt"), fields.number("mIterations")
    key = pbkdf2(hash_name, opening.ask(), salt, rounds)
    try:
        return _opened(fields.inner("mEncryptedKey"), key)
    except WrongKey:
        raise WrongPassword(_(WRONG)) from None


def _opened(fields: Fields, key: bytes) -> bytes:
    if fields.text("mCipher") != _CIPHER:
        raise Unreadable(_("its cipher is not supported"))
    nonce = _nonce(fields.signed_bytes("mParameters"))
    also = fields.text("mToken").encode()
    return open_gcm(key, nonce, fields.signed_bytes("mCipherText"), also)


def _nonce(parameters: bytes) -> bytes:
    """Return the nonce of GCMParameters (RFC 5084): a sequence of it and the tag's size."""
    tag, content, rest = _element(parameters)
    if tag == _OCTETS and not rest:
        return content
    if tag != _SEQUENCE or rest:
        raise BadEntry(_("its parameters are not valid"))
    tag, nonce, rest = _element(content)
    if tag != _OCTETS:
        raise BadEntry(_("its parameters are not valid"))
    if rest:
        tag, size, rest = _element(rest)
        if tag != _INTEGER or size != bytes([_TAG_SIZE]) or rest:
            raise BadEntry(_("its parameters are not valid"))
    return nonce


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Return tag and content of the first short element of DER, and what is behind it."""
    if len(data) < 2 or data[1] > 127 or len(data) < 2 + data[1]:
        raise BadEntry(_("its parameters are not valid"))
    end = 2 + data[1]
    return data[0], data[2:end], data[end:]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
