"""The pictures that secrets came from, once those are on the token."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenctl.enrolment import Enrolment
from tokenctl.errors import SourceError


def done_with(gathered: Sequence[Enrolment], written: Sequence[Enrolment]) -> list[Path]:
    """Return the pictures of which every account was written, in the order they were read."""
    there, used = _origins(gathered), _origins(written)
    return [path for path, count in there.items() if used[path] == count]


def _origins(enrolments: Iterable[Enrolment]) -> Counter[Path]:
    return Counter(path for each in enrolments for path in each.origins)


def delete(paths: Sequence[Path]) -> None:
    """Delete pictures; raise SourceError, when all others are gone, for one that stays."""
    failed: SourceError | None = None
    for path in paths:
        try:
            if path.is_symlink():
                raise SourceError(
                    f"the accounts are on the token, but the picture {path} is a link: it stays, "
                    "and what it leads to"
                )
            path.unlink()
        except OSError as error:
            why = (error.strerror or "it is gone").lower()
            failed = failed or SourceError(
                f"the accounts are on the token, but the picture {path} cannot be deleted: {why}"
            )
        except SourceError as error:
            failed = failed or error
    if failed is not None:
        raise failed
