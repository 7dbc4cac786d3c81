"""One line typed at the terminal, shown as dots, groups apart: for secrets.

prompt_toolkit edits the line, on Windows too, and nothing of it is kept: no history, no
search, no kill ring of another prompt. Where it cannot draw (standard error goes elsewhere, or
the terminal is a dumb one) what is typed is not shown at all.
"""

import getpass
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, TextIO

from tokenctl.errors import SourceError
from tokenctl.language import _
from tokenctl.printable import printable

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.output import Output

_BETWEEN_GROUPS = " -"
_DUMB = ("", "dumb", "unknown")


def read_masked(prompt: str, keyboard: TextIO, screen: TextIO, clear: str = _BETWEEN_GROUPS) -> str:
    """Return a line from the terminal `keyboard`, with a dot on `screen` for each character.

    What stands between groups is shown as it is, or whatever else is in `clear`; control
    characters are no part of the line. Of a pasted text the first line counts, and ends the
    input if others follow. Raises KeyboardInterrupt on Ctrl-C, and EOFError on Ctrl-D in an
    empty line, or when there is no more input; SourceError when the terminal would show it.
    """
    prompt = printable(prompt)
    draws = screen.isatty() and os.environ.get("TERM", "") not in _DUMB
    if draws or sys.platform == "win32" and screen.isatty():
        text = _edited(prompt, keyboard, screen, clear)
    else:
        text = _unseen(prompt, screen)
    return "".join(character for character in text if character >= " " and character != "\x7f")


def _edited(prompt: str, keyboard: TextIO, screen: TextIO, clear: str) -> str:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import DummyHistory
    from prompt_toolkit.input import create_input
    from prompt_toolkit.input.typeahead import clear_typeahead

    typed = create_input(keyboard)
    session: PromptSession[str] = PromptSession(
        history=DummyHistory(),
        input=typed,
        output=_output(screen),
        input_processors=[_mask(_dot_for(screen), clear)],
        key_bindings=_bindings(),
    )
    try:
        return session.prompt(prompt)
    finally:
        clear_typeahead(typed)  # it is no answer to what is asked next


def _mask(dot: str, clear: str) -> Any:
    """Return the Processor that draws a dot for each character that is not in `clear`."""
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

    class Mask(Processor):
        def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
            drawn: StyleAndTextTuples = [
                (style, "".join(each if each in clear else dot for each in text))
                for style, text, *_ in transformation_input.fragments
            ]
            return Transformation(drawn)

    return Mask()


def _bindings() -> "KeyBindings":
    """Return the keys that are not prompt_toolkit's own: no search, and one line of a paste."""
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.keys import Keys

    bindings = KeyBindings()

    @bindings.add("c-r")
    @bindings.add("c-s")
    @bindings.add("c-@")
    def _nothing(event: KeyPressEvent) -> None:
        """Search would show what is typed; and NUL is no key."""

    @bindings.add(Keys.BracketedPaste)
    def _paste(event: KeyPressEvent) -> None:
        first, *others = event.data.splitlines() or [""]
        event.current_buffer.insert_text(first)
        if any(line.strip() for line in others):
            event.current_buffer.validate_and_handle()

    return bindings


def _output(screen: TextIO) -> "Output":
    """Return where prompt_toolkit draws: a terminal that is not asked where its cursor is."""
    if sys.platform == "win32":
        from prompt_toolkit.output import create_output

        return create_output(screen)
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.output.vt100 import Vt100_Output

    def size() -> Size:
        columns, rows = os.get_terminal_size(screen.fileno())
        return Size(rows or 24, columns or 80)

    # Not everything at the end of a serial line or a pipe answers that, and it would be waited for.
    return Vt100_Output(screen, size, os.environ.get("TERM"), enable_cpr=False)


def _unseen(prompt: str, screen: TextIO) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt, screen)
        except getpass.GetPassWarning:
            raise SourceError(_("this terminal would show the secret as it is typed")) from None


def _dot_for(screen: TextIO) -> str:
    try:
        "\u2022".encode(screen.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "*"
    return "\u2022"
