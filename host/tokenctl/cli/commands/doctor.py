"""tokenctl doctor: what is wrong, and what to do about it."""

import textwrap
from collections.abc import Iterable
from dataclasses import asdict

import click

from tokenctl import language
from tokenctl.cli import terminal
from tokenctl.cli.checks import computer, report, symptoms
from tokenctl.cli.checks.finding import FAIL, OK, SKIPPED, WARN, Finding, titles
from tokenctl.cli.checks.symptoms import Symptom
from tokenctl.cli.global_options import global_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, is_interactive
from tokenctl.errors import OtherTokens, PortError, SeveralTokens, TokenctlError
from tokenctl.exit_codes import SOMETHING_WRONG
from tokenctl.language import _, marked, plural

_STATES = {OK: marked("ok"), WARN: marked("warn"), FAIL: marked("FAIL"), SKIPPED: "-"}
_INDENT = 20  # columns of the state, of at most 5 letters, and of the title, of at most 13
_WIDEST = 100


@click.command()
@click.option(
    "--symptom",
    metavar="[NAME]",
    is_flag=False,
    flag_value="",
    help="Say what to do about a symptom; without NAME, list them all.",
)
@global_options
@click.pass_obj
def doctor(session: Session, symptom: str | None) -> int:
    """Find out what is wrong with the token, and say what to do about it.

    It looks at every part of the token, and changes nothing. At a terminal it also
    asks you to look at the screen and to press the buttons. A locked token is
    examined too, as far as it tells. Where no token answers, this computer is
    examined instead: its ports, permissions and drivers.

    It ends with exit code 19 when something is wrong. The report holds no secret,
    no name of an account and no serial number.
    """
    output = session.output
    if symptom is not None:
        _advise(symptom, output)
        return 0
    try:
        with session.token() as token:
            someone = is_interactive() and not session.json
            findings = _shown(report.examined(token, someone), output)
        about = "token"
    except (SeveralTokens, OtherTokens):
        raise
    except PortError as error:
        findings, about = _shown(computer.examined(error, session.port), output), "computer"
    wrong = any(each.state == FAIL for each in findings)
    if session.json:
        checks = [each.describe() for each in findings]
        output.data({"about": about, "wrong": wrong, "checks": checks})
    else:
        output.note(_conclusion(findings))
    return SOMETHING_WRONG if wrong else 0


def _shown(found: Iterable[Finding], output: Output) -> list[Finding]:
    """Return the findings; print each as soon as it is known."""
    findings = []
    for each in found:
        findings.append(each)
        if not output.as_json:
            _show(each, output)
    return findings


def _show(finding: Finding, output: Output) -> None:
    head = f"{_(_STATES[finding.state]):<5} {titles()[finding.check]:<{_INDENT - 7}} "
    for start, text in ((head, finding.text), (" " * _INDENT, finding.advice)):
        if text:
            if text is finding.advice:
                text = TokenctlError(text).sentence
            for line in _wrapped(start, text):
                output.line(line)


def _wrapped(start: str, text: str, hang: int = _INDENT) -> list[str]:
    """Return the lines of a text; only one if there is no terminal."""
    columns = terminal.columns(err=False)
    if columns is None:
        return [start + text]
    width = min(_WIDEST, columns)
    indent = " " * (hang if width >= 2 * hang else 2)
    return textwrap.wrap(
        start + text,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _advise(name: str, output: Output) -> None:
    """Print what to do about a symptom, or the list of them; raise UsageError."""
    known = symptoms.symptoms(language.chosen())
    if not name:
        _list(known.values(), output)
        return
    found = symptoms.found(name, known)
    if len(found) != 1:
        names = ", ".join(each.name for each in found or known.values())
        if found:
            raise click.UsageError(
                _("'{name}' matches several symptoms: {names}").format(name=name, names=names)
            )
        raise click.UsageError(
            _("there is no symptom '{name}'; known are {names}").format(name=name, names=names)
        )
    if output.as_json:
        output.data(asdict(found[0]))
        return
    output.line(found[0].title)
    for number, step in enumerate(found[0].steps, 1):
        start = f"{number:>2}. "
        for line in _wrapped(start, symptoms.plain(step), len(start)):
            output.line(line)


def _list(known: Iterable[Symptom], output: Output) -> None:
    if output.as_json:
        output.data([{"name": each.name, "title": each.title} for each in known])
        return
    for each in known:
        output.line(f"{each.name:<15} {each.title}")
    output.note(_("For one of them: tokenctl doctor --symptom NAME"))


def _conclusion(findings: list[Finding]) -> str:
    wrong = sum(each.state == FAIL for each in findings)
    doubtful = sum(each.state == WARN for each in findings)
    if wrong:
        return plural("{number} problem found.", "{number} problems found.", wrong).format(
            number=wrong
        )
    if doubtful:
        text = plural(
            "No problems found, but {number} warning.",
            "No problems found, but {number} warnings.",
            doubtful,
        )
        return text.format(number=doubtful)
    return _("No problems found.")
