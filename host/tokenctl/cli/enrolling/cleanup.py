"""What is left of secrets that are on the token now: their files, and the clipboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenctl.capture import clipboard
from tokenctl.cli.dialog import says_yes
from tokenctl.cli.output import Output
from tokenctl.enrol import cleanup
from tokenctl.enrol.cleanup import Leftovers


@dataclass(frozen=True)
class Leaving:
    """`asking` is whether somebody may be asked about what no option says.

    `pictures_go` is for pictures and the clipboard, `all_go` for lists of URIs as well.
    """

    asking: bool
    pictures_go: bool
    all_go: bool
    output: Output

    def files(self, left: Leftovers) -> None:
        """Delete these files, if that is wanted."""
        pictures_go = self.pictures_go or self.all_go
        said = [*(left.pictures if pictures_go else []), *(left.lists if self.all_go else [])]
        asked = [path for path in (*left.pictures, *left.lists) if path not in said]
        if said:
            self._delete(said)
        if asked and self.asking:
            them = "it has the secret" if len(asked) == 1 else "one has a secret"
            if says_yes(f"Delete {_named(asked)}? Anybody who gets {them}."):
                self._delete(asked)

    def clipboard(self) -> None:
        """Empty the clipboard, if that is wanted."""
        go = self.pictures_go or self.all_go
        if go or self.asking and says_yes("Empty the clipboard? It still holds the secret."):
            clipboard.empty()
            self.output.note("The clipboard is empty.")

    def _delete(self, paths: Sequence[Path]) -> None:
        cleanup.delete(paths)
        self.output.note(f"Deleted {_named(paths)}; copies elsewhere are still there.")


def _named(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(str(each) for each in paths[:5]) + more
