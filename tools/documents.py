"""The tables in docs/ that are made of the sources: make documents.

Each stands in a page between a line `<!-- table: NAME -->` and the next `<!-- end -->`.
tests/unit/test_documents.py makes them again and compares.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from tokenctl.errors import EXIT_CODES, EXIT_NAMES

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
FLASH = ROOT / "tests" / "attacks" / "flash.json"
_TABLE = re.compile(r"(?<=<!-- table: )([a-z ]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ENDS = ("all there", "said", "older as a whole")


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    cells = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(each)} |\n" for each in cells)


def exit_codes() -> str:
    """Return the exit codes of tokenctl."""
    rows = ((str(code), f"`{EXIT_NAMES[code]}`", meaning) for code, meaning in EXIT_CODES.items())
    return _rows(("exit code", "name", "meaning"), rows)


def flash() -> str:
    """Return the attacks on the flash of the kept run, and how many ended how."""
    rows: list[list[str]] = []
    for each in json.loads(FLASH.read_text()):
        counts = [each.get(end, 0) for end in _ENDS]
        rows.append([each["attack"], *(f"{count:,}" for count in (sum(counts), *counts))])
    return _rows(("attack", "tried", *_ENDS), rows)


TABLES = {"exit codes": exit_codes, "flash": flash}


def filled(page: str) -> str:
    """Return a page with its tables made anew. Raises KeyError for one that nobody makes."""
    return _TABLE.sub(lambda found: f"{found[1]}{found[2]}\n{TABLES[found[1]]()}\n", page)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(filled(path.read_text()))
