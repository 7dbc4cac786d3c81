"""Text that is to do something to who prints it, and what a terminal must never get."""

import unicodedata

# Each does something to a terminal, or to the eye of who reads it.
HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;pwned\x07",
    "clipboard": "\x1b]52;c;ZXZpbA==\x1b\\",
    "link": "\x1b]8;;https://evil.example\x1b\\Bank\x1b]8;;\x1b\\",
    "erase": "\x1b[2J\x1b[H",
    "C1": "\x9b31mred\x9d0;t\x9c\x90q\x9c\x85",
    "C0": "a\x00\x01\x07\x08\x0b\x0c\x0e\x0fb",
    "line": "first\nError: second\r\nthird\rfourth",
    "DEL": "a\x7f\x7fb",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 \u200fy \u061cz",
    "unseen": "Ba\u200bnk\u200d\u2060\ufeff\u00ad \u034f\u115f\u3164\uffa0\U000e0041\U000e0101",
    "separators": "one\u2028two\u2029three\u00a0four\u3000five",
    "surrogates": "\ud800 \udcff",
    "private": "\ue000\uf8ff\U0010ffff",
    "markup": "[red]x[/red] [link=https://evil.example]y[/link] :smiley:",
}
ALL = "".join(HOSTILE.values())

_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_DRAWN_AS_NOTHING = set("\u034f\u115f\u1160\u3164\uffa0") | {
    chr(number) for number in range(0xE0100, 0xE01F0)
}


def obeyed(data: bytes) -> list[str]:
    """Return what is in an output that a terminal would obey, or nobody would see."""
    text = data.decode()  # what is not UTF-8 raises
    return [
        f"U+{ord(each):04X}"
        for each in dict.fromkeys(text)
        if each != "\n"
        and (
            unicodedata.category(each) in _CATEGORIES
            or unicodedata.category(each) == "Zs"
            and each != " "
            or each in _DRAWN_AS_NOTHING
        )
    ]
