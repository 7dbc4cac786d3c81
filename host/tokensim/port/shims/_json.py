"""json as in MicroPython 1.24, whose reader accepts a text without its last brackets."""

import json

from _strict import stand_in

_OPEN, _CLOSE = "[{", "]}"
_NUMBER = "-0123456789.eE+"


def loads(text):
    """Return the value of a JSON text; raise ValueError."""
    try:
        return json.loads(text)
    except ValueError:
        return _lenient(text if isinstance(text, str) else str(text, "utf-8"))


def load(stream):
    """Return the value of the JSON text in a stream; raise ValueError."""
    return loads(stream.read())


def _lenient(text):
    """Parse a text that is truncated, or has a wrong closing bracket, as 1.24 does."""
    closing, quoted, whole, number = [], False, "", ""
    place = 0
    while place < len(text):
        letter = text[place]
        if quoted:
            if letter == "\\":
                whole += letter
                place += 1
                letter = text[place : place + 1]
            elif letter == '"':
                quoted = False
        elif letter == '"':
            quoted = True
        elif letter in _OPEN:
            closing.append(_CLOSE[_OPEN.index(letter)])
        elif letter in _CLOSE and closing:
            letter = closing.pop()
        elif letter in (_NUMBER if number else _NUMBER[:11]):
            number += letter
            if text[place + 1 : place + 2] not in _NUMBER or place + 1 == len(text):
                _check(number)
                number = ""
        whole += letter
        place += 1
    return json.loads(whole + "".join(reversed(closing)))


def _check(number):
    """Refuse an invalid number, with the message of 1.24."""
    try:
        float(number) if "." in number or "e" in number.lower() else int(number)
    except ValueError:
        raise ValueError("invalid syntax for integer with base 10") from None


MODULE = stand_in(json, {"load": load, "loads": loads})
