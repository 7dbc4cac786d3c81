"""Where the secrets that are on the token now still are: their files, and the clipboard."""

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


class Cleanup:
    """Deletes what the options say, and asks about what they do not, if anybody may be asked.

    --delete-pictures is for pictures and the clipboard, --delete-sources for lists of URIs too.
    """

    def __init__(self, options: Options, output: Output) -> None:
        self._pictures_go = options.delete_pictures or options.delete_sources
        self._all_go = options.delete_sources
        self._reads_clipboard = options.clipboard
        self._asking = options.asking
        self._output = output

    def after(self, collected: Collected, written: Sequence[Enrolment]) -> None:
        """Clean up what is on the token with all that it holds."""
        self._delete_files(cleanup.done_with(collected.enrolments, written))
        whole = len(written) == len(collected.enrolments) and not collected.bad
        if self._reads_clipboard and whole:
            self._empty_clipboard()

    def _delete_files(self, files: SourceFiles) -> None:
        said = [
            *(files.pictures if self._pictures_go else []),
            *(files.lists if self._all_go else []),
        ]
        asked = [path for path in (*files.pictures, *files.lists) if path not in said]
        if said:
            self._delete(said)
        if asked and self._asking:
            them = "it has the secret" if len(asked) == 1 else "one has a secret"
            if _says_yes(f"Delete {_named(asked)}? Anybody who gets {them}."):
                self._delete(asked)

    def _empty_clipboard(self) -> None:
        question = "Empty the clipboard? It still holds the secret."
        if self._pictures_go or self._asking and _says_yes(question):
            clipboard.empty()
            self._output.note("The clipboard is empty.")

    def _delete(self, paths: Sequence[Path]) -> None:
        cleanup.delete(paths)
        self._output.note(f"Deleted {_named(paths)}; copies elsewhere are still there.")


def _says_yes(question: str) -> bool:
    """Ask; the accounts are on the token, so that who ends the input says no, and no more."""
    with suppress(Quit):
        return says_yes(question)
    return False


def _named(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(str(each) for each in paths[:5]) + more
