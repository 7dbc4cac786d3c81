"""What is left of secrets that are on the token now: their pictures, and the clipboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenctl import clipboard, leftovers
from tokenctl.commands.dialog import says_yes
from tokenctl.output import Output


@dataclass(frozen=True)
class Leaving:
    """`asking` is whether somebody may be asked; `delete` says yes beforehand."""

    asking: bool
    delete: bool
    output: Output

    def pictures(self, paths: Sequence[Path]) -> None:
        """Delete these pictures, if that is wanted."""
        if not paths:
            return
        which = ", ".join(str(each) for each in paths[:5])
        if len(paths) > 5:
            which += f" and {len(paths) - 5} more"
        if self._wanted(f"Delete {which}? Anybody who gets it has the secret."):
            leftovers.delete(paths)
            self.output.note(f"Deleted {which}; copies elsewhere are still there.")

    def clipboard(self) -> None:
        """Empty the clipboard, if that is wanted."""
        if self._wanted("Empty the clipboard? It still holds the secret."):
            clipboard.empty()
            self.output.note("The clipboard is empty.")

    def _wanted(self, question: str) -> bool:
        return self.delete or self.asking and says_yes(question)
