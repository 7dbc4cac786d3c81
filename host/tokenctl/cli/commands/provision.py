"""tokenctl provision: from a picture, a URI, standard input or the keyboard onto the token."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from otpcore.account import ALGORITHMS, STATIC
from tokenctl.cli.commands.pin import offer_pin
from tokenctl.cli.enrolling import app_password, comparing, manual, site_code
from tokenctl.cli.enrolling.cleanup import Leaving
from tokenctl.cli.enrolling.collect import Wishes, gather, refuse_bad, refuse_doubts, warn
from tokenctl.cli.enrolling.exports import Exports, ExportWishes, export_options
from tokenctl.cli.enrolling.review import Review
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session, global_options, is_interactive
from tokenctl.device.token import StoredAccount, Token
from tokenctl.enrol import cleanup, provisioning, secret_text
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import SourceError


def _choice(names: Sequence[str]) -> click.Choice[str]:
    return click.Choice(names, case_sensitive=False)


class _CameraNumber(click.ParamType):
    """The number of a camera; what follows --camera and is none is easily a SOURCE."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdecimal()) or len(value) > 3:
            self.fail(f"'{value}' is no camera's number; a SOURCE goes before --camera", param, ctx)
        return int(value)


@click.command(short_help="Put accounts on the token.")
@click.argument("source", nargs=-1)
@click.option(
    "--clipboard", is_flag=True, help="Take the picture or the URIs that were copied last."
)
@click.option("--screen", is_flag=True, help="Look for QR codes on every monitor.")
@click.option(
    "--camera",
    type=_CameraNumber(),
    metavar="[N]",
    is_flag=False,
    flag_value=0,
    help="Look through a camera for a QR code; 0 is the first one. Needs otptoken[camera].",
)
@click.option(
    "--static", is_flag=True, help="Ask for an app password: the token shows it, never sends it."
)
@click.option("--issuer", help="Store this issuer instead of the source's.")
@click.option("--account", help="Store this account name instead of the source's.")
@click.option("--all", "take_all", is_flag=True, help="Add every account that a source holds.")
@click.option("--replace", is_flag=True, help="Write over an account that the token has already.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: add every account that is found.")
@click.option("--guess", is_flag=True, help="Take what is guessed where a source is ambiguous.")
@click.option(
    "--incomplete", is_flag=True, help="Take a part of a Google export whose other codes lack."
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Add what is good where a source holds bad enrolments, too; those are listed.",
)
@click.option(
    "--delete-pictures",
    is_flag=True,
    help="Delete each picture when all that it holds is on the token, and empty the clipboard.",
)
@click.option(
    "--delete-sources", is_flag=True, help="The same, and text files with URIs are deleted, too."
)
@click.option(
    "--dry-run", is_flag=True, help="Check and show what would be added; no token needed."
)
@click.option(
    "--diff",
    is_flag=True,
    help="Show what is on the token and not in the source, and the other way round.",
)
@export_options
@click.option(
    "--type", "kind", type=_choice(["totp", "hotp", "steam"]), help="By hand only. [totp]"
)
@click.option("--algorithm", type=_choice(ALGORITHMS), help="By hand only. [SHA1]")
@click.option("--digits", type=int, help="By hand only. [6]")
@click.option("--period", type=int, help="By hand only, in seconds. [30]")
@click.option(
    "--counter",
    type=int,
    help="For HOTP: by hand [0], or in the place of the source's, which some leave out.",
)
@click.option(
    "--encoding",
    type=_choice(secret_text.ENCODINGS),
    help="By hand only: how the secret is written, where it may be either.",
)
@global_options
@click.pass_obj
def provision(
    session: Session,
    source: tuple[str, ...],
    clipboard: bool,
    screen: bool,
    camera: int | None,
    static: bool,
    issuer: str | None,
    account: str | None,
    take_all: bool,
    replace: bool,
    yes: bool,
    guess: bool,
    incomplete: bool,
    keep_going: bool,
    delete_pictures: bool,
    delete_sources: bool,
    dry_run: bool,
    diff: bool,
    password_file: str | None,
    format: str | None,
    allow_slow: bool,
    **typed: Any,
) -> None:
    """Put accounts on the token.

    SOURCE is a picture with QR codes (PNG, JPEG, WebP, GIF, BMP, TIFF, PDF), a
    text file with an otpauth URI on each line (and # comments), a folder of
    such, or - for either on standard input. An otpauth:// URI works too, but
    stays in the shell's history. --screen and --clipboard take what is there,
    --camera what is held before one.
    The codes of a Google Authenticator export may come in any order, and the
    export files of other apps are recognised by what is in them. Without any of
    these you are asked for issuer, account and secret; with --static for an app
    password, or another short text, in the secret's place.

    At a terminal a table shows what would be added; you choose, rename and edit.
    The token shows what is to be added and waits for its button, once for all.
    Then its key check values are compared with those of the secrets: what is
    reported as added is on the token as it was sent. After one account you can
    fetch the code that the site asks for.
    """
    output = session.output
    fields = {("type" if name == "kind" else name): v for name, v in typed.items() if v is not None}
    sourced = bool(source or clipboard or screen or camera is not None)
    counter = fields.pop("counter", None) if sourced else None
    if sourced and fields:
        raise click.UsageError(
            f"--{min(fields)} is for accounts typed by hand; a source says its own"
        )
    if static and (sourced or fields):
        what = f"--{min(fields)} is for codes" if fields else "it comes from no other source"
        raise click.UsageError(f"--static asks for a text, which makes no codes: {what}")
    if diff and not sourced:
        raise click.UsageError("there is no source for --diff to compare the token with")
    asking = is_interactive() and not yes and not dry_run and not diff
    all_of_it = take_all or yes or dry_run or diff
    exports = Exports(
        ExportWishes(
            password_file, format, allow_slow, keep_going or diff, is_interactive(), asking
        ),
        output,
    )
    wishes = Wishes(
        clipboard,
        screen,
        camera,
        issuer,
        account,
        counter,
        all_of_it,
        guess,
        incomplete,
        keep_going,
        asking,
    )
    found = gather(source, wishes, output, exports)
    gathered = found.enrolments
    if diff:
        with session.token() as token:
            comparing.compare(token.accounts(), gathered, exports.left_out, output)
        refuse_bad(found)
        return
    if not asking:
        warn(output, gathered)
        if not dry_run:
            refuse_doubts(gathered)
    if dry_run:
        enrolments = gathered or [_by_hand(issuer, account, static, fields, output)]
        provisioning.plan(enrolments, [], replace)
        output.enrolments(enrolments)
        refuse_bad(found)
        exports.end()
        return
    with session.token() as token:
        there = token.accounts()
        enrolments = gathered
        if not gathered:  # the token is there before somebody types a secret
            enrolments = [_by_hand(issuer, account, static, fields, output, asking)]
        if asking:
            review = Review(enrolments, there, output, typed=not gathered)
            enrolments = review.choose(take_all, replace)
            replace = True  # where it would, somebody said yes
        steps = provisioning.plan(enrolments, there, replace)
        stored, knows_time = _write(token, output, steps)
        if asking and len(stored) == 1 and not session.json:
            site_code.offer(token, stored[0], knows_time)
        if not there and not token.status().has_pin:
            offer_pin(token, output, asking)
    leaving = Leaving(asking, delete_pictures, delete_sources, output)
    leaving.files(cleanup.done_with(gathered, enrolments))
    if clipboard and len(enrolments) == len(gathered) and not found.bad:
        leaving.clipboard()
    refuse_bad(found)
    exports.end()


def _by_hand(
    issuer: str | None,
    account: str | None,
    static: bool,
    fields: dict[str, Any],
    output: Output,
    reviewed: bool = False,
) -> Enrolment:
    if fields.get("type") == "steam":
        fields.setdefault("digits", 5)
    if sys.stdin is None:
        raise SourceError("there is no source, and no terminal to ask at")
    asked = app_password.ask if static else manual.ask
    typed = asked(issuer, account, **fields)
    if not reviewed:  # there what is odd is said beside it
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
    count = "The account is" if len(stored) == 1 else f"All {len(stored)} accounts are"
    if stored[0].type == STATIC:
        output.note("The app password is on the token, which has read it back from its flash.")
    else:
        output.note(f"{count} on the token, verified by the key check value.")
    if status.unix_time is None and any(each.type not in ("hotp", STATIC) for each in stored):
        output.note("The token does not know the time yet, and shows no codes: tokenctl sync")
    return stored, status.unix_time is not None
