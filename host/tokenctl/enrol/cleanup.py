"""The files that secrets came from, once the secrets are on the token."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import SourceError
from tokenctl.language import _
from tokenctl.system_sentences import reason


@dataclass(frozen=True)
class SourceFiles:
    """Files whose secrets are on the token, in the order they were read.

    Everything in the `pictures` and `lists` of URIs is there; not so in the `unfinished` ones.
    """

    pictures: list[Path]
    lists: list[Path]
    unfinished: list[Path]


def written_from(collected: Sequence[Enrolment], written: Sequence[Enrolment]) -> SourceFiles:
    """Return the files of which accounts have been written: all that they hold, or some of it."""

    def done(paths: Callable[[Enrolment], tuple[Path, ...]]) -> list[Path]:
        there, used = _count(collected, paths), _count(written, paths)
        return [path for path, count in there.items() if used[path] == count]

    pictures, lists = done(lambda each: each.origins), done(lambda each: each.lists)
    touched = _count(written, lambda each: (*each.mixed, *each.origins, *each.lists))
    unfinished = [path for path in touched if path not in (*pictures, *lists)]
    return SourceFiles(pictures, lists, unfinished)


def _count(
    enrolments: Iterable[Enrolment], paths: Callable[[Enrolment], tuple[Path, ...]]
) -> Counter[Path]:
    return Counter(path for each in enrolments for path in paths(each))


def delete(paths: Sequence[Path]) -> None:
    """Delete files; if one cannot be deleted, raise SourceError after deleting the others."""
    failed: SourceError | None = None
    for path in paths:
        try:
            if path.is_symlink():
                raise SourceError(
                    _(
                        "the accounts are on the token, but {path} is a link: both it and its "
                        "target were kept"
                    ).format(path=path)
                )
            path.unlink()
        except OSError as error:
            why = reason(error, _("it no longer exists"))
            failed = failed or SourceError(
                _("the accounts are on the token, but {path} cannot be deleted: {why}").format(
                    path=path, why=why
                )
            )
        except SourceError as error:
            failed = failed or error
    if failed is not None:
        raise failed
