"""What the global options give a command: the token, and how to print.

The options themselves are in global_options.py, what the token asks for in notices.py.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otpcore.errors import WireError
from tokenctl.cli.notices import sentence
from tokenctl.cli.outcome import outcome_of, outcome_of_lost
from tokenctl.errors import LinkError, OtherTokens, Quit, TokenctlError
from tokenctl.language import _

if TYPE_CHECKING:  # what a command needs is imported then: help needs none of it
    from tokenctl.cli.output import Output
    from tokenctl.device.ports import Port
    from tokenctl.device.token import Token


@dataclass
class Session:
    """The global options, before or after the command."""

    port: str | None = None
    serial: str | None = None
    json: bool = False
    log_level: str = "debug"
    log_file: str | None = None
    outcome: str = ""  # the sentence on what was changed, should it end now
    has_shown_code: bool = False  # a token: the outcome is to be said whatever ends the command

    @property
    def output(self) -> "Output":
        """Where to print."""
        from tokenctl.cli.output import Output

        return Output(self.json)

    @contextmanager
    def token(self, beside: str | None = None) -> "Iterator[Token]":
        """Open the token that the options name, or the only one there is `beside` a port.

        When the command is interrupted, the question at the token goes away too.
        """
        with self.open(beside) as token, self._question_ends(token):
            yield token

    @contextmanager
    def other_token(self, port: str, which: str) -> "Iterator[Token]":
        """Open another token, at `port`; what it asks is said to be asked by `which`."""
        from tokenctl.device.token import Token

        def notice(notice: str) -> None:
            self.output.note(_("{which}, {port}:").format(which=which, port=port))
            self._notice(notice)

        with Token.open(port, notice) as token, self._question_ends(token):
            yield token

    @contextmanager
    def _question_ends(self, token: "Token") -> Iterator[None]:
        """Cancel the question on the token if the command is interrupted.

        However it ends before its time, also by a token that is pulled out, it is said what the
        token has done by then.
        """
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            unsure = None
            with suppress(TokenctlError, WireError):
                unsure = token.cancel()
            self.outcome = self.outcome or outcome_of(token.done, unsure)
            raise
        except (Quit, OSError):  # the latter: what is printed cannot be written
            self.outcome = self.outcome or outcome_of(token.done, None)
            raise
        except LinkError as error:
            # Without an unanswered request it was the other one of two tokens.
            unanswered = None if error.says_outcome else token.unanswered
            said = unanswered and (self.outcome or outcome_of_lost(token.done, unanswered))
            if said:
                error.followed_by(said)
            raise
        else:  # also for what fails after it
            self.outcome = self.outcome or outcome_of(token.done, None)

    def open(self, beside: str | None = None) -> "Token":
        """Return the token that the options name, or the only one there is `beside` a port."""
        from tokenctl.device import ports
        from tokenctl.device.token import Token

        notice = self._notice if beside is None else self._notice_of_first
        if self.port is None:
            return ports.find(self.serial, notice, lambda: _ports_beside(beside))
        token = Token.open(self.port, notice)
        if self.serial is not None and self.serial.upper() != token.identity.serial:
            token.close()
            raise OtherTokens(
                _("the token at {port} has the serial number {serial}").format(
                    port=self.port, serial=token.identity.serial
                )
            )
        return token

    def _notice_of_first(self, notice: str) -> None:
        """Say which of two tokens asks; the other's notices say so, too."""
        self.output.note(_("The first token:"))
        self._notice(notice)

    def _notice(self, notice: str) -> None:
        if notice == "show_code":
            self.has_shown_code = True
            self.outcome = _(
                "No backup was written. Keep the recovery code that the token has shown: the next "
                "backup may use it."
            )
        self.output.note(sentence(notice))


@contextmanager
def errors_at(place: str) -> Iterator[None]:
    """Prepend `place` to errors: one of two tokens, and its port."""
    try:
        yield
    except TokenctlError as error:
        raise error.at(place) from None
    except WireError as error:
        error.args = (f"{place}: {error}",)
        raise


def is_same_port(one: str, other: str) -> bool:
    """Return whether two names mean the same port, such as a device and a link to it."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _ports_beside(other: str | None) -> "list[Port]":
    from tokenctl.device import ports

    found = ports.serial_ports()
    return [each for each in found if other is None or not is_same_port(each.device, other)]


def is_interactive() -> bool:
    """Return whether there is a user who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
