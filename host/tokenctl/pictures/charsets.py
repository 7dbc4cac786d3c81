"""From the bytes of a code to its text; the code often does not declare its character set.

By the standard it is Latin-1 then, and most generators write UTF-8: bytes that are valid
UTF-8 are taken for it. What else is not Latin-1 with certainty is an assumption.
(ISO/IEC 18004:2015, 7.3.5.)
"""

import re
from collections.abc import Sequence

from tokenctl.language import marked
from tokenctl.pictures.segments import Run

ASSUMED = marked(
    "the code does not declare the character set of its text, and more than "
    "one is possible: check the name"
)
_LATIN, _JAPANESE, _CHINESE = "latin-1", "shift_jis", "gb2312"
_CONTROLS = re.compile("[\x80-\x9f]")
_SIGNS = re.compile("[\xa0-\xbf\xd7\xf7]")
_LONG_WITHOUT_ASCII = re.compile("[\x80-\xff]{4}")  # a word of a European language has fewer
_KATAKANA_OF_HALF_WIDTH = re.compile("[\x00-\x7f\uff61-\uff9f]*")


def text_of(runs: Sequence[Run]) -> tuple[str, bool]:
    """Return the text of the runs, and whether another reading is possible."""
    unsaid = b" ".join(run.data for run in runs if run.charset is None)
    charset, assumed = _judged(unsaid)
    said = [(run.data, run.charset or charset) for run in runs]
    assumed = assumed or not all(_fits(*each) for each in said)
    return "".join(data.decode(name, errors="replace") for data, name in said), assumed


def _judged(data: bytes) -> tuple[str, bool]:
    """Return the character set of bytes that declare none, and whether it is a guess."""
    if data.isascii() or _fits(data, "utf-8"):
        return "utf-8", False
    text = data.decode(_LATIN)
    japanese = data.decode(_JAPANESE) if _fits(data, _JAPANESE) else ""
    if _CONTROLS.search(text):  # such are in no name: it is not Latin-1
        if japanese:
            return _JAPANESE, _fits(data, _CHINESE)
        return ("cp1252" if _fits(data, "cp1252") else _LATIN), True
    real = bool(japanese) and not _KATAKANA_OF_HALF_WIDTH.fullmatch(japanese)
    odd = _SIGNS.search(text) or _LONG_WITHOUT_ASCII.search(text)
    return _LATIN, real or bool(odd)


def _fits(data: bytes, charset: str) -> bool:
    try:
        data.decode(charset)
    except UnicodeDecodeError:
        return False
    return True
