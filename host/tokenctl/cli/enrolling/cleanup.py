"""The files and the clipboard that still hold secrets which are now on the token."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tokenctl.capture import clipboard
from tokenctl.cli.dialog import says_yes
from tokenctl.cli.enrolling.collect import Collected
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.output import Output
from tokenctl.enrol import cleanup
from tokenctl.enrol.cleanup import SourceFiles
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import Quit
from tokenctl.language import _, plural


class Cleanup:
    """Deletes what the options say, and asks about the rest, if the user may be asked.

    --delete-pictures is for pictures and the clipboard, --delete-sources for lists of URIs too.
    """

    def __init__(self, options: Options, output: Output) -> None:
        self._pictures_go = options.delete_pictures or options.delete_sources
        self._all_go = options.delete_sources
        self._reads_clipboard = options.clipboard
        self._asking = options.asking
        self._output = output

    def after(self, collected: Collected, written: Sequence[Enrolment]) -> None:
        """Clean up the sources that are wholly on the token; name those of which a part is."""
        files = cleanup.written_from(collected.enrolments, written)
        if files.unfinished and (self._asking or self._pictures_go):
            self._output.note(_kept(files.unfinished))
        self._delete_files(files, len(written))
        whole = len(written) == len(collected.enrolments) and not collected.bad
        if self._reads_clipboard and whole:
            self._empty_clipboard()

    def _delete_files(self, files: SourceFiles, secrets: int) -> None:
        agreed = [
            *(files.pictures if self._pictures_go else []),
            *(files.lists if self._all_go else []),
        ]
        doubtful = [path for path in (*files.pictures, *files.lists) if path not in agreed]
        if agreed:
            self._delete(agreed)
        question = _question(len(doubtful), secrets).format(named=_named(doubtful))
        if doubtful and self._asking and _says_yes(question):
            self._delete(doubtful)

    def _empty_clipboard(self) -> None:
        question = _("Clear the clipboard? It still holds the secret.")
        if self._pictures_go or self._asking and _says_yes(question):
            clipboard.empty()
            self._output.note(_("The clipboard was cleared."))

    def _delete(self, paths: Sequence[Path]) -> None:
        cleanup.delete(paths)
        self._output.note(
            _("Deleted {named}; any copies elsewhere remain.").format(named=_named(paths))
        )


def _question(files: int, secrets: int) -> str:
    if files == 1 and secrets > 1:
        return _("Delete {named}? It holds the secrets.")
    return plural(
        "Delete {named}? It holds the secret.",
        "Delete {named}? Each of them holds secrets.",
        files,
    )


def _kept(paths: Sequence[Path]) -> str:
    sentence = plural(
        "{named} was kept: besides secrets that are on the token now, it holds what is not.",
        "{named} were kept: besides secrets that are on the token now, they hold what is not.",
        len(paths),
    )
    return sentence.format(named=_named(paths))


def _says_yes(question: str) -> bool:
    """Ask; the accounts are on the token already, so ending the input just means no."""
    with suppress(Quit):
        return says_yes(question)
    return False


def _named(paths: Sequence[Path]) -> str:
    more = _(" and {more} more").format(more=len(paths) - 5) if len(paths) > 5 else ""
    return ", ".join(str(each) for each in paths[:5]) + more
