"""Generates the tables and lists in docs/ and hardware/ from the sources: make documents.

Each is in a page between a line `<!-- table: NAME -->` and the next `<!-- end -->`.
tests/unit/test_documents.py generates them again and compares.
"""

import json
import math
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

from tokenctl.cli.checks import symptoms
from tokenctl.exit_codes import EXIT_CODES
from tokenctl.flashing.chips import CHIPS
from tokenctl.hardening.measures import MEASURES

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "hardware" / "README.md"]
FLASH = ROOT / "tests" / "attacks" / "flash.json"
FIGURES = ROOT / "bench" / "written.json"
_TABLE = re.compile(r"(?<=<!-- table: )([a-z ]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ACCOUNTS = (10, 1000)
_ISSUES = "https://github.com/micropython/micropython/issues/"
_WROVER = "https://github.com/enesbcs/mpyeasy/issues/8"
# KB of MicroPython's heap before the firmware is there, and who says so; 0 where nobody does.
_HEAPS = (
    ("ESP32", 166, "record of 1.24"),
    ("ESP32-C3", 200, f"[reported]({_ISSUES}14293) of 1.22.2"),
    ("ESP32-S3 with PSRAM", 8000, f"[reported]({_ISSUES}12237) of 1.20"),
    ("ESP32 with PSRAM", 4000, f"[reported]({_WROVER}) of 1.14"),
    ("ESP32-S2; ESP32-S3 without PSRAM", 0, ""),
)
_ENDS = ("all there", "said", "older as a whole")


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    cells = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(each)} |\n" for each in cells)


def exit_codes() -> str:
    """Return the exit codes of tokenctl."""
    rows = ((f"{code} `{each.name}`", each.meaning) for code, each in EXIT_CODES.items())
    return _rows(("code and name", "meaning"), rows)


def flash() -> str:
    """Return the attacks on the flash in the stored run, and how many had which result."""
    rows: list[list[str]] = []
    older: list[str] = []
    for each in json.loads(FLASH.read_text()):
        counts = [each.get(end, 0) for end in _ENDS]
        of = f"{each['of']:,}" if "of" in each else ""
        rows.append([each["attack"], f"{sum(counts):,}", of, f"{counts[1]:,}"])
        if counts[-1]:
            older.append(f"{counts[-1]:,} ({each['attack']})")
    table = _rows(("attack", "tried", "of", _ENDS[1]), rows)
    return f"{table}\nOlder as a whole: {', '.join(older) or 'none'}.\n"


def _item(text: str, first: str) -> str:
    """Return an item of a list, wrapped like the pages; `first` is its dash."""
    margin = " " * len(first)
    return textwrap.fill(text, 100, initial_indent=first, subsequent_indent=margin) + "\n"


def hardening() -> str:
    """Return how chips can be hardened: eFuses, the chips that have them, gain and price."""
    lines: list[str] = []
    for each in MEASURES:
        chips: dict[str, list[str]] = {}
        for chip in CHIPS:
            if chip.name in each.efuses:
                chips.setdefault(each.efuses[chip.name], []).append(chip.title)
        names = "; ".join(f"{efuse} ({', '.join(titles)})" for efuse, titles in chips.items())
        lines.append(_item(f"**`{each.name}`**: {names}", "- "))
        lines.append(_item(f"Buys: {each.buys}.", "  - "))
        lines.append(_item(f"Costs: {each.costs}.", "  - "))
    return "".join(lines)


def by_symptom(language: str) -> str:
    """Return what to do about each symptom, preceded by links."""
    known = symptoms.symptoms(language).values()
    text = "".join(f"- [{each.title}](#{_anchor(each.title)})\n" for each in known)
    for each in known:
        text += f"\n## {each.title}\n\n`tokenctl doctor --symptom {each.name}`\n\n"
        text += "".join(f"{number}. {step}\n" for number, step in enumerate(each.steps, 1))
    return text


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def memory() -> str:
    """Return how much heap accounts need, by the model of it, and what the chips have."""
    figures = json.loads(FIGURES.read_text())
    needed = [figures[f"chip: heap for {count} accounts"] / 1000 for count in _ACCOUNTS]
    at_rest = [figures[f"chip: at rest, {count} accounts: in use"] / 1000 for count in _ACCOUNTS]
    most = [_most_in_use(figures, count) / 1000 for count in _ACCOUNTS]
    rows = [
        [title, *(f"{math.ceil(each)} KB" for each in values)]
        for title, values in (
            ("in use at rest", at_rest),
            ("in use at most", most),
            ("**heap needed**: that, and what is lost between", needed),
        )
    ]
    for name, heap, source in _HEAPS:
        title = f"{name}: {heap:,} KB, {source}" if heap else f"{name}: no report found"
        fit = "fit" if name == "ESP32" else "should fit; not run"
        rows.append([title, *(_verdict(heap, each, fit) for each in needed)])
    return _rows(("heap", *(f"{count:,} accounts" for count in _ACCOUNTS)), rows)


def _most_in_use(figures: dict[str, float], count: int) -> float:
    """Return the most bytes in use at any moment of the life with so many accounts."""
    thousand = f"{_ACCOUNTS[-1]} accounts"
    moments = {name: value for name, value in figures.items() if name.endswith(": in use")}
    return max(
        value for name, value in moments.items() if (thousand in name) == (count == _ACCOUNTS[-1])
    )


def _verdict(heap: float, needed: float, fit: str) -> str:
    if not heap:
        return "not known"
    return fit if heap >= needed else "do not fit"


TABLES = {
    "exit codes": exit_codes,
    "flash": flash,
    "hardening": hardening,
    "memory": memory,
    "symptoms": lambda: by_symptom("en"),
    "symptoms in dutch": lambda: by_symptom("nl"),
}


def filled(page: str) -> str:
    """Return a page with its tables generated; raise KeyError for an unknown one."""
    return _TABLE.sub(lambda found: f"{found[1]}{found[2]}\n{TABLES[found[1]]()}\n", page)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(filled(path.read_text()))
