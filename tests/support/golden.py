"""The golden pictures, for tests on CPython: see tests/support/micropython/golden.py."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "golden"


def golden(family: str, name: str) -> str:
    """Return a picture, two rows of pixels per line; raise KeyError if the family lacks it."""
    text = (FOLDER / f"{family}.txt").read_text().removesuffix("\n")
    parts = [part.partition("\n") for part in f"\n{text}".split("\n== ")[1:]]
    return {head: f"{rows}\n" for head, _, rows in parts}[name]
