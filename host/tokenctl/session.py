"""What a command has from its global options: the token, and how to print."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from tokenctl import ports
from tokenctl.errors import AmbiguousName
from tokenctl.output import Output
from tokenctl.token import StoredAccount, Token
from otpcore.errors import NoSuchAccount

_NOTICES = {
    "press": "Look at the token: a short press of its button says yes, a long one no.",
    "hold": "Look at the token: holding its button for 3 seconds says yes, a short press no.",
}


@dataclass
class Session:
    """The global options, before or after the command."""

    port: str | None = None
    serial: str | None = None
    json: bool = False

    @property
    def output(self) -> Output:
        """Where to print."""
        return Output(self.json)

    @contextmanager
    def token(self) -> Iterator[Token]:
        """Open the token that the options name, or the only one there is."""
        if self.port is not None:
            token = Token.open(self.port, self._notice)
        else:
            token = ports.find(self.serial, self._notice)
        with token:
            if self.port is not None and self.serial not in (None, token.identity.serial):
                raise ports.NoToken(
                    f"the token at {self.port} has the serial number {token.identity.serial}"
                )
            try:
                yield token
            except KeyboardInterrupt:
                token.cancel()
                raise

    def _notice(self, notice: str) -> None:
        self.output.note(_NOTICES.get(notice, "Look at the token: it asks for its button."))


def one_account(token: Token, name: str) -> StoredAccount:
    """Return the account that `name` means; raise NoSuchAccount, AmbiguousName."""
    found = token.find(name)
    if not found:
        raise NoSuchAccount(f"the token has no account that matches '{name}'; see tokenctl list")
    if len(found) > 1:
        names = ", ".join(f"'{each.issuer}:{each.account}'" for each in found[:5])
        more = ", …" if len(found) > 5 else ""
        raise AmbiguousName(f"'{name}' means several accounts: {names}{more}; write one in full")
    return found[0]


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    session = context.ensure_object(Session)
    if value and not context.resilient_parsing:
        setattr(session, str(parameter.name), value)


def global_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the global options, which work in front of it as well."""
    options = (
        click.option(
            "--port",
            metavar="PORT",
            envvar="TOKENCTL_PORT",
            help="The token's port: a device, or any pyserial URL. [env: TOKENCTL_PORT]",
            callback=_store,
            expose_value=False,
        ),
        click.option(
            "--serial",
            metavar="NUMBER",
            help="Choose the token by its serial number.",
            callback=_store,
            expose_value=False,
        ),
        click.option(
            "--json", is_flag=True, help="Print JSON.", callback=_store, expose_value=False
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def is_interactive() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
