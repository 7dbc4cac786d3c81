"""What a bug report needs to know of the exchange with a token: methods and times, nothing private.

It goes to listeners (tokenctl.cli.log, for --debug), and nowhere else. Only the fields that
methods.METHODS lists as shown are written, and only if they are a number, a flag or a short word:
everything else is struck out, whatever future methods bring. No secret, name, code, PIN or PIN
length is among them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tokenctl.device import refusals
from tokenctl.device.methods import METHODS, NOTICES

STRUCK = "***"
_DEPTH_MAX = 4  # how deeply lists are followed: a token might nest them endlessly
_PLAIN = re.compile(r"[\w.+:/ -]{0,64}", re.ASCII)
_DEVICE = re.compile(r"/dev/[\w.-]+|COM\d+", re.ASCII)

# Each is called with a flag (the line is a detail, for --debug only) and the line.
Listener = Callable[[bool, str], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener` with every line from now on."""
    _listeners.append(listener)


def leave(listener: Listener) -> None:
    """Stop calling it."""
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
    """Note a refusal of the token; words that tokenctl does not know are struck out."""
    known = refusals.SENTENCES.get(code)
    words = [code if known is not None else STRUCK]
    if reason:
        words.append(reason if known is not None and reason in known else STRUCK)
    if value is not None:
        words.append(str(value) if type(value) is int else STRUCK)
    _note(f"< {_method(method)} refused: {' '.join(words)}, {seconds:.3f} s", detail=True)


def notice(kind: Any) -> None:
    """Note that the token says what it is waiting for."""
    known = kind if isinstance(kind, str) and kind in NOTICES else STRUCK
    _note(f"< notice {known}", detail=True)


def resent(method: str, attempt: int) -> None:
    """Note that a request is sent again, because no answer came."""
    _note(f"> {_method(method)} again, attempt {attempt}")


def opened(port: str) -> None:
    """Note that a port was opened. A path chosen by the user, or a host, is struck out."""
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
    """Return the shown fields of parameters or of an answer, and the number of the others."""
    if not isinstance(fields, Mapping):
        return STRUCK
    shown = METHODS[method].shown if method in METHODS else ()
    found = [f"{field}={_plain(fields[field])}" for field in shown if field in fields]
    if len(found) < len(fields):
        found.append(f"{STRUCK}={len(fields) - len(found)} more")
    return "{" + ", ".join(found) + "}"


def _plain(value: Any, depth: int = 0) -> str:
    """Return a value as text, if its kind cannot hold anything private."""
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
