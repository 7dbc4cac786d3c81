"""Whether a token with this wiring sleeps, and what wakes it."""

import re

from tokenctl.boards.chips import pins_of
from tokenctl.boards.definition import Definition
from tokenctl.errors import WrongBoard
from tokenctl.language import _


def wake_of(definition: Definition) -> tuple[str, str] | None:
    """Return how the first button wakes the chip ("ext0"), and since which MicroPython.

    None when its pin cannot. Raises WrongBoard for an unknown chip.
    """
    pins = pins_of(definition.chip)
    able = definition.whole["button"]["pin"] in pins.wakes
    return (pins.wake_by, pins.wake_since) if able else None


def refuse_micropython(definition: Definition, version: str) -> None:
    """Raise WrongBoard if a token that sleeps would not wake under this MicroPython.

    `version` is as MicroPython writes it, such as v1.25.0 or v1.27.0-preview.
    """
    wake = wake_of(definition)
    if definition.whole.get("sleep") and wake is not None and _numbers(version) < _numbers(wake[1]):
        raise WrongBoard(
            _(
                "the board definition '{name}' says \"sleep\": true, but its button wakes "
                "the chip only with MicroPython {since} and later, and this is {version}"
            ).format(name=definition.name, since=wake[1], version=version)
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:2])


def sleeps(definition: Definition) -> bool:
    """Whether a token of this definition goes to deep sleep."""
    return definition.whole.get("sleep", wake_of(definition) is not None)
