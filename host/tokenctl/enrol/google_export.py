"""Google Authenticator's export: otpauth-migration://offline?data=...

One code holds up to ten accounts, a large export is several codes, in any order.
What a code does not say, or says in a way that is not known, is refused or becomes
a doubt: never silently SHA-1, six digits or TOTP. The period is in none of them.
Version 2 has no batch id. A later version is read if it has no field that is not known.
No message holds data of the code, not even a name: bytes that moved could be a
secret. (Field numbers: Aegis' google_auth.proto; 8, unique_id, as seen in exports.)
"""

import base64
import binascii
import dataclasses
from collections.abc import Sequence
from urllib.parse import quote, unquote_to_bytes

from tokenctl.enrol.enrolment import Enrolment, ExportPart, enrol
from tokenctl.enrol.faults import Faults
from tokenctl.enrol.otpauth_label import read_names
from tokenctl.enrol.protobuf import BYTES, VARINT, Message, ProtobufError, read_message
from tokenctl.errors import BadEnrolment, IncompleteExport

SCHEME = "otpauth-migration"
NO_PERIOD = (
    "Google Authenticator's export does not say the period, and 30 s is taken: "
    "if the codes are refused, ask the site whether its period is another one"
)
NEWER = (
    "the export is of version {}, which is newer than this program knows; all that it says is "
    "known, so it is read: compare a code with that of the phone before you delete it there"
)

_PAYLOAD = {1: BYTES, 2: VARINT, 3: VARINT, 4: VARINT, 5: VARINT}
_ACCOUNT = {1: BYTES, 2: BYTES, 3: BYTES, 8: BYTES, 4: VARINT, 5: VARINT, 6: VARINT, 7: VARINT}
_ALGORITHMS = {1: "SHA1", 2: "SHA256", 3: "SHA512"}
_MD5 = 4
_DIGITS = {1: 6, 2: 8}
_TYPES = {1: "hotp", 2: "totp"}
_VERSIONS = (0, 1, 2)  # 0 is left out; 2 comes from app 7.0 and later
_CODES_MAX = 1000  # of one export
_REMEDY = "leave it out of the export, and set it up with its own code"


def parse(
    uri: str, issuer: str | None = None, account: str | None = None, counter: int | None = None
) -> list[Enrolment]:
    """Return the accounts in one code of an export, at least one; raise BadEnrolment.

    `issuer` and `account`, where given, take the place of the names in it, `counter` that
    of the counter.
    """
    try:
        payload = read_message(_data(uri), _PAYLOAD, repeated=1)
        part = _part(payload)
        messages = [read_message(each, _ACCOUNT) for each in payload.chunks.get(1, [])]
    except ProtobufError as error:
        raise BadEnrolment("uri", f"the export cannot be read: {error}") from None
    if not messages:
        raise BadEnrolment("uri", "the export holds no accounts")
    version = _version(payload)
    said = () if version in _VERSIONS else (NEWER.format(version),)
    faults = Faults()
    bad: dict[str, tuple[BadEnrolment, list[int]]] = {}
    for number, message in enumerate(messages, 1):
        try:
            made = _enrolment(message, part, issuer, account, counter)
            faults.good.append(dataclasses.replace(made, warnings=made.warnings + said))
        except BadEnrolment as error:
            bad.setdefault(str(error), (error, []))[1].append(number)
    for error, (first, *more) in bad.values():
        others = f" (and {', '.join(str(each) for each in more)})" if more else ""
        faults.add(error.at(f"account {first} of the export{others}"))
    return faults.result()


def whole(enrolments: Sequence[Enrolment], incomplete: bool) -> list[Enrolment]:
    """Return the enrolments with each export's codes in order, and a code read twice once.

    Raises IncompleteExport when codes of an export are missing, unless
    `incomplete` allows it; BadEnrolment when two codes say they are the same one.
    """
    exports: dict[tuple[int | None, int], list[dict[int, list[Enrolment]]]] = {}
    found: list[Enrolment] = []
    for run in _runs(enrolments):
        part = run[0].export
        if part is None:
            found += run
            continue
        batch = None if part.size == 1 else part.batch  # one of 1 is whole, whatever its batch
        _take(exports.setdefault((batch, part.size), []), batch, part.index, run)
    for (_, size), groups in exports.items():
        for codes in groups:
            missing = [index + 1 for index in range(size) if index not in codes]
            if missing and not incomplete:
                raise IncompleteExport(_missing(missing, size))
            found += [each for index in sorted(codes) for each in codes[index]]
    return found


def _take(
    groups: list[dict[int, list[Enrolment]]], batch: int | None, index: int, run: list[Enrolment]
) -> None:
    """Put a code among the exports that have its batch and size: there is one, if it has a batch.

    Without one, two codes that claim one place are of two exports.
    """
    for codes in groups:
        if index in codes and _records(codes[index]) == _records(run):
            codes[index] = _merged(codes[index], run)
            return
    for codes in groups:
        if index not in codes:
            codes[index] = run
            return
    if groups and batch is not None:
        raise BadEnrolment("uri", "two different codes say that they are the same one of an export")
    groups.append({index: run})


def _runs(enrolments: Sequence[Enrolment]) -> list[list[Enrolment]]:
    """Return what came from one code together."""
    runs: list[list[Enrolment]] = []
    for each in enrolments:
        if runs and each.export is not None and each.export is runs[-1][0].export:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _merged(first: list[Enrolment], second: list[Enrolment]) -> list[Enrolment]:
    return [
        dataclasses.replace(
            each,
            origins=tuple(dict.fromkeys(each.origins + other.origins)),
            lists=tuple(dict.fromkeys(each.lists + other.lists)),
        )
        for each, other in zip(first, second, strict=True)
    ]


def _records(enrolments: list[Enrolment]) -> list[bytes]:
    return [each.account.to_record() for each in enrolments]


def _missing(missing: list[int], size: int) -> str:
    numbers = ", ".join(str(each) for each in missing[:20]) + (", ..." if missing[20:] else "")
    which = f"code {numbers} is" if len(missing) == 1 else f"codes {numbers} are"
    return f"the export of Google Authenticator has {size} codes, and {which} missing"


def _data(uri: str) -> bytes:
    """Return the payload: base64 whose '+' and '/' may stand unescaped, padding or not."""
    _, _, query = uri.partition("?")
    values = [part[5:] for part in query.split("&") if part[:5].lower() == "data="]
    if len(values) != 1:
        raise BadEnrolment("uri", "the export has no data, or more than once")
    # Not unquote_plus: a '+' is a digit of base64, and a blank was one.
    text = unquote_to_bytes(values[0].strip()).replace(b" ", b"+").rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise BadEnrolment(
            "uri", "the data of the export is not base64: it was cut or changed"
        ) from None


def _part(payload: Message) -> ExportPart:
    if _version(payload) < 0:
        raise ProtobufError("its version makes no sense")
    size, index = payload.number(3, 32) or 1, payload.number(4, 32)
    if not (0 <= index < size <= _CODES_MAX):
        raise ProtobufError("its place among the codes of the export makes no sense")
    return ExportPart(payload.number(5, 32) or None, size, index)


def _version(payload: Message) -> int:
    return payload.number(2, 32)


def _enrolment(
    message: Message,
    part: ExportPart,
    issuer: str | None,
    account: str | None,
    given: int | None,
) -> Enrolment:
    doubts: list[str] = []
    kind = _enum(message, 6, "type", _TYPES, "totp", doubts)
    algorithm = _enum(message, 4, "algorithm", _ALGORITHMS, "SHA1", doubts)
    digits = _enum(message, 5, "digits", _DIGITS, 6, doubts)
    counter = _counter(message) if given is None else given
    if given is not None and kind != "hotp":
        raise BadEnrolment("counter", "a counter was given, and only an HOTP account has one")
    # Google decodes the label: a '+' in it is a plus.
    names = read_names(quote(_text(message, 2, "account")), _text(message, 3, "issuer"))
    if issuer is None and account is None:
        doubts += names.doubts
    return enrol(
        names.issuer if issuer is None else issuer,
        names.account if account is None else account,
        message.chunk(1),
        warnings=names.warnings + ((NO_PERIOD,) if kind == "totp" else ()),
        doubts=tuple(doubts),
        display_issuer=names.display_issuer if issuer is None else issuer,
        export=part,
        type=kind,
        algorithm=algorithm,
        digits=digits,
        counter=counter if kind == "hotp" else 0,
    )


def _counter(message: Message) -> int:
    try:
        counter = message.number(7, 64)
    except ProtobufError as error:
        raise BadEnrolment("counter", str(error)) from None
    if counter < 0:
        raise BadEnrolment("counter", "the counter is negative")
    return counter


def _enum(message: Message, field: int, name: str, known: dict, guess, doubts: list[str]):
    """Return what a number stands for; 0 is a guess, MD5 and what is not known are refused."""
    try:
        number = message.number(field, 32)
    except ProtobufError:
        raise BadEnrolment(name, f"the {name} makes no sense; {_REMEDY}") from None
    if number == 0:
        doubts.append(f"the export does not say the {name}, and {guess} is taken")
        return guess
    if number not in known:
        said = f"has a number ({number}) that is not known"
        if known is _ALGORITHMS and number == _MD5:
            said = "is MD5, which the token does not have"
        raise BadEnrolment(name, f"the {name} {said}; {_REMEDY}")
    return known[number]


def _text(message: Message, field: int, name: str) -> str:
    try:
        return message.chunk(field).decode()
    except UnicodeDecodeError:
        raise BadEnrolment(name, f"the {name} is not UTF-8 text") from None
