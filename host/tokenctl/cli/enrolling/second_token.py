"""provision --also: the same accounts on a second token, too."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Self

import click

from otpcore.account import Account
from otpcore.errors import WireError
from tokenctl.cli.dialog import agrees, says_yes, tell
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, errors_at, is_same_port
from tokenctl.device import board_ports
from tokenctl.enrol import provisioning, second_token
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.provisioning import Step
from tokenctl.errors import Quit, TokenctlError
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


class SecondToken:
    """The token at --also, a port or a serial number. A context manager that closes it.

    Errors say that they are about this token, and keep their own exit code. `there` is what it had
    at first, `steps` what plan() returned.
    """

    def __init__(self, session: Session, port: str) -> None:
        port = board_ports.device(port)
        if session.port is not None and is_same_port(session.port, port):
            raise click.UsageError(
                _("the options --port and --also name the same port: two tokens are needed")
            )
        self.there: list[StoredAccount] = []
        self.port = port
        self._session = session
        self.steps: list[Step] = []
        self._stack = ExitStack()
        self._token = self._opened()
        self._serial = self._token.identity.serial

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> bool | None:
        return self._stack.__exit__(*exception)  # pyrefly: ignore[bad-argument-type]

    @property
    def acknowledged(self) -> list[Account]:
        """The accounts that it has acknowledged since it was opened."""
        return self._token.acknowledged

    @contextmanager
    def named(self) -> "Iterator[Token]":
        """Give the token; an error in the context gets the token's place in front of it."""
        with self._naming():
            yield self._token

    def meet(self, first: "Token") -> None:
        """Read what is on it; raise UsageError if both ports lead to the same token."""
        if self._token.identity.serial == first.identity.serial:
            raise click.UsageError(
                _("the token at {port} is the first one, {serial}: two tokens are needed").format(
                    port=self.port, serial=first.identity.serial
                )
            )
        with self.named() as token:
            self.there = token.accounts()

    def plan(self, enrolments: Sequence[Enrolment], replace: bool, asking: bool) -> list[Step]:
        """Return a step for each enrolment; AccountExists, VaultFull before anything is written."""
        keep = not replace
        replace = replace or asking and self._may_replace(enrolments)
        with self.named() as token:
            self.steps = provisioning.plan(enrolments, self.there, replace, keep=keep)
            provisioning.require_room(token, sum(step.replaces is None for step in self.steps))
        return self.steps

    def write(self, output: Output, asking: bool) -> None:
        """Write what it lacks; at a terminal, this may be retried."""
        while True:
            try:
                with self.named() as token:
                    _write(token, [step for step in self.steps if not step.is_there], output)
                return
            except (TokenctlError, WireError) as error:
                if not asking or not self._is_tried_again(error):
                    raise

    def _is_tried_again(self, error: Exception) -> bool:
        """Ask whether to continue after an error, and reopen the token; return whether it is there.

        What was typed or shown is still known here, and might not be available again.
        """
        _tell_error(error)
        while agrees(_("Connect the second token again. Continue?")):
            self._stack.close()
            try:
                token = self._opened()
                if token.identity.serial == self._serial:
                    self._resume(token)
                    return True
            except (TokenctlError, WireError) as again:
                _tell_error(again)
                continue
            another = _("That is another token; the second one is {serial}.")
            tell(another.format(serial=self._serial))
        return False

    def _resume(self, token: "Token") -> None:
        """Continue with a token that was opened again, from what it has now."""
        done = {id(each) for each in self.acknowledged}
        with self._naming():
            self.steps = provisioning.resumed(self.steps, token.accounts(), done)
        self._token = token

    def _may_replace(self, enrolments: Sequence[Enrolment]) -> bool:
        taken = second_token.in_the_way(enrolments, self.there)
        if not taken:
            return False
        question = _(
            "The second token already has {names}, with another secret. Replace it there too?"
        )
        if not says_yes(question.format(names=second_token.listed(taken))):
            raise Quit
        return True

    def _opened(self) -> "Token":
        opening = self._session.other_token(self.port, _("The second token"))
        with self._naming():
            return self._stack.enter_context(opening)

    @contextmanager
    def _naming(self) -> Iterator[None]:
        with errors_at(_("the second token, at {port}").format(port=self.port)):
            yield


def _tell_error(error: Exception) -> None:
    tell(_("Error: {message}").format(message=TokenctlError(str(error)).sentence))


def _write(token: "Token", steps: Sequence[Step], output: Output) -> None:
    if steps:
        with output.progress(len(steps)) as progress:
            provisioning.write(token, steps, progress)
