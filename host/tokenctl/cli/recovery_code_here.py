"""The recovery code of a backup, typed at this computer instead of at the token.

At a terminal it is shown as dots, its groups apart. Its check digits say which group is wrong,
and only that one is asked for again.
"""

import sys
from typing import TextIO

from otpcore import recovery_code
from otpcore.recovery_code import DIGITS, GROUPS, WrongGroup
from tokenctl.cli import dialog, prompts
from tokenctl.cli.masked_input import read_masked
from tokenctl.cli.output import Output
from tokenctl.cli.session import is_interactive
from tokenctl.errors import Quit, SourceError
from tokenctl.language import _, marked

_NO_CODE = marked("a recovery code has 10 groups of 5 digits")


def ask(output: Output, yes: bool) -> str:
    """Return the code (50 digits) that the user types, after a warning; raise SourceError, Quit."""
    output.warn(
        _(
            "with the recovery code and the file, this computer and whatever runs on it can "
            "read every secret in the backup; if you enter the code on the token, they cannot"
        )
    )
    if not is_interactive():
        return _in_line(sys.stdin)
    if not yes and not dialog.says_yes(_("Type the code here anyway?")):
        raise SourceError(_("the recovery code was not typed, and nothing was changed"))
    try:
        return _typed(sys.stdin, sys.stderr)
    except EOFError:
        raise Quit from None


def _in_line(keyboard: TextIO) -> str:
    try:
        return recovery_code.read(prompts.line(keyboard))
    except EOFError:
        raise SourceError(_("there is no recovery code in the input")) from None
    except WrongGroup as error:
        raise SourceError(_wrong(error)) from None
    except ValueError:
        raise SourceError(_(_NO_CODE)) from None


def _typed(keyboard: TextIO, screen: TextIO) -> str:
    typed = ""
    while True:
        typed = typed or read_masked(_("Recovery code (not shown): "), keyboard, screen)
        try:
            return recovery_code.read(typed)
        except WrongGroup as error:
            dialog.tell(SourceError(_wrong(error)).sentence)
            typed = _corrected(typed, error.args[0], keyboard, screen)
        except ValueError:
            dialog.tell(SourceError(_(_NO_CODE)).sentence)
            typed = ""


def _corrected(typed: str, number: int, keyboard: TextIO, screen: TextIO) -> str:
    """Return the code with the group of this number, from 0, as it is typed again.

    Whoever types all of it anew is understood, too.
    """
    prompt = _("Group {number} again (not shown): ").format(number=number + 1)
    again, digits = (_digits(text) for text in (read_masked(prompt, keyboard, screen), typed))
    if len(again) == GROUPS * DIGITS:
        return again
    if len(again) != DIGITS:  # it stays wrong, and is asked for again
        return digits
    return digits[: DIGITS * number] + again + digits[DIGITS * (number + 1) :]


def _digits(text: str) -> str:
    return "".join(each for each in text if each in "0123456789")


def _wrong(error: WrongGroup) -> str:
    text = _("group {number} of the recovery code is wrong: its check digit does not match")
    return text.format(number=error.args[0] + 1)
