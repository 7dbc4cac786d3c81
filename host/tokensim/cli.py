"""The command `tokensim`: runs a simulated token, and drives it from another process."""

import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from otpcore.version import VERSION
from tokensim.refusal import Refusal

_MODULES = {
    "clock": "client",
    "fault": "fault",
    "hold": "client",
    "play": "play",
    "power": "client",
    "press": "client",
    "run": "run",
    "screen": "client",
    "supply": "client",
}


class _Commands(click.Group):
    """All commands, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See click.Group."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See click.Group."""
        if cmd_name not in _MODULES:
            return None
        return getattr(importlib.import_module(f"tokensim.commands.{_MODULES[cmd_name]}"), cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="tokensim")
def cli() -> None:
    """A token without hardware: the real firmware on a simulated board.

    Start one with `tokensim run`; the other commands control it from another
    terminal, while tokenctl talks to its port.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command; a failure prints one sentence on standard error, and sets an exit code."""
    try:
        result = cli(arguments, prog_name="tokensim", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except (Refusal, OSError) as error:
        text = str(error)
        click.echo(f"Error: {text[:1].upper()}{text[1:]}.", err=True)
        sys.exit(1)
