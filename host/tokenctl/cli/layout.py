"""Text fitted to a terminal: prose breaks between words, and tables keep names whole.

Widths are columns; None means that there is no terminal, and nothing is broken or left out. The
texts are printable already (tokenctl.printable): each has no line's end and no tab.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_GAP = 2  # columns between two of a table
_LABEL_MAX = 26  # columns of what prose may be indented by: a label, or a list's number
_LABEL = re.compile(r"\S.*? {2,}(?=\S)|[0-9]+:? (?=\S)")


def width(text: str) -> int:
    """Return the width of a text in columns."""
    if text.isascii():
        return len(text)
    return sum(_columns(each) for each in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def prose(text: str, columns: int | None) -> list[str]:
    """Return a text's lines, broken between words; the terminal breaks what is longer than one.

    What stands behind a label ("Clock       unknown") stays in its column.
    """
    if columns is None or width(text) <= columns:
        return [text]
    label = _LABEL.match(text)
    indent = width(label[0]) if label and width(label[0]) <= min(_LABEL_MAX, columns // 2) else 0
    lines: list[str] = []
    line = text[: len(label[0])] if label and indent else ""
    taken = indent
    for word in text[len(line) :].split(" "):
        size = width(word)
        if taken > indent and taken + 1 + size > columns:
            lines.append(line.rstrip())
            line, taken = " " * indent, indent
        blank = " " if taken > indent else ""
        line += blank + word
        taken += len(blank) + size
    return [*lines, line]


@dataclass(frozen=True)
class Column:
    """One of a table. Where there is no room, it goes first if all its cells are `usual`.

    `order` says when it goes although they are not, 0 never.
    """

    title: str
    usual: tuple[str, ...] = ()
    order: int = 0


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int | None
) -> list[list[str]]:
    """Return the lines of a table, the head's first, each as its cells with their blanks.

    In a terminal that is too narrow, columns in which nothing is unusual are left out, then
    those with an `order`, and what is still too wide puts each row on several lines: a name is
    broken only where it is wider than the terminal.
    """
    kept = list(range(len(columns)))
    for leave in _to_leave(columns, rows):
        if room is None or _total(columns, rows, kept) <= room:
            break
        kept.remove(leave)
    if room is not None and _total(columns, rows, kept) > room:
        return _stacked(columns, rows, room)
    widths = [_widest(columns, rows, place) for place in kept]
    lines = [[each.title for each in columns], *rows]
    return [
        [_padded(line[place], size) for place, size in zip(kept, widths, strict=True)]
        for line in lines
    ]


def _to_leave(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the places of columns that may go, the first one first."""
    usual = [
        place
        for place, each in enumerate(columns)
        if each.usual and all(row[place] in (*each.usual, "") for row in rows)
    ]
    others = sorted((each.order, place) for place, each in enumerate(columns) if each.order)
    return usual + [place for _, place in others if place not in usual]


def _widest(columns: Sequence[Column], rows: Sequence[Sequence[str]], place: int) -> int:
    return max(width(columns[place].title), *(width(row[place]) for row in rows), 0)


def _total(columns: Sequence[Column], rows: Sequence[Sequence[str]], kept: Sequence[int]) -> int:
    return sum(_widest(columns, rows, place) + _GAP for place in kept) - _GAP


def _padded(text: str, size: int) -> str:
    return text + " " * (size - width(text) + _GAP)


def _stacked(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int
) -> list[list[str]]:
    """Return what a narrow terminal shows of each row: its two names, and below them the rest.

    What is usual in a row is left out; a number alone is followed by its column's title. There
    is no head.
    """
    names = 3 if columns[0].title == "#" else 2
    lines: list[list[str]] = [[]]
    for row in rows:
        first = [cell for cell in row[:names] if cell]
        if names == 3:  # the number stands in front of the first name
            first[:2] = [" ".join(first[:2])]
        if width("  ".join(first)) <= room:
            first = ["  ".join(first)]
        rest = [
            f"{cell} {each.title.lower()}" if cell.isdecimal() and len(cell) < 3 else cell
            for each, cell in zip(columns[names:], row[names:], strict=True)
            if cell and cell not in each.usual
        ]
        for number, cell in enumerate([*first, ", ".join(rest)] if rest else first):
            parts = _cut(cell, room - 2)
            lines += [
                ["" if number == place == 0 else "  ", each] for place, each in enumerate(parts)
            ]
    return lines


def cut(text: str, columns: int) -> str:
    """Return as much of a text as fits on one line."""
    while width(text) >= columns > 1:
        text = text[:-1]
    return text


def _cut(text: str, room: int) -> list[str]:
    """Return a cell's lines: broken between words, and within one that is wider than a line."""
    lines: list[str] = []
    for line in [text] if width(text) <= room else prose(text, max(1, room)):
        while width(line) > max(2, room):
            size = 1
            while width(line[: size + 1]) <= max(2, room):
                size += 1
            lines.append(line[:size])
            line = line[size:]
        lines.append(line)
    return lines
