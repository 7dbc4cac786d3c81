"""The raw content of a source, not interpreted yet: texts, and where each was found.

A SetupCode is one text that may be an enrolment: what a QR code says, or a line of a list. A
Sheet has the codes of one picture or of one text. No representation shows a text: it
may hold a secret.
"""

from dataclasses import dataclass
from pathlib import Path

from tokenctl.errors import SourceError


@dataclass(frozen=True, repr=False)
class SetupCode:
    """A text, its `place` in the source ("line 3"), and the `source` ("in uris.txt").

    `assumptions` say how its letters were read. `pictures` and `lists` are the files that hold it,
    which may be deleted once everything in them is on the token; `mixed` those that hold more
    than accounts for it, and are kept.
    """

    text: str
    place: str = ""
    source: str = ""
    assumptions: tuple[str, ...] = ()
    pictures: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    mixed: tuple[Path, ...] = ()


NOWHERE = SetupCode("")


@dataclass(frozen=True, repr=False)
class Sheet:
    """The codes of one picture or text, and remarks about it as a whole.

    A `fault` is why nothing of it could be read. Of a picture what is no enrolment is passed
    over, if another code is one; of a `folder` a picture or text that holds none.
    """

    codes: tuple[SetupCode, ...] = ()
    remarks: tuple[str, ...] = ()
    is_picture: bool = False
    fault: SourceError | None = None
    folder: Path | None = None
