"""The account: what a token needs to compute one account's codes, and its limits.

A `static` account has a text (an app password) instead, which the token shows.

An Account is checked when it is made, so that every Account is one that the
token can hold. It has two stable forms: `to_wire` (a dict, for JSON on the
link) and `to_record` (bytes, for the vault; append-only, with a version).
"""

import binascii
import struct

from otpcore import mac
from otpcore.characters import characters

TYPES = ("totp", "hotp", "steam", "static")  # append-only
STATIC = "static"
ALGORITHMS = ("SHA1", "SHA256", "SHA512")

NAME_MAX = 64  # bytes of UTF-8, for issuer and account each
SECRET_MAX = 128  # bytes
TEXT_MAX = 64  # characters of a static text
DIGITS_MIN, DIGITS_MAX = 4, 10
PERIOD_MAX = 0xFFFFFFFF  # seconds
COUNTER_MAX = 0xFFFFFFFFFFFFFFFF

STEAM_LETTERS = 5

RECORD_VERSION = 1
# version, type, algorithm, digits, period, T0 or of HOTP 1 if `behind`, counter, lengths of issuer,
# account and secret
_RECORD = ">BBBBIQQBBB"
_RECORD_SIZE = 27


class AccountError(ValueError):
    """A field of an account breaks a limit. `field` is its wire name, the message a clause."""

    def __init__(self, field, sentence):
        super().__init__(sentence)
        self.field = field


class Account:
    """One account. Times and periods in seconds; `secret` is raw bytes, or a static text's UTF-8.

    `counter` is the next HOTP counter (RFC 4226); `period` and `t0` are the
    time step and the epoch of RFC 6238, section 4.1. Fields that the type does
    not use keep their defaults. `behind`, which only the vault keeps, is whether an HOTP
    counter was restored, and may be behind the service's. Raises AccountError.
    """

    def __init__(
        self,
        issuer,
        name,
        secret,
        type="totp",
        algorithm="SHA1",
        digits=6,
        period=30,
        t0=0,
        counter=0,
    ):
        self.issuer = _name("issuer", issuer)
        self.name = _name("name", name)
        self.secret = _secret(secret)
        self.type = _choice("type", type, TYPES)
        self.algorithm = _choice("algorithm", algorithm, ALGORITHMS)
        self.digits = _number("digits", digits, DIGITS_MIN, DIGITS_MAX)
        self.period = _number("period", period, 1, PERIOD_MAX)
        self.t0 = _number("t0", t0, 0, COUNTER_MAX)
        self.counter = _number("counter", counter, 0, COUNTER_MAX)
        self.behind = False
        if not issuer and not name:
            raise AccountError("name", "issuer and account are both empty")
        if type == "hotp" and (period, t0) != (30, 0):
            raise AccountError("period", "an HOTP account has a counter, no period and no T0")
        if type != "hotp" and counter:
            raise AccountError("counter", "only an HOTP account has a counter")
        if type == "steam" and (algorithm, digits, period, t0) != ("SHA1", STEAM_LETTERS, 30, 0):
            raise AccountError("type", "Steam has five letters, SHA1 and 30 seconds, no others")
        if type == STATIC:
            _static(secret)
            if (algorithm, digits, period, t0) != ("SHA1", 6, 30, 0):
                raise AccountError("type", "a static text has no algorithm, digits, period or T0")

    def text(self):
        """Return the text of a static account."""
        return self.secret.decode()

    def key_check_value(self):
        """Return the key check value: eight hex digits that tell two secrets apart.

        The first four bytes of HMAC-SHA-256 over `key check` under the secret. None of a
        static text: it would let somebody try passwords until one fits.
        """
        if self.type == STATIC:
            return None
        return hexadecimal(mac.hmac("SHA256", self.secret, b"key check")[:4])

    def to_wire(self):
        """Return the account as a dict of JSON types; the secret in base64."""
        wire = self.describe()
        wire["secret"] = _to_base64(self.secret)
        return wire

    def describe(self):
        """Return the account without its secret, as a dict of JSON types."""
        if self.type == STATIC:
            return {"type": STATIC, "issuer": self.issuer, "name": self.name}
        wire = {
            "type": self.type,
            "issuer": self.issuer,
            "name": self.name,
            "algorithm": self.algorithm,
            "digits": self.digits,
        }
        if self.type == "hotp":
            wire["counter"] = self.counter
        else:
            wire["period"] = self.period
            if self.t0:
                wire["t0"] = self.t0
        return wire

    def to_record(self):
        """Return the account as bytes for the vault."""
        issuer, name = self.issuer.encode(), self.name.encode()
        return (
            struct.pack(
                _RECORD,
                RECORD_VERSION,
                TYPES.index(self.type),
                ALGORITHMS.index(self.algorithm),
                self.digits,
                self.period,
                1 if self.behind else self.t0,
                self.counter,
                len(issuer),
                len(name),
                len(self.secret),
            )
            + issuer
            + name
            + self.secret
        )


def full_name(issuer, name):
    """Return bytes that are equal for two accounts if issuer and name are."""
    return issuer.encode() + b"\0" + name.encode()


def full_name_of(account):
    """Return an Account's `full_name`."""
    return full_name(account.issuer, account.name)


def full_name_in_record(record):
    """Return the `full_name` of a `to_record`, without looking at the rest of it."""
    end = _RECORD_SIZE + record[_RECORD_SIZE - 3]
    return record[_RECORD_SIZE:end] + b"\0" + record[end : end + record[_RECORD_SIZE - 2]]


def hexadecimal(data):
    """Return `data` as lower-case hex text."""
    return binascii.hexlify(data).decode()


def from_wire(wire):
    """Return the Account of a `to_wire` dict; raise AccountError.

    Every field that decides the code is required: nothing falls back to a default.
    """
    if not isinstance(wire, dict):
        raise AccountError("account", "the account is not an object")
    needed = ["type", "issuer", "name", "secret"]
    kind = wire.get("type")
    if kind != STATIC:
        needed += ["algorithm", "digits", "counter" if kind == "hotp" else "period"]
    for field in needed:
        if field not in wire:
            raise AccountError(field, "the account has no %s" % field)
    fields = {}
    for field in wire:
        if field not in needed and (field != "t0" or kind in ("hotp", STATIC)):
            raise AccountError(str(field)[:16], "the account has a field this firmware lacks")
        fields[field] = wire[field]
    fields["secret"] = _from_base64(fields["secret"])
    return Account(**fields)


def from_record(record):
    """Return the Account of `to_record` bytes; raise ValueError if they are not one."""
    if len(record) < _RECORD_SIZE:
        raise ValueError("this is no account record")
    try:
        version, kind, algorithm, digits, period, t0, counter, n_issuer, n_name, n_secret = (
            struct.unpack(_RECORD, record[:_RECORD_SIZE])
        )
        kind, algorithm = TYPES[kind], ALGORITHMS[algorithm]
    except (ValueError, IndexError):
        raise ValueError("this is no account record")
    at_name = _RECORD_SIZE + n_issuer
    at_secret = at_name + n_name
    if version != RECORD_VERSION or len(record) != at_secret + n_secret:
        raise ValueError("this is no account record of version %d" % RECORD_VERSION)
    behind = kind == "hotp" and t0 == 1
    account = Account(
        bytes(record[_RECORD_SIZE:at_name]).decode(),
        bytes(record[at_name:at_secret]).decode(),
        bytes(record[at_secret:]),
        kind,
        algorithm,
        digits,
        period,
        0 if behind else t0,
        counter,
    )
    account.behind = behind
    return account


def _to_base64(data):
    return binascii.b2a_base64(data).strip().decode()


def _from_base64(text):
    """Return the bytes of a canonical text only: the runtimes' decoders differ."""
    try:
        data = binascii.a2b_base64(text)
    except (ValueError, TypeError):
        data = None
    if data is None or _to_base64(data) != text:
        raise AccountError("secret", "the secret is not base64")
    return data


def _name(field, text):
    what = "account name" if field == "name" else field
    if not isinstance(text, str):
        raise AccountError(field, "the %s is not text" % what)
    for character in characters(text):
        if character < " " or "\x7f" <= character < "\xa0":
            raise AccountError(field, "the %s has a control character" % what)
        if "\ud800" <= character <= "\udfff":
            raise AccountError(field, "the %s is not Unicode text" % what)
    size = len(text.encode())
    if size > NAME_MAX:
        raise AccountError(
            field, "the %s has %d bytes of UTF-8; the limit is %d" % (what, size, NAME_MAX)
        )
    return text


def _secret(secret):
    if not isinstance(secret, bytes):
        raise AccountError("secret", "the secret is not bytes")
    if not secret:
        raise AccountError("secret", "the secret is empty")
    if len(secret) > SECRET_MAX:
        raise AccountError(
            "secret", "the secret has %d bytes; the limit is %d" % (len(secret), SECRET_MAX)
        )
    return secret


def _static(secret):
    """Refuse a text that the token cannot show; the message says where, not what."""
    try:
        text = secret.decode()
    except ValueError:  # UnicodeError is one
        raise AccountError("secret", "the text is not UTF-8")
    if len(text) > TEXT_MAX:
        raise AccountError(
            "secret", "the text has %d characters; the limit is %d" % (len(text), TEXT_MAX)
        )
    for place, character in enumerate(text, 1):
        if not is_shown(character):
            raise AccountError("secret", "the token cannot show character %d of the text" % place)


def is_shown(character):
    """Return whether a static text may have this character: the token's font must have it."""
    if " " <= character <= "~":
        return True
    if character in "\xad\xd0\u0110":  # a hyphen that hides, and two that look the same
        return False
    return "\xa1" <= character <= "\u017f" or character in "\u0218\u0219\u021a\u021b\u20ac"


def _choice(field, value, choices):
    if value not in choices:
        raise AccountError(field, "the %s is none of %s" % (field, ", ".join(choices)))
    return value


def _number(field, value, least, most):
    if not isinstance(value, int) or isinstance(value, bool):
        raise AccountError(field, "the %s is not a whole number" % field)
    if not least <= value <= most:
        raise AccountError(
            field, "the %s must be from %d to %d, not %d" % (field, least, most, value)
        )
    return value
