"""The global options, which every command has and which also work in front of it."""

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from tokenctl.cli import log
from tokenctl.cli.session import Session
from tokenctl.language import LANGUAGES


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


_OPTIONS = (
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
        type=click.Choice(LANGUAGES),
        help="Language of the messages. Default: that of the locale, or English with --json.",
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


def global_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the global options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
