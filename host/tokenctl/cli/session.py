"""What the global options give a command: the token, and how to print."""

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
from tokenctl.errors import AmbiguousName, LinkError, NoToken, Quit, TokenctlError
from tokenctl.language import LANGUAGES, _, marked

if TYPE_CHECKING:  # what a command needs is imported then: help needs none of it
    from tokenctl.cli.output import Output
    from tokenctl.device.ports import Port
    from tokenctl.device.token import StoredAccount, Token

_NOTICES = {
    "asleep": marked("Look at the token: it is not answering. If it is asleep, press its button."),
    "press": marked("Look at the token: press its button briefly for yes, or hold it for no."),
    "pin": marked(
        "Look at the token: it is asking for a PIN. Press briefly to change the "
        "digit, hold to enter it."
    ),
    "acknowledge": marked(
        "Look at the token: it has a question, but its button was in use. Let "
        "go, then press once to show that you have seen the question; this does "
        "not answer it yet."
    ),
    "queued": marked(
        "Look at the token: somebody is using it, which a computer cannot interrupt. "
        "This request follows at most a minute after the last press; hold the button "
        "to end what is on the screen."
    ),
    "holds": marked(
        "Look at the token: after wrong PINs, you must hold its button four "
        "times before you can try the next one. Let go each time it says so."
    ),
    "restarts": marked(
        "The token is restarting to draw a strong key. Wait: it continues by itself."
    ),
    "show_code": marked(
        "Look at the token: it shows a recovery code, one group at a time. Write it down: "
        "without it, the backup cannot be opened. The token then asks for two of the groups."
    ),
    "code": marked(
        "Look at the token: it asks for the backup's recovery code, 10 groups of 5 digits. "
        "Hold the button and the digits run by: let go at the right one. A wrong group is "
        "noticed at once."
    ),
    "hold": marked(
        "Look at the token: hold its button for 3 seconds for yes, or press briefly for no."
    ),
}


@dataclass
class Session:
    """The global options, before or after the command."""

    port: str | None = None
    serial: str | None = None
    json: bool = False
    log_level: str = "debug"
    log_file: str | None = None
    outcome: str = ""  # the sentence on what was changed, should it end now

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
            self.outcome = self.outcome or _outcome(token.done, unsure)
            raise
        except (Quit, OSError):  # the latter: what is printed cannot be written
            self.outcome = self.outcome or _outcome(token.done, None)
            raise
        except LinkError as error:
            # Without an unanswered request it was the other one of two tokens.
            unanswered = None if error.says_outcome else token.unanswered
            outcome = unanswered and (self.outcome or _outcome_lost(token.done, unanswered))
            if outcome:
                error.followed_by(outcome)
            raise
        else:  # also for what fails after it
            self.outcome = self.outcome or _outcome(token.done, None)

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
            raise NoToken(
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
            self.outcome = _(
                "No backup was written. Keep the recovery code that the token has shown: the next "
                "backup may use it."
            )
        self.output.note(
            _(_NOTICES[notice])
            if notice in _NOTICES
            else (_("Look at the token: it is waiting for its button."))
        )


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


def _is_change(method: str) -> bool:
    from tokenctl.device.models import changes

    return changes(method)


def _outcome(done: Sequence[str], unsure: str | None) -> str:
    """Return a sentence on what the token has carried out; empty if nothing changed."""
    if unsure == "transfer.finish":
        return _(
            "Either all the accounts are on the token now or nothing has changed: see tokenctl "
            "list, or run the same command again, which skips what is already there."
        )
    if unsure is not None and _is_change(unsure):
        return _("The token may have made the change: check with tokenctl list or tokenctl status.")
    changes = [each for each in done if _is_change(each)]
    if not changes:
        return ""
    if changes[-1] == "clock.set":
        return _("The clock had already been set.")
    return _("The token had already made the change.")


def _outcome_lost(done: Sequence[str], unanswered: str) -> str:
    """Return _outcome() of a token that is gone; if a change was meant, also that none was made."""
    from tokenctl.device.models import is_at_once

    asked = [each for each in (*done, unanswered) if not is_at_once(each)]
    meant = any(each != "accounts.code" for each in asked)  # a code moves a counter on
    return _outcome(done, unanswered) or (_("Nothing was changed.") if meant else "")


def one_account(token: "Token", name: str) -> "StoredAccount":
    """Return the account that matches `name`; raise NoSuchAccount, AmbiguousName."""
    with terminal.working(_("Looking for the account")):
        found = token.find(name) if name else []
    # Names differ by case alone, too: then the one that is written exactly so is meant.
    found = [each for each in found if full_name(each) == name] or found
    if not found:
        raise NoSuchAccount(
            _("no account on the token matches '{name}'; see tokenctl list").format(name=name)
        )
    if len(found) > 1:
        names = ", ".join(f"'{full_name(each)}'" for each in found[:5])
        more = ", …" if len(found) > 5 else ""
        raise AmbiguousName(
            _("'{name}' matches several accounts: {names}{more}; enter a full name").format(
                more=more, name=name, names=names
            )
        )
    return found[0]


def full_name(account: "StoredAccount") -> str:
    """Return a name that matches this account and no other."""
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
    """Add the global options to a command; they also work in front of it."""
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
            help="Use only the token with this serial number.",
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
            "--language",
            metavar="LANGUAGE",
            type=click.Choice(LANGUAGES),
            help="Language of the messages: en or nl. Default: that of the locale, or "
            "English with --json.",
            expose_value=False,
        ),
        click.option(
            "--debug",
            is_flag=True,
            help="Write details for a bug report to standard error; secrets are removed.",
            callback=_log,
            expose_value=False,
        ),
        click.option(
            "--log-level",
            type=click.Choice(log.LEVELS),
            help="Level of detail; --debug is the same as --log-level debug.",
            callback=_log,
            expose_value=False,
        ),
        click.option(
            "--log-file",
            metavar="FILE",
            type=click.Path(dir_okay=False),
            help="Append these details to FILE instead of standard error.",
            callback=_log,
            expose_value=False,
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def is_interactive() -> bool:
    """Return whether there is a user who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
