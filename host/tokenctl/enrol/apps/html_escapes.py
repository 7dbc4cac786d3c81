"""Undoes HTML's escapes where an app's whole file has them: LastPass' extension writes such CSV.

It passes the text through a page, which escapes `&`, `<` and `>`; its web site does not. A file
was escaped if it has an escape, and none of these characters on its own.
"""

import html
import re
from collections.abc import Sequence

_ESCAPE = re.compile(r"&(?:amp|lt|gt|quot|#0*39);")
_ON_ITS_OWN = re.compile(r"[<>]|&(?!(?:amp|lt|gt|quot|#0*39);)")


def undone(rows: Sequence[list[str]]) -> list[list[str]]:
    """Return the rows of a file, without escapes if all of it was escaped."""
    texts = [text for row in rows for text in row]
    if not any(map(_ESCAPE.search, texts)) or any(map(_ON_ITS_OWN.search, texts)):
        return list(rows)
    return [[_ESCAPE.sub(_character, text) for text in row] for row in rows]


def _character(escape: re.Match[str]) -> str:
    return html.unescape(escape[0])
