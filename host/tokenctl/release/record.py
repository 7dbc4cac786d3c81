"""What a token at rest was seen to run: made by tools/record.py, and read by the build.

It decides what is quick and what takes up memory, never what is right: a function that it
does not name is loaded when it is called.
"""

import json
from pathlib import Path
from typing import NamedTuple

from tokenctl.errors import BadPayload

FILE = "rest.json"


class Record(NamedTuple):
    """`modules` by their dotted names; `functions` as "tokenfw.system.app:Class.method"."""

    modules: frozenset[str]
    functions: frozenset[str]


def read(firmware: Path) -> Record:
    """Return the record that lies beside the firmware; raise BadPayload."""
    try:
        found = json.loads((firmware / FILE).read_bytes())
        return Record(frozenset(found["modules"]), frozenset(found["functions"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise BadPayload(f"the firmware of this tokenctl lacks {FILE}: install it anew") from None


def write(firmware: Path, record: Record) -> None:
    """Write the record beside the firmware."""
    whole = {"modules": sorted(record.modules), "functions": sorted(record.functions)}
    (firmware / FILE).write_text(json.dumps(whole, indent=1) + "\n")
