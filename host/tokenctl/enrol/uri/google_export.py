"""Google Authenticator's export: otpauth-migration://offline?data=...

One code holds up to ten accounts, a large export is several codes, in any order.
What a code does not say, or says in a way that is not known, is refused or becomes
an assumption: never silently SHA-1, six digits or TOTP. The period is in none of them.
Version 2 has no batch id. A later version is read if it has no field that is not known.
No message holds data of the code, not even a name: bytes that moved could be a
secret. (Field numbers: Aegis' google_auth.proto; 8, unique_id, as seen in exports.)
"""

import base64
import binascii
from dataclasses import replace
from urllib.parse import quote, unquote_to_bytes

from tokenctl.core_sentences import named
from tokenctl.enrol.code_parameters import CodeParameters
from tokenctl.enrol.draft import Draft, ExportPart
from tokenctl.enrol.faults import Fault
from tokenctl.enrol.setup_code import SetupCode
from tokenctl.enrol.uri.label import read_names
from tokenctl.enrol.uri.otpauth import require_unicode
from tokenctl.enrol.uri.protobuf import BYTES, VARINT, Message, ProtobufError, read_message
from tokenctl.errors import BadEnrolment
from tokenctl.language import _, marked

SCHEME = "otpauth-migration"
NO_PERIOD = marked(
    "Google Authenticator's export does not include the period, so 30 s is "
    "assumed: if codes are refused, ask the site which period it uses"
)
NEWER = marked(
    "the export has version {version}, newer than this program knows; "
    "everything in it was recognised, so it is read: compare a code with the "
    "phone's before you delete it there"
)

_PAYLOAD = {1: BYTES, 2: VARINT, 3: VARINT, 4: VARINT, 5: VARINT}
_ACCOUNT = {1: BYTES, 2: BYTES, 3: BYTES, 8: BYTES, 4: VARINT, 5: VARINT, 6: VARINT, 7: VARINT}
_ALGORITHMS = {1: "SHA1", 2: "SHA256", 3: "SHA512"}
_MD5 = 4
_DIGITS = {1: 6, 2: 8}
_TYPES = {1: "hotp", 2: "totp"}
_VERSIONS = (0, 1, 2)  # 0 is left out; 2 comes from app 7.0 and later
_CODES_MAX = 1000  # of one export
_REMEDY = marked("leave it out of the export, and add it with its own setup code")


def parse(code: SetupCode) -> list[Draft | Fault]:
    """Return the accounts in one code of an export, at least one; raise BadEnrolment.

    Each has its number in the code; a Fault is in the place of one that is refused.
    """
    require_unicode(code.text)
    try:
        payload = read_message(_data(code.text), _PAYLOAD, repeated=1)
        part = _part(payload)
        messages = [read_message(each, _ACCOUNT) for each in payload.chunks.get(1, [])]
    except ProtobufError as error:
        raise BadEnrolment(
            "uri", _("the export cannot be read: {error}").format(error=error)
        ) from None
    if not messages:
        raise BadEnrolment("uri", _("the export contains no accounts"))
    version = _version(payload)
    said = () if version in _VERSIONS else (_(NEWER).format(version=version),)
    found: list[Draft | Fault] = []
    for number, message in enumerate(messages, 1):
        try:
            draft = _draft(message)
        except BadEnrolment as error:
            found.append(Fault(error, code, number))
            continue
        warnings = draft.warnings + said
        found.append(replace(draft, warnings=warnings, code=code, entry=number, export=part))
    return found


def _data(uri: str) -> bytes:
    """Return the payload: base64 whose '+' and '/' may stand unescaped, padding or not."""
    query = uri.partition("?")[2]
    values = [part[5:] for part in query.split("&") if part[:5].lower() == "data="]
    if len(values) != 1:
        raise BadEnrolment("uri", _("the export has no data, or has it more than once"))
    # Not unquote_plus: a '+' is a digit of base64, and a blank was one.
    text = unquote_to_bytes(values[0].strip()).replace(b" ", b"+").rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise BadEnrolment(
            "uri", _("the data of the export is not base64: it was cut off or changed")
        ) from None


def _part(payload: Message) -> ExportPart:
    if _version(payload) < 0:
        raise ProtobufError(_("its version is not valid"))
    size, index = payload.number(3, 32) or 1, payload.number(4, 32)
    if not (0 <= index < size <= _CODES_MAX):
        raise ProtobufError(_("its place among the codes of the export is not valid"))
    return ExportPart(payload.number(5, 32) or None, size, index)


def _version(payload: Message) -> int:
    return payload.number(2, 32)


def _draft(message: Message) -> Draft:
    assumptions: list[str] = []
    kind = _enum(message, 6, "type", _TYPES, "totp", assumptions)
    counter, lacks = _counter(message)
    return Draft(
        # Google decodes the label: a '+' in it is a plus.
        read_names(quote(_text(message, 2, "account")), _text(message, 3, "issuer")),
        message.chunk(1),
        CodeParameters(
            kind,
            _enum(message, 4, "algorithm", _ALGORITHMS, "SHA1", assumptions),
            _enum(message, 5, "digits", _DIGITS, 6, assumptions),
            counter=counter if kind == "hotp" else 0,
        ),
        warnings=(_(NO_PERIOD),) if kind == "totp" else (),
        assumptions=tuple(assumptions),
        lacks=lacks,
    )


def _counter(message: Message) -> tuple[int, tuple[BadEnrolment, ...]]:
    """Return the counter, or that it makes no sense: then another one may be given."""
    try:
        counter = message.number(7, 64)
    except ProtobufError as error:
        return 0, (BadEnrolment("counter", str(error)),)
    if counter < 0:
        return 0, (BadEnrolment("counter", _("the counter is negative")),)
    return counter, ()


def _enum(message: Message, field: int, name: str, known: dict, guess, assumptions: list[str]):
    """Return what a number stands for; 0 is a guess, MD5 and what is not known are refused."""
    try:
        number = message.number(field, 32)
    except ProtobufError:
        raise BadEnrolment(
            name, _("the {name} is not valid; {remedy}").format(name=named(name), remedy=_(_REMEDY))
        ) from None
    if number == 0:
        assumptions.append(
            _("the export does not include the {name}, so {guess} is assumed").format(
                guess=guess, name=named(name)
            )
        )
        return guess
    if number not in known:
        said = _("has an unknown number ({number})").format(number=number)
        if known is _ALGORITHMS and number == _MD5:
            said = _("is MD5, which the token does not support")
        raise BadEnrolment(
            name,
            _("the {name} {said}; {remedy}").format(name=named(name), remedy=_(_REMEDY), said=said),
        )
    return known[number]


def _text(message: Message, field: int, name: str) -> str:
    try:
        return message.chunk(field).decode()
    except UnicodeDecodeError:
        raise BadEnrolment(
            name, _("the {name} is not UTF-8 text").format(name=named(name))
        ) from None
