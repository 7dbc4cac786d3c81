"""One QR code as it was read: a text, or a part of one that is split over several codes.

A part (structured append) is not a text: a URI that is cut off reads like a whole one, with a
shorter secret. What a decoder returns does not tell the two apart, so the modules are read
once more (see symbol).
"""

from dataclasses import dataclass
from typing import Any

from tokenctl.language import marked
from tokenctl.pictures import charsets
from tokenctl.pictures.segments import Content, Place, Run, content
from tokenctl.pictures.symbol import Modules, Unreadable, data_of

UNSURE = marked(
    "it is unclear whether the code is complete, or one of several that belong together"
)


@dataclass(frozen=True)
class Code:
    """`text` and what is assumed about it; or a `part`, whose text is empty."""

    text: str
    assumptions: tuple[str, ...] = ()
    part: Content | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the code as a dict of JSON types."""
        if self.part is None or self.part.place is None:
            return {"text": self.text, "assumptions": list(self.assumptions)}
        place = self.part.place
        return {
            "place": [place.index, place.total, place.parity],
            "runs": [[run.charset, run.data.hex()] for run in self.part.runs],
        }


def from_json(fields: dict[str, Any]) -> Code:
    """Return the Code of a `to_json` dict; raise ValueError, TypeError or KeyError."""
    if "place" not in fields:
        if not isinstance(fields["text"], str):
            raise TypeError
        return Code(fields["text"], tuple(str(each) for each in fields["assumptions"]))
    runs = tuple(
        Run(None if charset is None else str(charset), bytes.fromhex(data))
        for charset, data in fields["runs"]
    )
    place = Place(*(int(each) for each in fields["place"]))
    return Code("", (), Content(runs, place))


def code_of(text: str, raw: bytes, modules: Modules, level: str, mask: int) -> Code:
    """Return the Code of what a decoder read as `text` and as `raw` bytes.

    `modules` are those that it sampled, 1 for dark; `level` and `mask` are what it reports.
    """
    try:
        data = data_of(modules, level, mask)
        found = content(data, (len(modules) - 17) // 4)
    except Unreadable:
        return Code(text, (UNSURE,))
    if b"".join(run.data for run in found.runs) != raw:
        return Code(text, (UNSURE,))
    if found.place is not None and found.place.total > 1:
        return Code("", (), found)
    decoded, assumed = charsets.text_of(found.runs)
    return Code(decoded, (charsets.ASSUMED,) if assumed else ())
