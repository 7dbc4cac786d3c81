"""What a command has from its global options: the token, and how to print."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

from otpcore.errors import NoSuchAccount, WireError
from tokenctl.cli import log
from tokenctl.cli.output import Output
from tokenctl.device import ports
from tokenctl.device.token import StoredAccount, Token
from tokenctl.errors import AmbiguousName, NoToken, TokenctlError

_NOTICES = {
    "asleep": "Look at the token: it does not answer. If it sleeps, a press wakes it.",
    "press": "Look at the token: a short press of its button says yes, a long one no.",
    "pin": "Look at the token: it asks for a PIN. Short presses turn, long ones take.",
    "acknowledge": "Look at the token: it asks something, and its button was in use. Let go of "
    "it, then press once: that says that the question was seen, and is no answer yet.",
    "queued": "Look at the token: somebody is in a dialog there, which no computer may end. This "
    "comes next, at most a minute after the last press; holding the button ends that dialog.",
    "holds": "Look at the token: after wrong PINs it wants four holds of its button before the "
    "next one, each let go when it says so.",
    "restarts": "The token restarts to draw a strong key. Wait: it goes on by itself.",
    "hold": "Look at the token: holding its button for 3 seconds says yes, a short press no.",
}


@dataclass
class Session:
    """The global options, before or after the command."""

    port: str | None = None
    serial: str | None = None
    json: bool = False
    log_level: str = "debug"
    log_file: str | None = None

    @property
    def output(self) -> Output:
        """Where to print."""
        return Output(self.json)

    @contextmanager
    def token(self) -> Iterator[Token]:
        """Open the token that the options name, or the only one there is.

        When the command is interrupted, the question at the token goes away too.
        """
        with self.open() as token:
            try:
                yield token
            except (KeyboardInterrupt, SystemExit):
                with suppress(TokenctlError, WireError):
                    token.cancel()
                raise

    def open(self) -> Token:
        """Return the token that the options name, or the only one there is."""
        if self.port is None:
            return ports.find(self.serial, self._notice)
        token = Token.open(self.port, self._notice)
        if self.serial is not None and self.serial.upper() != token.identity.serial:
            token.close()
            raise NoToken(f"the token at {self.port} has the serial number {token.identity.serial}")
        return token

    def _notice(self, notice: str) -> None:
        self.output.note(_NOTICES.get(notice, "Look at the token: it asks for its button."))


def one_account(token: Token, name: str) -> StoredAccount:
    """Return the account that `name` means; raise NoSuchAccount, AmbiguousName."""
    found = token.find(name) if name else []
    # Names differ by case alone, too: then the one that is written exactly so is meant.
    found = [each for each in found if full_name(each) == name] or found
    if not found:
        raise NoSuchAccount(f"the token has no account that matches '{name}'; see tokenctl list")
    if len(found) > 1:
        names = ", ".join(f"'{full_name(each)}'" for each in found[:5])
        more = ", …" if len(found) > 5 else ""
        raise AmbiguousName(f"'{name}' means several accounts: {names}{more}; write one in full")
    return found[0]


def full_name(account: StoredAccount) -> str:
    """Return the name that means this account and no other."""
    return f"{account.issuer}:{account.name}"


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = context.ensure_object(Session)
    name = str(parameter.name)
    if not value or context.resilient_parsing:
        return
    if context.get_parameter_source(name) is ParameterSource.ENVIRONMENT and session.port:
        return  # an option in front of the command says it already
    setattr(session, name, value)


def _log(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Begin the log as soon as an option asks for one: what comes behind is in it."""
    if not value or context.resilient_parsing:
        return
    session = context.ensure_object(Session)
    if parameter.name == "log_file":
        session.log_file = value
    elif parameter.name == "log_level":
        session.log_level = value
    else:
        session.log_level = "debug"
    log.begin(session.log_level, session.log_file)


def global_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the global options, which work in front of it as well."""
    options = (
        click.option(
            "--port",
            metavar="PORT",
            envvar="TOKENCTL_PORT",
            show_envvar=True,
            help="The token's port: a device, or any pyserial URL.",
            callback=_store,
            expose_value=False,
        ),
        click.option(
            "--serial",
            metavar="NUMBER",
            help="Take the token with this serial number only.",
            callback=_store,
            expose_value=False,
        ),
        click.option(
            "--json",
            is_flag=True,
            help="Print the result as JSON.",
            callback=_store,
            expose_value=False,
        ),
        click.option(
            "--debug",
            is_flag=True,
            help="Write what a bug report needs to standard error; secrets are struck out.",
            callback=_log,
            expose_value=False,
        ),
        click.option(
            "--log-level",
            type=click.Choice(log.LEVELS),
            help="The same, with less in it: --debug is --log-level debug.",
            callback=_log,
            expose_value=False,
        ),
        click.option(
            "--log-file",
            metavar="FILE",
            type=click.Path(dir_okay=False),
            help="Write it to the end of FILE.",
            callback=_log,
            expose_value=False,
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def is_interactive() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
