"""What otpcore finds wrong with an account or a secret, in the language of its reader.

otpcore runs on the token, too, and has neither a catalogue nor the memory for one: it says
one English clause for each fault. Here is each of them, with the sentence for people.
"""

import re

from tokenctl.language import _, marked

# (otpcore's clause; ours). A field in braces stands for what otpcore puts there.
_TABLE = (
    ("issuer and account are both empty", marked("issuer and account are both empty")),
    (
        "an HOTP account has a counter, no period and no T0",
        marked("an HOTP account has a counter, and no period or T0"),
    ),
    ("only an HOTP account has a counter", marked("only an HOTP account has a counter")),
    (
        "Steam has five letters, SHA1 and 30 seconds, no others",
        marked("Steam always uses five letters, SHA1 and 30 seconds"),
    ),
    (
        "a static text has no algorithm, digits, period or T0",
        marked("a static text has no algorithm, digits, period or T0"),
    ),
    ("the {what} is not text", marked("the {what} is not text")),
    ("the {what} has a control character", marked("the {what} contains a control character")),
    ("the {what} is not Unicode text", marked("the {what} is not valid Unicode text")),
    (
        "the {what} has {size} bytes of UTF-8; the limit is {limit}",
        marked("the {what} has {size} bytes of UTF-8; the limit is {limit}"),
    ),
    ("the secret is not bytes", marked("the secret is not bytes")),
    ("the secret is not base64", marked("the secret is not base64")),
    ("the secret is empty", marked("the secret is empty")),
    (
        "the secret has {size} bytes; the limit is {limit}",
        marked("the secret has {size} bytes; the limit is {limit}"),
    ),
    ("the text is not UTF-8", marked("the text is not UTF-8")),
    (
        "the text has {size} characters; the limit is {limit}",
        marked("the text has {size} characters; the limit is {limit}"),
    ),
    (
        "the token cannot show character {place} of the text",
        marked("the token cannot show character {place} of the text"),
    ),
    ("the {what} is none of {choices}", marked("the {what} is not one of {choices}")),
    ("the {what} is not a whole number", marked("the {what} is not a whole number")),
    (
        "the {what} must be from {least} to {most}, not {value}",
        marked("the {what} must be from {least} to {most}, not {value}"),
    ),
    (
        "no base32 text has {size} characters: one is missing, or one too many",
        marked("{size} characters is not a valid base32 length: one is missing or too many"),
    ),
    (
        "character {place} stands behind the padding '='",
        marked("character {place} comes after the padding '='"),
    ),
    (
        "character {place} ('{character}') is not base32, which has A-Z and 2-7; "
        "perhaps it is {hint}",
        marked("character {place} ('{character}') is not base32 (A-Z, 2-7); perhaps it is {hint}"),
    ),
    (
        "character {place} ('{character}') is not base32, which has A-Z and 2-7",
        marked("character {place} ('{character}') is not base32 (A-Z, 2-7)"),
    ),
)
# What otpcore names in a field.
_NAMES = {
    "issuer": marked("issuer"),
    "account name": marked("account name"),
    "I or L": marked("I or L"),
    "type": marked("type"),
    "algorithm": marked("algorithm"),
    "digits": marked("digits"),
    "period": marked("period"),
    "counter": marked("counter"),
    "account": marked("account"),
    "name": marked("name"),
    "secret": marked("secret"),
    "key check value": marked("key check value"),
}


def named(field: str) -> str:
    """Return the words for a field of an account; the field itself if it is not here."""
    return _(_NAMES.get(field, field))


def _pattern(clause: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(clause)), re.DOTALL)


_SENTENCES = tuple((_pattern(clause), sentence) for clause, sentence in _TABLE)


def said(error: Exception) -> str:
    """Return the clause for an AccountError or a Base32Error; otpcore's own if none is here."""
    for pattern, sentence in _SENTENCES:
        if found := pattern.fullmatch(str(error)):
            fields = {name: named(value) for name, value in found.groupdict().items()}
            return _(sentence).format(**fields)
    return str(error)
