"""What rich draws on a terminal: bars, and a camera's picture. Imported only where it is drawn."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from tokenctl.printable import printable


class SafeConsole(Console):
    """A rich console that makes every text it draws printable: lines, cells, titles."""

    def __init__(self, *, stderr: bool) -> None:
        stream = sys.stderr if stderr else sys.stdout
        super().__init__(
            stderr=stderr,
            width=None if stream is not None and stream.isatty() else _UNFOLDED,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def render_str(self, text: str, **options: Any) -> Text:
        """See Console: rich passes every text through this."""
        return super().render_str(printable(text), **options)


_UNFOLDED = 1000  # columns
