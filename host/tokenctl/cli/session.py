"""What a command has from its global options: the token, and how to print."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from otpcore.errors import NoSuchAccount, WireError
from tokenctl.cli import log, terminal
from tokenctl.errors import AmbiguousName, NoToken, Quit, TokenctlError
from tokenctl.language import _

if TYPE_CHECKING:  # what a command needs is imported then: help needs none of it
    from tokenctl.cli.output import Output
    from tokenctl.device.ports import Port
    from tokenctl.device.token import StoredAccount, Token

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
    "show_code": "Look at the token: it shows a recovery code, group by group. Write it down; "
    "without it the backup cannot be opened. Then it asks for two of the groups.",
    "code": "Look at the token: it asks for the recovery code of the backup, 10 groups of 5 "
    "digits. Short presses turn, long ones take.",
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
    outcome: str = ""  # the sentence on what was changed, should somebody end it now

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
        with self._open(beside) as token, self._question_ends(token):
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
        """Take the question at the token away when the command is interrupted."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            unsure = None
            with suppress(TokenctlError, WireError):
                unsure = token.cancel()
            self.outcome = self.outcome or _outcome(token.done, unsure)
            raise
        except Quit:
            self.outcome = self.outcome or _outcome(token.done, None)
            raise

    def _open(self, beside: str | None) -> "Token":
        from tokenctl.device import ports
        from tokenctl.device.token import Token

        if self.port is None:
            return ports.find(self.serial, self._notice, lambda: _ports_beside(beside))
        token = Token.open(self.port, self._notice)
        if self.serial is not None and self.serial.upper() != token.identity.serial:
            token.close()
            raise NoToken(f"the token at {self.port} has the serial number {token.identity.serial}")
        return token

    def _notice(self, notice: str) -> None:
        self.output.note(_NOTICES.get(notice, "Look at the token: it asks for its button."))


@contextmanager
def errors_at(place: str) -> Iterator[None]:
    """Set `place` in front of what goes wrong: a token of two, and its port."""
    try:
        yield
    except TokenctlError as error:
        raise error.at(place) from None
    except WireError as error:
        error.args = (f"{place}: {error}",)
        raise


def is_same_port(one: str, other: str) -> bool:
    """Tell whether two names mean one port, as a link to a device and the device do."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _ports_beside(other: str | None) -> "list[Port]":
    from tokenctl.device import ports

    found = ports.serial_ports()
    return [each for each in found if other is None or not is_same_port(each.device, other)]


# Methods that change nothing, though somebody is asked.
_HARMLESS = ("accounts.batch", "accounts.code")


def _outcome(done: Sequence[str], unsure: str | None) -> str:
    """Return what to say of what a token has carried out; empty if it changed nothing."""
    from tokenctl.device.models import is_at_once

    if unsure is not None and not (is_at_once(unsure) or unsure in _HARMLESS):
        return _("The token may have made the change: check with tokenctl list or tokenctl status.")
    changes = [each for each in done if not (is_at_once(each) or each in _HARMLESS)]
    if not changes:
        return ""
    if changes[-1] == "clock.set":
        return _("The clock had already been set.")
    return _("The token had already made the change.")


def one_account(token: "Token", name: str) -> "StoredAccount":
    """Return the account that `name` means; raise NoSuchAccount, AmbiguousName."""
    with terminal.working(_("Looking for the account")):
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


def full_name(account: "StoredAccount") -> str:
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
