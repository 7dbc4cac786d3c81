"""tokenctl provision: from a picture, a URI, standard input or the keyboard onto the token."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from otpcore.account import STATIC
from tokenctl.cli.commands.pin import offer_pin
from tokenctl.cli.enrolling import app_password, comparing, manual, site_code
from tokenctl.cli.enrolling.cleanup import Cleanup
from tokenctl.cli.enrolling.collect import Collector, refuse_assumptions, warn
from tokenctl.cli.enrolling.exports import Exports
from tokenctl.cli.enrolling.options import Options, provision_options, read_options
from tokenctl.cli.enrolling.review import Review
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options, is_interactive
from tokenctl.device.token import StoredAccount, Token
from tokenctl.enrol import provisioning
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import SourceError
from tokenctl.language import _, plural


@click.command(short_help="Add accounts to the token.")
@provision_options
@global_options
@click.pass_obj
def provision(session: Session, **values: Any) -> None:
    """Add accounts to the token.

    SOURCE is a picture with QR codes (PNG, JPEG, WebP, GIF, BMP, TIFF, PDF), a
    text file with one otpauth URI per line (and # comments), a folder of these, or
    - to read either from standard input. An otpauth:// URI works too, but stays in
    the shell's history. --screen and --clipboard read what is there, --camera what
    is held in front of one.
    The codes of a Google Authenticator export may come in any order, and export
    files of other apps are recognised by their content. Without any of these,
    tokenctl asks for issuer, account and secret; with --static, it asks for an app
    password, or another short text, instead of the secret.

    At a terminal, a table shows what would be added; you select, rename and edit.
    The token shows what will be added and waits for its button, once for all of it.
    Its key check values are then compared with those of the secrets: what is
    reported as added is on the token exactly as it was sent. After adding a single
    account, you can have the code that the site asks for shown here.
    """
    output = session.output
    options = read_options(is_interactive(), values)
    exports = Exports(options, output)
    collected = Collector(options, output, exports).collect()
    if options.diff:
        with session.token() as token:
            comparing.compare(token.accounts(), collected.enrolments, exports.left_out, output)
        collected.refuse_bad()
        return
    if not options.asking:
        warn(output, collected.enrolments)
        if not options.dry_run:
            refuse_assumptions(collected.enrolments)
    if options.dry_run:
        enrolments = collected.enrolments or [_typed(options, output)]
        provisioning.plan(enrolments, [], options.replace)
        output.enrolments(enrolments)
    else:
        written = _put_on_token(session, options, collected.enrolments)
        Cleanup(options, output).after(collected, written)
    collected.refuse_bad()
    exports.refuse_bad()


def _put_on_token(
    session: Session, options: Options, collected: Sequence[Enrolment]
) -> list[Enrolment]:
    """Write what was collected or is typed now, as somebody chooses; return what was written."""
    output = session.output
    with session.token() as token:
        there = token.accounts()
        # The token is there before somebody types a secret.
        enrolments = list(collected) or [_typed(options, output)]
        replace = options.replace
        if options.asking:
            review = Review(enrolments, there, output, typed=not collected)
            enrolments = review.choose(options.take_all, replace)
            replace = True  # where it would, somebody said yes
        stored, knows_time = _write(token, output, provisioning.plan(enrolments, there, replace))
        if options.asking and len(stored) == 1 and not session.json:
            site_code.offer(token, stored[0], knows_time)
        if not there and not token.status().has_pin:
            offer_pin(token, output, options.asking)
    return enrolments


def _typed(options: Options, output: Output) -> Enrolment:
    """Return the account that somebody types; what is odd is said here, or in the review."""
    if sys.stdin is None:
        raise SourceError(_("there is no source, and no terminal to prompt at"))
    names = options.given.issuer, options.given.account
    typed = app_password.ask(*names) if options.static else manual.ask(*names, **options.manual)
    if not options.asking:
        warn(output, [typed])
    return typed


def _write(
    token: Token, output: Output, steps: Sequence[provisioning.Step]
) -> tuple[list[StoredAccount], bool]:
    """Return the accounts as the token now has them, and whether it knows the time."""
    with output.progress(len(steps)) as progress:
        stored = provisioning.write(token, steps, progress)
    status = token.status()
    output.accounts(stored)
    if stored[0].type == STATIC:
        output.note(_("The app password is on the token, which has read it back from its flash."))
    else:
        sentence = plural(
            "The account is on the token, verified by its key check value.",
            "All {count} accounts are on the token, verified by their key check values.",
            len(stored),
        )
        output.note(sentence.format(count=len(stored)))
    if status.unix_time is None and any(each.type not in ("hotp", STATIC) for each in stored):
        output.note(
            _("The token does not know the time yet and shows no codes; run tokenctl sync.")
        )
    return stored, status.unix_time is not None
