"""otpauth URIs in a text: one on each line, or in prose, a table or a mail.

A list contains only URIs, and any other line in it is a mistake. If a URI stands within a line,
the text is not a list, and lines without one are ignored.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_SCHEME = r"(?:apple-)?otpauth(?:-migration)?://"
_ANY = re.compile(r"([a-z][a-z0-9+.-]+://|otpauth:)", re.IGNORECASE)
_STARTS = re.compile(rf"(?<![a-z0-9.-]){_SCHEME}", re.IGNORECASE)
_ENDS = re.compile(r"[\s\"<>\u201d]")
_CLOSING = {"'": "'", "`": "`", "\u2018": "\u2019", "(": ")", "[": "]"}
_AFTER_PROSE = ".,;:!?)]}'"
_BROKEN = re.compile("secret=|otpauth", re.IGNORECASE)
_COMMENT = "#"


@dataclass(frozen=True)
class Found:
    """The URIs, or other lines of a list, with the numbers of their lines, from 1.

    `passed_over` is the number of lines that were ignored.
    """

    lines: list[tuple[int, str]]
    passed_over: int = 0


def find(text: str, unwrap: Callable[[str], str]) -> Found:
    """Return what the text holds; `unwrap` removes quotes and the like from a line.

    Blank lines and lines that begin with "#" are ignored.
    """
    found: list[tuple[int, str]] = []
    others: list[tuple[int, str]] = []
    within = False
    table = _is_table(text)
    for number, raw in enumerate(text.splitlines(), 1):
        line = unwrap(raw)
        if not line or line.startswith(_COMMENT):
            continue
        if _ANY.match(line):
            found += [(number, each) for each in _split(line, table)]
            continue
        uris = _within(line, table)
        within = within or bool(uris)
        found += [(number, each) for each in uris]
        if not uris:
            others.append((number, line))
    if not (within or table and found):
        return Found(sorted(found + others, key=lambda each: each[0]))
    # What looks like a damaged URI is not prose.
    broken = [each for each in others if _BROKEN.search(each[1])]
    lines = sorted(found + broken, key=lambda each: each[0])
    return Found(lines, len(others) - len(broken))


def _is_table(text: str) -> bool:
    """Return whether the first line is the heading of a comma-separated table."""
    first = text.lstrip("\ufeff \r\n").partition("\n")[0]
    return "," in first and not _ANY.search(first)


def _split(line: str, table: bool) -> list[str]:
    """Return the URIs of a line that begins with one, without a note after a tab or a quote."""
    starts = [each.start() for each in _STARTS.finditer(line) if each.start()]
    starts = [at for at in starts if line[at - 1] in " \t,;\"'"]
    uris: list[str] = []
    for at, end in zip([0, *starts], [*starts, len(line)], strict=True):
        uri = re.split('[\t"]', line[at:end].rstrip(" \t,;\"'"))[0].rstrip()
        uris.append(uri.partition(",")[0] if table else uri)
    return uris


def _within(line: str, table: bool) -> list[str]:
    """Return the URIs within a line that begins with something else."""
    uris: list[str] = []
    starts = [each.start() for each in _STARTS.finditer(line)]
    for at, end in zip(starts, [*starts, len(line)][1:], strict=True):
        before, rest = line[at - 1], line[at:end]
        closing = _CLOSING.get(before)
        if before == '"':
            uris.append(rest.partition('"')[0])
            continue
        if closing is not None and closing in rest:
            rest = rest.partition(closing)[0]
        uris.append(_cut(rest, table or before in ",;"))
    return uris


def _cut(rest: str, table: bool) -> str:
    """Return the URI at the beginning of the text; raw blanks may precede its secret."""
    secret = rest.lower().find("secret=")
    quote = re.search('[\t"<>]', rest)
    searched = secret if secret >= 0 and (quote is None or quote.start() > secret) else 0
    end = _ENDS.search(rest, searched)
    uri = rest if end is None else rest[: end.start()]
    if table:
        uri = re.split("[,;]", uri)[0]
    return uri.rstrip(_AFTER_PROSE)
