"""The command `tokenctl`."""

import sys
from typing import Any

import click

from otpcore.errors import WireError
from otpcore.version import VERSION
from tokenctl.commands import accounts, device, provision
from tokenctl.errors import EXIT_CODES, TokenctlError, refused
from tokenctl.session import global_options

_EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {text}" for code, text in EXIT_CODES.items())


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@global_options
@click.version_option(VERSION)
def cli() -> None:
    """Put accounts on a hardware token for one-time passwords, and look after it.

    The global options work in front of the command and behind it. Without
    --port the token is looked for among the serial ports.
    """


for _command in (
    provision.provision,
    accounts.list_accounts,
    accounts.code,
    accounts.rename,
    accounts.move,
    accounts.remove,
    device.sync,
    device.status,
    device.wipe,
):
    cli.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; each failure is one sentence on standard error and an exit code."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        result: Any = cli(arguments, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except WireError as error:
        return _fail(refused(error))
    except TokenctlError as error:
        return _fail(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        # Its class and place only: a message or a traceback might hold a secret.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        click.echo(f"tokenctl failed with {type(error).__name__} at {where}.", err=True)
        return 1


def _fail(error: TokenctlError) -> int:
    click.echo(f"Error: {error.sentence}", err=True)
    return error.exit_code
