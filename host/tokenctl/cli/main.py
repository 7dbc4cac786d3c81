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
from tokenctl import confinement, language
from tokenctl.cli import help_text, index, log, terminal
from tokenctl.cli.global_options import global_options
from tokenctl.cli.session import Session
from tokenctl.errors import Quit, TokenctlError, refused
from tokenctl.exit_codes import EXIT_CODES
from tokenctl.language import _
from tokenctl.system_sentences import reason


class _Tokenctl(index.Commands):
    """The group of all commands; its help ends with the exit codes."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the exit codes, in the language of who reads them."""
        with formatter.section(_("Exit codes")):
            rows = [(f"{number:>3}", each.meaning) for number, each in EXIT_CODES.items()]
            formatter.write_dl(rows)


@click.group(cls=_Tokenctl, context_settings={"help_option_names": ["-h", "--help"]})
@global_options
@click.version_option(VERSION, prog_name="tokenctl")
def cli() -> None:
    """Put accounts on a hardware token for one-time passwords, and manage it.

    Without --port, tokenctl looks for the token on the serial ports. Global
    options such as --port, --serial and --json work before or after the command.
    """


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
    language.choose(language.of_arguments(arguments) or language.of_locale(os.environ))
    help_text.install()
    try:
        return _run(arguments)
    finally:
        log.end()


def _run(arguments: Sequence[str]) -> int:
    session = Session()
    try:
        _require_text(arguments)
        try:
            result: Any = cli(
                list(arguments), prog_name="tokenctl", standalone_mode=False, obj=session
            )
        except BaseException as error:
            log.failed(error)
            raise
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        terminal.lines(error.format_message().splitlines(), err=True)
        return error.exit_code
    except click.ClickException as error:
        return _say(_usage(error, arguments), error.exit_code, arguments)
    except WireError as error:
        return _fail(_with_outcome(refused(error), session), arguments)
    except Quit as error:
        return _ended("", session, error, arguments)
    except TokenctlError as error:
        return _fail(_with_outcome(error, session), arguments)
    except (KeyboardInterrupt, click.Abort) as error:
        return _ended(_("Interrupted."), session, error, arguments)
    except OSError as error:  # of ports and files each has its own sentence: this is the output
        _forget_output()
        why = reason(error, _("it is no longer there"))
        said = TokenctlError(_("the output cannot be written: {why}").format(why=why)).sentence
        return _fail(TokenctlError(f"{said} {session.outcome}".strip()), arguments)
    except Exception as error:
        # Its class and place only: a message or a traceback might hold a secret.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        return _say(
            _(
                "tokenctl failed with {name} at {where}. Run the same command with tokenctl "
                "--debug, and report its output."
            ).format(name=type(error).__name__, where=where),
            1,
            arguments,
        )


def _require_text(arguments: Sequence[str]) -> None:
    """Raise UsageError for an argument that the system itself could not have named a file."""
    for number, argument in enumerate(arguments, 1):
        try:
            os.fsencode(argument)
        except UnicodeEncodeError:
            raise click.UsageError(
                _("Argument {number} is not valid Unicode text").format(number=number)
            ) from None


def _with_outcome(error: TokenctlError, session: Session) -> TokenctlError:
    """Add what becomes of a recovery code that the token has shown: it may be in force."""
    if session.has_shown_code and not getattr(error, "says_outcome", False):
        error.followed_by(session.outcome)
    return error


def _fail(error: TokenctlError, arguments: Sequence[str]) -> int:
    from tokenctl.enrol.sources import is_uri

    for each in (error, *getattr(error, "more", ())):
        sentence = each.sentence
        for argument in arguments:  # an enrolment in the place of a port or a name is quoted, too
            for part in (argument, argument.partition("=")[2]):
                if is_uri(part) and re.match("otp|steam|motp", part, re.IGNORECASE):
                    sentence = sentence.replace(part, "…")
        _say(sentence, error.exit_code, arguments)
    return error.exit_code


def _say(sentence: str, code: int, arguments: Sequence[str], error: bool = True) -> int:
    """Print the error of a command: a sentence, or with --json an object."""
    if _wants_json(arguments):
        fields = {"error": sentence, "exit_code": code, "name": EXIT_CODES[code].name}
        terminal.json_value(fields, err=True)
    else:
        terminal.say(_("Error: {message}").format(message=sentence) if error else sentence)
    return code


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether --json is among the arguments, even if they could not be parsed."""
    options = arguments[: list(arguments).index("--")] if "--" in arguments else arguments
    return "--json" in options


def _ended(said: str, session: Session, error: BaseException, arguments: Sequence[str]) -> int:
    """Report that the user ended the command, and what it had changed. This is not a fault."""
    interrupt = error.__cause__ if isinstance(error, click.Abort) else error  # click's own
    outcome = getattr(interrupt, "outcome", "") or session.outcome or _("Nothing was changed.")
    return _say(f"{said} {outcome}".strip(), 130, arguments, error=False)


def _usage(error: click.ClickException, arguments: Sequence[str]) -> str:
    """Return what is wrong with the command line, and which help to read, on one line."""
    text = error.format_message()
    context = getattr(error, "ctx", None)
    shown = _without_secrets(text, arguments, _options(error))
    sentence = TokenctlError(" ".join(shown.split())).sentence
    command = context.command_path if context is not None else index.path_of(arguments)
    return _("{message} See {command} --help.").format(command=command, message=sentence)


def _forget_output() -> None:
    """Discard buffered output: writing it would fail again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
            continue
        os.dup2(nowhere, stream.fileno())


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Exit as on Ctrl-C, so that the question on the token is cancelled."""
    sys.exit(128 + number)


def _options(error: click.ClickException) -> set[str]:
    """Return the options that an error can be about, as they are typed."""
    if isinstance(error, click.BadOptionUsage):
        return {error.option_name}
    context = getattr(error, "ctx", None)
    known = context.command.get_params(context) if context is not None else []
    return {name for each in known for name in each.opts}


def _without_secrets(text: str, arguments: Sequence[str], options: set[str]) -> str:
    """Return click's text without quoted arguments, which may hold a secret; options hold none."""
    from tokenctl.enrol.sources import is_uri

    for argument in arguments:
        name, _equals, value = argument.partition("=")
        for part in (argument, name, value):  # --digits=value, and an option that does not exist
            squeezed = re.sub(r"[ -]", "", part)
            if part in options:
                continue
            if is_uri(part) or re.search(r"[A-Z2-7]{16}", squeezed, re.IGNORECASE):
                text = text.replace(part, "…")
    return text
