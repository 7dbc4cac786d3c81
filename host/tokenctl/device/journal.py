"""What a bug report needs of the talk with a token: methods, times, and nothing that is private.

It goes to who listens (tokenctl.cli.log does for --debug), and nowhere else. Of a message only
those fields are written that models.METHODS shows, and of these only what is a number, a flag or
a short word: all else is struck out, whatever a method may bring in the future. No secret, name,
code, PIN or its length is among them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tokenctl.device import refusals
from tokenctl.device.models import METHODS, NOTICES

STRUCK = "***"
_DEPTH_MAX = 4  # lists in lists that a token might answer
_PLAIN = re.compile(r"[\w.+:/ -]{0,64}", re.ASCII)
_DEVICE = re.compile(r"/dev/[\w.-]+|COM\d+", re.ASCII)

# Called with whether a line is a detail, which only --debug wants, and with the line.
Listener = Callable[[bool, str], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have every line from now on."""
    _listeners.append(listener)


def leave(listener: Listener) -> None:
    """Have no more of them."""
    _listeners.remove(listener)


def _note(line: str, detail: bool = False) -> None:
    for each in _listeners:
        each(detail, line)


def request(method: str, parameters: Mapping[str, Any] | None) -> None:
    """Note a request that is about to be sent."""
    _note(f"> {_method(method)} {_fields(method, parameters or {})}", detail=True)


def answer(method: str, result: Any, seconds: float) -> None:
    """Note the answer to a request, and how long it took."""
    _note(f"< {_method(method)} {_fields(method, result)}, {seconds:.3f} s", detail=True)


def refusal(method: str, code: str, reason: str, value: Any, seconds: float) -> None:
    """Note what the token refused with; words that tokenctl does not know are struck out."""
    known = refusals.SENTENCES.get(code)
    words = [code if known is not None else STRUCK]
    if reason:
        words.append(reason if known is not None and reason in known else STRUCK)
    if value is not None:
        words.append(str(value) if type(value) is int else STRUCK)
    _note(f"< {_method(method)} refused: {' '.join(words)}, {seconds:.3f} s", detail=True)


def notice(kind: Any) -> None:
    """Note that the token tells what it waits for."""
    known = kind if isinstance(kind, str) and kind in NOTICES else STRUCK
    _note(f"< notice {known}", detail=True)


def resent(method: str, attempt: int) -> None:
    """Note that a request is sent once more, because nothing came."""
    _note(f"> {_method(method)} again, attempt {attempt}")


def opened(port: str) -> None:
    """Note that a port was opened. A path of the user's own, or a host, is struck out."""
    scheme, colon, _ = port.partition("://")
    if colon:
        name = f"{_plain(scheme) if scheme.isalnum() else STRUCK}://{STRUCK}"
    else:
        name = port if _DEVICE.fullmatch(port) else STRUCK
    _note(f"port {name} is open")


def closed() -> None:
    """Note that a port was closed."""
    _note("the port is closed")


def _method(method: str) -> str:
    return method if method in METHODS else STRUCK


def _fields(method: str, fields: Any) -> str:
    """Return the shown fields of parameters or of an answer, and how many others there are."""
    if not isinstance(fields, Mapping):
        return STRUCK
    shown = METHODS[method].shown if method in METHODS else ()
    found = [f"{field}={_plain(fields[field])}" for field in shown if field in fields]
    if len(found) < len(fields):
        found.append(f"{STRUCK}={len(fields) - len(found)} more")
    return "{" + ", ".join(found) + "}"


def _plain(value: Any, depth: int = 0) -> str:
    """Return a value as text, if it is of a kind that holds nothing private."""
    if depth > _DEPTH_MAX:
        return STRUCK
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if type(value) is int:
        return str(value) if abs(value) < 1 << 64 else STRUCK
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else STRUCK
    if isinstance(value, list):
        return "[" + " ".join(_plain(each, depth + 1) for each in value[:64]) + "]"
    if isinstance(value, dict) and value.keys() == {"millivolts", "percent"}:
        return " ".join(_plain(each, depth + 1) for each in value.values())
    return STRUCK
