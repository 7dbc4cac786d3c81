"""A board definition: one JSON file from which firmware, simulator and drawings are made.

The firmware reads some of its keys only; for_board() gives these alone, as the file
board.json of the board. The rest is for people and drawings: module, supply, currents,
parts. A "note" may stand in any object, and goes nowhere. This module checks its form; whether the
pins can do what is asked of them is up to rules.py.
"""

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenctl.errors import WrongBoard
from tokenctl.language import _, marked

NOTE = "note"

# An object's keys, those with a question mark optional; a list has one kind of element.
_FIRMWARE: dict[str, Any] = {
    "name": str,
    "chip": str,
    "i2c": {"id": int, "scl": int, "sda": int, "frequency": int},
    "panel": {"driver": str, "address": int, "width": int, "height": int},
    "rtc?": {"driver?": str, "address?": int},  # the address is of older firmware, and ignored
    "button": {"pin": int},
    "second_button?": {"pin": int},
    "usb_power?": {"pin": int},
    "battery?": {
        "pin": int,
        "upper_ohms": int,
        "lower_ohms": int,
        "full_mv": int,
        "warn_mv": int,
        "empty_mv": int,
    },
    "sleep?": bool,
    "presence_on_boot_button?": bool,
    "full_speed?": int,
}
_HEADER = {"label": str, "gpio?": int, "place?": str}
_HOST: dict[str, Any] = {
    "title?": str,
    "build?": str,
    "module?": {
        "name": str,
        "usb_at": str,
        "left": [_HEADER],
        "right": [_HEADER],
        "regulator": str,
        "usb": str,
        "source": str,
    },
    "supply?": {
        "kind": str,
        "mv": int,
        "mah?": int,
        "usable_percent?": int,
        "yearly_loss_percent?": int,
        "source": str,
    },
    "currents?": [{"what": str, "state": str, "ua": int, "source": str}],
    "parts?": [{"ref": str, "part": str, "as?": str}],
}
_FORM = _FIRMWARE | _HOST
_PINS = {  # every key that names a pin, and what the pin is used for
    "i2c.scl": "i2c",
    "i2c.sda": "i2c",
    "button.pin": "button",
    "second_button.pin": "button",
    "usb_power.pin": "usb_power",
    "battery.pin": "battery",
}
_KINDS = {
    str: marked("text"),
    int: marked("a whole number"),
    bool: marked("true or false"),
    dict: marked("an object"),
    list: marked("a list"),
}


@dataclass(frozen=True)
class Use:
    """One pin in use: the key that names it, the GPIO, and "i2c", "button" or what it is for."""

    key: str
    pin: int
    purpose: str


class Definition:
    """A definition of the right form. `whole` is all of it, as JSON types."""

    def __init__(self, whole: dict[str, Any], source: bytes | None = None) -> None:
        _check(whole, _FORM, "")
        self.whole = whole
        self.name: str = whole["name"]
        self.chip: str = whole["chip"]
        self._source = source

    @property
    def uses(self) -> list[Use]:
        """The pins in use, in the order of the keys."""
        found = []
        for key, purpose in _PINS.items():
            part, _, name = key.partition(".")
            if part in self.whole:
                found.append(Use(key, self.whole[part][name], purpose))
        return found

    def firmware(self) -> dict[str, Any]:
        """Return what the firmware reads, without notes."""
        return _without_notes(_named(self.whole, _FIRMWARE))

    def for_board(self) -> bytes:
        """Return the board's board.json: a file with nothing else in it as it is."""
        ours = self.firmware()
        if self._source is not None and ours == self.whole:
            return self._source
        lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in ours.items())
        return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def parse(source: bytes) -> Definition:
    """Return the definition in this JSON text; raise WrongBoard, which says what is wrong."""
    try:
        whole = json.loads(source)
    except (ValueError, RecursionError):
        raise WrongBoard(_("the board definition is not JSON")) from None
    if not isinstance(whole, dict):
        raise WrongBoard(_("the board definition is not a JSON object"))
    return Definition(whole, source)


def load(path: Path) -> Definition:
    """Return the definition in a file; raise WrongBoard, OSError."""
    return parse(path.read_bytes())


def _named(whole: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    names = [key.removesuffix("?") for key in form]
    return {name: whole[name] for name in names if name in whole}


def _without_notes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_notes(each) for name, each in value.items() if name != NOTE}
    return value


def _check(value: Any, form: Any, place: str) -> None:
    """Compare a value with its form; raise WrongBoard with the key that is wrong."""
    kind = form if isinstance(form, type) else type(form)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        wanted = _(_KINDS[kind])
        if isinstance(form, dict):
            keys = ", ".join(key for key in form if not key.endswith("?"))
            wanted = _("an object with {keys}").format(keys=keys)
        raise WrongBoard(
            _("the board definition's {place} must be {wanted}").format(place=place, wanted=wanted)
        )
    if isinstance(form, list):
        for number, each in enumerate(value):
            _check(each, form[0], f"{place}[{number}]")
    elif isinstance(form, dict):
        _check_keys(value, form, place)


def _check_keys(value: dict[str, Any], form: dict[str, Any], place: str) -> None:
    whose = (
        _("the board definition's {place}").format(place=place)
        if place
        else _("the board definition")
    )
    known = {key.removesuffix("?"): each for key, each in form.items()}
    for name in value:
        if name != NOTE and name not in known:
            like = difflib.get_close_matches(name, known, 1)
            hint = _(": did you mean {key}").format(key=like[0]) + "?" if like else ""
            raise WrongBoard(
                _("{whose} has an unknown key {key!r}{hint}").format(
                    whose=whose, key=name, hint=hint
                )
            )
    for key in form:
        if not key.endswith("?") and key not in value:
            raise WrongBoard(_("{whose} has no {key}").format(key=key, whose=whose))
    for name, each in value.items():
        if name != NOTE:
            _check(each, known[name], f"{place}.{name}" if place else name)
