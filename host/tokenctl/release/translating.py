"""The map of a release: where in the sources a fault was, and the name of its class.

On the board a fault is "class source:line", in the names of the release; a development build
writes a traceback. A map is JSON, made with the release and only true of that: {"firmware":
version, "names": {new: old}, "units": {source: [[line, file, line there], …]}}.
"""

import json
import re
from pathlib import Path

from tokenctl.errors import BadPayload
from tokenctl.language import _
from tokenctl.release.build import Release

_PLACE = re.compile(r"(?<![\w.:])(units|\d{1,4}):(\d{1,6})(?![\w.:])")
_NAME = re.compile(r"[A-Za-z_]\w*")
_FRAME = re.compile(r'File "(units|\d{1,4})", line (\d{1,6}), in (\w+)')
_CLASS = re.compile(r"^[A-Za-z_]\w*(?=:|\r?$)", re.MULTILINE)  # at the end of a traceback
_QUOTED = re.compile(r"(?<=')[A-Za-z_]\w*(?=')")


def as_map(release: Release, version: str) -> bytes:
    """Return the map of a release."""
    units = {
        name: [[line, *place] for line, place in sorted(places.items())]
        for name, places in release.lines.items()
    }
    whole = {"firmware": version, "names": release.names, "units": units}
    return (json.dumps(whole, separators=(",", ":")) + "\n").encode()


class Map:
    """A map that was read; raises BadPayload if it is not one."""

    def __init__(self, data: bytes) -> None:
        try:
            whole = json.loads(data)
            self.firmware = str(whole["firmware"])
            self._names = {str(new): str(old) for new, old in dict(whole["names"]).items()}
            self._units = {
                str(name): [(int(line), str(path), int(there)) for line, path, there in places]
                for name, places in whole["units"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            raise BadPayload(_("this is not a map of a release")) from None

    def translate(self, fault: str) -> str:
        """Return a fault's text in terms of the sources; what is not in the map is unchanged."""
        if _FRAME.search(fault):
            return self._traceback(fault)
        places: list[str] = []

        def take(match: re.Match[str]) -> str:
            places.append(self._place(match[1], int(match[2])) or match[0])
            return "\0"

        text = _PLACE.sub(take, fault)
        text = _NAME.sub(self._named, text)
        for place in places:
            text = text.replace("\0", place, 1)
        return text

    def unknown(self, fault: str) -> list[str]:
        """Return the places in a fault's text that are not in this map, each once."""
        places = [*_FRAME.findall(fault), *_PLACE.findall(_FRAME.sub("", fault))]
        found = {f"{unit}:{line}": self._place(unit, int(line)) for unit, line, *_ in places}
        return [place for place, known in found.items() if known is None]

    def _traceback(self, text: str) -> str:
        """Translate the places, the functions, the class and what its message quotes."""
        text = _CLASS.sub(self._named, text)
        text = _QUOTED.sub(self._named, text)
        return _FRAME.sub(self._frame, text)

    def _named(self, match: re.Match[str]) -> str:
        return self._names.get(match[0], match[0])

    def _frame(self, match: re.Match[str]) -> str:
        place = self._place(match[1], int(match[2]))
        if place is None:
            return match[0]
        path, _, line = place.rpartition(":")
        return f'File "{path}", line {line}, in {self._names.get(match[3], match[3])}'

    def _place(self, unit: str, line: int) -> str | None:
        before = [each for each in self._units.get(unit, []) if each[0] <= line]
        if not before:
            return None
        _, path, there = max(before)
        return f"{path}:{there}"


def has_place(text: str) -> bool:
    """Tell whether a text names the place of a fault in a release."""
    return bool(_FRAME.search(text) or _PLACE.search(text))


def read(path: Path) -> Map:
    """Return the map in a file; raise BadPayload."""
    try:
        return Map(path.read_bytes())
    except OSError:
        raise BadPayload(_("the map {path} cannot be read").format(path=path)) from None
