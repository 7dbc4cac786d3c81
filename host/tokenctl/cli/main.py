"""The command `tokenctl`."""

import io
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

import click

from otpcore.errors import WireError
from otpcore.version import VERSION
from tokenctl import confinement
from tokenctl.cli import log, terminal
from tokenctl.cli.commands import (
    accounts,
    backup,
    board,
    clock,
    clone,
    code,
    device,
    fault,
    flash,
    harden,
    pin,
    provision,
    udev_rule,
    verify,
)
from tokenctl.cli.session import global_options
from tokenctl.enrol import sources
from tokenctl.errors import EXIT_CODES, TokenctlError, refused

_EPILOG = "\b\nExit codes:\n" + "\n".join(
    f"  {code:>3}  {text}" for code, text in EXIT_CODES.items()
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@global_options
@click.version_option(VERSION, prog_name="tokenctl")
def cli() -> None:
    """Put accounts on a hardware token for one-time passwords, and look after it.

    Without --port the token is looked for among the serial ports. --port,
    --serial and --json work in front of the command and behind it.
    """


for _command in (
    flash.flash,
    verify.verify,
    harden.harden,
    board.board,
    provision.provision,
    accounts.list_accounts,
    code.code,
    accounts.rename,
    accounts.move,
    accounts.remove,
    backup.backup,
    backup.restore,
    clone.clone,
    pin.pin,
    pin.lock,
    clock.sync,
    device.status,
    device.wipe,
    fault.fault,
    udev_rule.print_udev_rule,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command; each failure is one sentence on standard error and an exit code."""
    confinement.leave_no_core()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack a name's letters
            stream.reconfigure(errors="backslashreplace")
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _end)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command with these arguments, and return its exit code."""
    try:
        return _run(arguments)
    finally:
        log.end()


def _run(arguments: Sequence[str]) -> int:
    try:
        _require_text(arguments)
        try:
            result: Any = cli(list(arguments), prog_name="tokenctl", standalone_mode=False)
        except BaseException as error:
            log.failed(error)
            raise
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        terminal.lines(_usage(error, arguments).splitlines(), err=True)
        return error.exit_code
    except WireError as error:
        return _fail(refused(error), arguments)
    except TokenctlError as error:
        return _fail(error, arguments)
    except (KeyboardInterrupt, click.Abort):
        terminal.say("Interrupted.")
        return 130
    except OSError as error:  # of ports and files each has its own sentence: this is the output
        _forget_output()
        why = error.strerror or "it is gone"
        return _fail(TokenctlError(f"the output cannot be written: {why}"), arguments)
    except Exception as error:
        # Its class and place only: a message or a traceback might hold a secret.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        terminal.say(
            f"Error: tokenctl failed with {type(error).__name__} at {where}. "
            "Run the same with tokenctl --debug, and report what that writes."
        )
        return 1


def _require_text(arguments: Sequence[str]) -> None:
    """Raise UsageError for an argument that the system itself could not have named a file."""
    for number, argument in enumerate(arguments, 1):
        try:
            os.fsencode(argument)
        except UnicodeEncodeError:
            raise click.UsageError(f"Argument {number} is not Unicode text") from None


def _fail(error: TokenctlError, arguments: Sequence[str]) -> int:
    for each in (error, *getattr(error, "more", ())):
        sentence = each.sentence
        for argument in arguments:  # an enrolment in the place of a port or a name is quoted, too
            for part in (argument, argument.partition("=")[2]):
                if sources.is_uri(part) and re.match("otp|steam|motp", part, re.IGNORECASE):
                    sentence = sentence.replace(part, "…")
        terminal.say(f"Error: {sentence}")
    return error.exit_code


def _usage(error: click.ClickException, arguments: Sequence[str]) -> str:
    """Return what is wrong with the command line, and which help to read, on one line."""
    text = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return text
    sentence = TokenctlError(" ".join(_without_secrets(text, arguments).split())).sentence
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "tokenctl"
    return f"Error: {sentence} See {command} --help."


def _forget_output() -> None:
    """Have what is still buffered go nowhere: its writing would fail once more at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
            continue
        os.dup2(nowhere, stream.fileno())


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Leave as on Ctrl-C, so that the question at the token goes away."""
    sys.exit(128 + number)


def _without_secrets(text: str, arguments: Sequence[str]) -> str:
    """Return click's text without the arguments that it quotes and that may hold a secret."""
    for argument in arguments:
        name, _, value = argument.partition("=")
        for part in (argument, name, value):  # --digits=value, and an option that does not exist
            squeezed = re.sub(r"[ -]", "", part)
            if sources.is_uri(part) or re.search(r"[A-Z2-7]{16}", squeezed, re.IGNORECASE):
                text = text.replace(part, "…")
    return text
