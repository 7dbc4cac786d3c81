"""What a token at rest was seen to run: written by tools/record.py, read by the build.

It affects speed and memory, never correctness: a function that it does not name is loaded when
it is called.
"""

import json
from pathlib import Path
from typing import NamedTuple

from tokenctl.errors import BadPayload
from tokenctl.language import _

FILE = "rest.json"


class Record(NamedTuple):
    """`modules` by their dotted names; `functions` as "tokenfw.system.app:Class.method".

    `used` has the names of the occasions on which functions were seen to run, by those.
    """

    modules: frozenset[str]
    functions: frozenset[str]
    used: dict[str, frozenset[str]] = {}  # noqa: RUF012 (nobody changes it)


def read(firmware: Path) -> Record:
    """Return the record beside the firmware; raise BadPayload."""
    try:
        found = json.loads((firmware / FILE).read_bytes())
        used = {str(each): frozenset(names) for each, names in found["used"].items()}
        return Record(frozenset(found["modules"]), frozenset(found["functions"]), used)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadPayload(
            _("the firmware of this tokenctl lacks {name}: reinstall tokenctl").format(name=FILE)
        ) from None


def write(firmware: Path, record: Record) -> None:
    """Write the record beside the firmware."""
    used = {each: sorted(names) for each, names in sorted(record.used.items())}
    whole = {
        "modules": sorted(record.modules),
        "functions": sorted(record.functions),
        "used": {each: names for each, names in used.items() if each not in record.functions},
    }
    (firmware / FILE).write_text(json.dumps(whole, indent=1) + "\n")
