"""Texts that are split over several QR codes, joined in whatever order the codes come.

The codes of a set say how many they are and share a parity, which is that of the whole
text's bytes: a set is given out when all are there and the parity is right, never in part.
(ISO/IEC 18004:2015, 8.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from pathlib import Path

from tokenctl.errors import PartOfSet, SourceError
from tokenctl.language import _, plural
from tokenctl.pictures import charsets
from tokenctl.pictures.codes import Code
from tokenctl.pictures.segments import Content, Run, joined


@dataclass(frozen=True)
class Reading:
    """The distinct texts of a picture's codes, in reading order, and what to say about it.

    `assumptions` are on single texts. `parts` is whether there are codes in it that are parts of a
    text; `origins` are the files of all parts, by the text that became whole with this picture.
    """

    texts: list[str]
    warnings: tuple[str, ...] = ()
    assumptions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: bool = False
    origins: dict[str, tuple[Path, ...]] = field(default_factory=dict)


class _Set:
    def __init__(self) -> None:
        self.parts: dict[int, Content] = {}
        self.origins: dict[int, dict[Path, None]] = {}
        self.last: int | None = None  # the part with which it became whole


class Sets:
    """The parts seen so far."""

    def __init__(self) -> None:
        self._sets: dict[tuple[int, int], _Set] = {}

    def take(
        self, codes: Sequence[Code], origin: Path | None = None
    ) -> list[tuple[Code, tuple[Path, ...]]]:
        """Take the parts of a picture; return the codes that it completes, and their files.

        Those are the codes that were whole, in their places, and each set that became whole, in
        that of its last part; read once more, that part gives it once more. `origin` is the
        picture's file, None where it is not to be remembered. Raises SourceError.
        """
        whole: list[tuple[Code, tuple[Path, ...]]] = []
        for code in codes:
            if code.part is None:
                whole.append((code, ()))
                continue
            joined_code = self._taken(code.part, origin)
            if joined_code is not None:
                whole.append(joined_code)
        return whole

    def read(
        self, codes: Sequence[Code], warnings: tuple[str, ...] = (), origin: Path | None = None
    ) -> Reading:
        """Return the content of a picture's codes, joined with parts from earlier pictures.

        `warnings` are on the picture, `origin` is its file. Raises SourceError; PartOfSet if
        nothing in it is complete.
        """
        parts = any(code.part for code in codes)
        alone = parts and all(code.part for code in codes) and not warnings
        whole = self.take(codes, origin if alone else None)
        if not whole:
            raise PartOfSet(self.missing() or _("the other codes of the set were read earlier"))
        return Reading(
            list(dict.fromkeys(code.text for code, _files in whole)),
            warnings,
            _doubts([code for code, _files in whole]),
            parts,
            {code.text: files for code, files in whole if files},
        )

    def missing(self) -> str | None:
        """Return a clause that says which codes are missing; None if none are."""
        clauses = [
            _missing(total, sorted(each.parts))
            for (total, _), each in self._sets.items()
            if len(each.parts) < total
        ]
        return "; ".join(clauses) if clauses else None

    def _taken(self, part: Content, origin: Path | None) -> tuple[Code, tuple[Path, ...]] | None:
        place = part.place
        if place is None:
            return None
        found = self._sets.setdefault((place.total, place.parity), _Set())
        if found.parts.setdefault(place.index, part) != part:
            raise SourceError(
                _(
                    "there are two different codes {number} of {total}, from two texts that "
                    "are each split over several codes; read the codes of one at a time"
                ).format(number=place.index + 1, total=place.total)
            )
        origins = found.origins.setdefault(place.index, {})
        if origin is not None:
            origins[origin] = None
        if len(found.parts) < place.total:
            return None
        if found.last is None:
            found.last = place.index
        if found.last != place.index:
            return None
        return _whole(found, place.parity)


def _doubts(codes: list[Code]) -> dict[str, tuple[str, ...]]:
    """Return the assumptions about texts that no code has without one."""
    sure = {code.text for code in codes if not code.assumptions}
    return {code.text: tuple(map(_, code.assumptions)) for code in codes if code.text not in sure}


def _whole(found: _Set, parity: int) -> tuple[Code, tuple[Path, ...]]:
    order = sorted(found.parts)
    runs = joined([found.parts[index] for index in order])
    text, assumed = charsets.text_of(runs)
    if not any(_parity(data) == parity for data in _writings(runs, text)):
        raise SourceError(
            _(
                "the {count} codes claim to belong together, but their checksum is that "
                "of another text; take a new picture of each"
            ).format(count=len(order))
        )
    files = [found.origins[index] for index in order]
    origins = dict.fromkeys(path for each in files for path in each) if all(files) else {}
    return Code(text, (charsets.ASSUMED,) if assumed else ()), tuple(origins)


def _writings(runs: Sequence[Run], text: str) -> list[bytes]:
    """Return the bytes over which a generator may have made the parity."""
    found = [b"".join(run.data for run in runs)]
    for charset in ("latin-1", "shift_jis", "utf-8"):
        try:
            found.append(text.encode(charset))
        except UnicodeEncodeError:
            continue
    return found


def _parity(data: bytes) -> int:
    return reduce(xor, data, 0)


def _missing(total: int, there: list[int]) -> str:
    lacking = [str(index + 1) for index in range(total) if index not in there]
    return plural(
        "the text is split over {total} QR codes, and code {numbers} is missing",
        "the text is split over {total} QR codes, and codes {numbers} are missing",
        len(lacking),
    ).format(total=total, numbers=", ".join(lacking))
