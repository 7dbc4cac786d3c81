"""Base32 (RFC 4648, section 6) as people type it.

Lower case, spaces, dashes and missing padding are accepted. Any other
character is refused, with its position: if it were dropped, the codes would
be wrong for no visible reason.
"""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

# Blanks that web pages put between the groups, besides the plain ones.
_IGNORED = " -\t\r\n\u00a0\u2009\u202f"

_HINTS = {"0": "O", "1": "I or L", "8": "B", "9": "G"}


class Base32Error(ValueError):
    """The text is not base32. `position` counts from 1 in the text as typed, or is None."""

    def __init__(self, sentence, position=None):
        super().__init__(sentence)
        self.position = position


def decode(text):
    """Return the bytes of the base32 `text`; raise Base32Error.

    Bits left over at the end (fewer than eight) are dropped, as every
    authenticator does.
    """
    out = bytearray()
    bits = count = symbols = 0
    padded = False
    for place, character in enumerate(text):
        if character in _IGNORED:
            continue
        if character == "=":
            padded = True
            continue
        # ASCII only: the capitals of some other letters are letters of this alphabet.
        value = ALPHABET.find(character.upper()) if character < "\x80" else -1
        if value < 0 or padded:
            raise _refusal(character, place + 1, padded)
        bits = (bits << 5 | value) & 0xFFF
        count += 5
        symbols += 1
        if count >= 8:
            count -= 8
            out.append(bits >> count & 0xFF)
    if symbols % 8 in (1, 3, 6):
        raise Base32Error(
            "no base32 text has %d characters: one is missing, or one too many" % symbols
        )
    return bytes(out)


def _refusal(character, place, padded):
    if padded:
        return Base32Error("character %d stands behind the padding '='" % place, place)
    # The character itself is part of a secret in the making: it is shown only
    # where it is surely not one of the alphabet.
    sentence = "character %d ('%s') is not base32, which has A-Z and 2-7" % (place, character)
    if character in _HINTS:
        sentence += "; perhaps it is %s" % _HINTS[character]
    return Base32Error(sentence, place)


def encode(data, padding=False):
    """Return `data` as base32 text, upper case, padded to eights only on request."""
    out = []
    bits = count = 0
    for byte in data:
        bits = (bits << 8 | byte) & 0xFFF
        count += 8
        while count >= 5:
            count -= 5
            out.append(ALPHABET[bits >> count & 31])
    if count:
        out.append(ALPHABET[bits << (5 - count) & 31])
    if padding:
        out.append("=" * (-len(out) % 8))
    return "".join(out)
