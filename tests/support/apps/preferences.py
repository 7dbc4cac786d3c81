"""Android's shared preferences: a map in XML, as several apps keep their accounts in it."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

HEAD = "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n"


def shared_preferences(strings: Iterable[tuple[str, str]], others: str = "") -> bytes:
    """Return the file with these names and texts; `others` is further elements, verbatim."""
    quotes = {'"': "&quot;"}
    rows = (
        f'    <string name="{escape(name, quotes)}">{escape(text, quotes)}</string>\n'
        for name, text in strings
    )
    return f"{HEAD}{others}{''.join(rows)}</map>\n".encode()


def gson(text: str) -> str:
    """Return the JSON as Gson writes it: safe for HTML, with escapes of lower-case digits."""
    for character in "<>&='":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
