"""What to do about what the user sees, in English and Dutch: symptoms.json, for doctor and docs/.

Each symptom has a name, and in each language a title and steps; between ` stands what is
typed, between ** what a page shows. docs/troubleshooting.md and docs/nl/troubleshooting.md
are made of the same file (make documents).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Symptom:
    """`steps` come one after the other."""

    name: str
    title: str
    steps: tuple[str, ...]


@cache
def symptoms(language: str) -> dict[str, Symptom]:
    """Return all symptoms by their names, in this language; in English where that is missing."""
    whole = json.loads(Path(__file__).with_name("symptoms.json").read_bytes())
    found: dict[str, Symptom] = {}
    for name, texts in whole.items():
        said = texts.get(language, texts["en"])
        found[name] = Symptom(name, said["title"], tuple(said["steps"]))
    return found


def found(name: str, of: Mapping[str, Symptom]) -> list[Symptom]:
    """Return the symptoms for a name: the one of that name, or those that contain it."""
    name = name.casefold()
    if name in of:
        return [of[name]]
    return [each for each in of.values() if name in each.name or name in each.title.casefold()]


def plain(text: str) -> str:
    """Return a step for a terminal: a button's name in quotes, a command as it is typed."""
    return re.sub(r"\*\*(.+?)\*\*", r'"\1"', text).replace("`", "")
