"""Changes of a copy of the firmware, the same in all tests: each is built once.

Each takes the folder of the copy.
"""

from pathlib import Path

VERSION = "9.9"  # of another()
FILE = "tokenfw/system/assembly.py"
FAULT = "NameError"  # of broken()
_MARK = '"firmware": VERSION,'
_BEGINS = "def _identity(board, development):\n"


def another(firmware: Path) -> None:
    """Change a line: it then tells VERSION."""
    _replace(firmware, _MARK, f'"firmware": "{VERSION}",  # é')


def broken(firmware: Path) -> tuple[int, str]:
    """Have it raise FAULT when it starts; return the line of FILE, and in which function."""
    text = _replace(firmware, _BEGINS, _BEGINS + "    print(nothing_of_that_name)\n")
    return 1 + text[: text.index("print(nothing_")].count("\n"), "_identity"


def _replace(firmware: Path, old: str, new: str) -> str:
    """Return the new text."""
    path = firmware / FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path.read_text()
