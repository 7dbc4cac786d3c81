"""tokenctl provision: from a picture, a URI, standard input or the keyboard onto the token."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from otpcore.account import ALGORITHMS
from tokenctl import by_hand, provisioning, sources
from tokenctl.commands.pin import offer_pin
from tokenctl.enrolment import Enrolment
from tokenctl.errors import SeveralCodes, SourceError
from tokenctl.output import Output, printable
from tokenctl.session import Session, global_options, is_interactive
from tokenctl.token import Token


def _choice(names: Sequence[str]) -> click.Choice[str]:
    return click.Choice(names, case_sensitive=False)


@click.command(short_help="Put accounts on the token.")
@click.argument("source", nargs=-1)
@click.option("--issuer", help="Store this issuer instead of the source's.")
@click.option("--account", help="Store this account name instead of the source's.")
@click.option("--all", "take_all", is_flag=True, help="Add every account that a source holds.")
@click.option("--replace", is_flag=True, help="Write over an account that the token has already.")
@click.option(
    "--dry-run", is_flag=True, help="Check and show what would be added; no token needed."
)
@click.option(
    "--type", "kind", type=_choice(["totp", "hotp", "steam"]), help="By hand only. [totp]"
)
@click.option("--algorithm", type=_choice(ALGORITHMS), help="By hand only. [SHA1]")
@click.option("--digits", type=int, help="By hand only. [6]")
@click.option("--period", type=int, help="By hand only, in seconds. [30]")
@click.option("--counter", type=int, help="By hand only, for HOTP. [0]")
@global_options
@click.pass_obj
def provision(
    session: Session,
    source: tuple[str, ...],
    issuer: str | None,
    account: str | None,
    take_all: bool,
    replace: bool,
    dry_run: bool,
    **typed: Any,
) -> None:
    """Put accounts on the token.

    SOURCE is a picture with a QR code (PNG, JPEG), a text file of otpauth URIs,
    or - for either on standard input. An otpauth:// URI works too, but stays in
    the shell's history. Without a SOURCE you are asked for issuer, account and
    secret.

    The token shows what is to be added and waits for its button, once for all.
    Then its key check values are compared with those of the secrets: what is
    reported as added is on the token as it was sent.
    """
    output = session.output
    fields = {("type" if name == "kind" else name): v for name, v in typed.items() if v is not None}
    if source and fields:
        raise click.UsageError(
            f"--{min(fields)} is for accounts typed by hand; a source says its own"
        )
    enrolments = _gather(source, issuer, account, output, take_all or dry_run)
    if dry_run:
        enrolments = enrolments or [_by_hand(issuer, account, fields, output)]
        provisioning.plan(enrolments, [], replace)
        output.enrolments(enrolments)
        return
    with session.token() as token:
        if not enrolments:  # the token is there before somebody types a secret
            enrolments = [_by_hand(issuer, account, fields, output)]
        _write(token, output, enrolments, replace)


def _gather(
    source: tuple[str, ...], issuer: str | None, account: str | None, output: Output, take_all: bool
) -> list[Enrolment]:
    """Return what all sources hold, and say what is odd about it."""
    enrolments: list[Enrolment] = []
    for each in source:
        enrolments += _read(each, issuer, account, output, take_all)
    if len(enrolments) > 1 and (issuer or account):
        raise click.UsageError("--issuer and --account are for one account; there are several")
    _warn(output, enrolments)
    return enrolments


def _warn(output: Output, enrolments: list[Enrolment]) -> None:
    for enrolment in enrolments:
        for warning in enrolment.warnings:
            output.warn(f"{enrolment.display_issuer or enrolment.account.account}: {warning}")


def _read(
    source: str, issuer: str | None, account: str | None, output: Output, take_all: bool
) -> list[Enrolment]:
    if sources.is_uri(source):
        output.warn(
            "a URI as an argument stays in the shell's history, with any secret in it; "
            "a file or standard input (-) does not"
        )
    if source == "-" and is_interactive():
        output.note("Reading otpauth URIs, one on each line; Ctrl-D ends them.")
    found = sources.from_argument(source, issuer, account)
    if len(found) == 1 or take_all:
        return found
    if source == "-" or not is_interactive():
        raise SeveralCodes(
            f"the source holds {len(found)} accounts; --all adds them all, --dry-run lists them"
        )
    return _choose(found)


def _choose(found: list[Enrolment]) -> list[Enrolment]:
    """Ask which of several accounts are meant."""
    click.echo("The source holds several accounts:", err=True)
    for number, each in enumerate(found, 1):
        names = printable(f"{each.display_issuer}  {each.account.account}")
        click.echo(f"  {number}  {names}", err=True)
    while True:
        # Not click.prompt: that writes to standard output, which is for data.
        click.echo("Which (numbers, or all): ", err=True, nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo(err=True)
            raise SeveralCodes("nobody said which of the accounts are meant; --all adds them all")
        answer = line.replace(",", " ").split()
        if answer == ["all"]:
            return found
        chosen = [int(each) for each in answer if each.isdecimal()]
        if chosen and len(chosen) == len(answer) and all(1 <= n <= len(found) for n in chosen):
            return [found[n - 1] for n in dict.fromkeys(chosen)]
        click.echo(f"Numbers from 1 to {len(found)}, please, or all.", err=True)


def _by_hand(
    issuer: str | None, account: str | None, fields: dict[str, Any], output: Output
) -> Enrolment:
    if fields.get("type") == "steam":
        fields.setdefault("digits", 5)
    if sys.stdin is None:
        raise SourceError("there is no source, and no terminal to ask at")
    typed = by_hand.ask(issuer, account, **fields)
    _warn(output, [typed])
    return typed


def _write(token: Token, output: Output, enrolments: list[Enrolment], replace: bool) -> None:
    there = token.accounts()
    steps = provisioning.plan(enrolments, there, replace)
    with output.progress(len(steps)) as progress:
        stored = provisioning.write(token, steps, progress)
    status = token.status()
    output.accounts(stored)
    count = "The account is" if len(stored) == 1 else f"All {len(stored)} accounts are"
    output.note(f"{count} on the token, verified by the key check value.")
    if status.unix is None and any(each.type != "hotp" for each in stored):
        output.note("The token does not know the time yet, and shows no codes: tokenctl sync")
    if not there and not status.pin_length:
        offer_pin(token, output)
