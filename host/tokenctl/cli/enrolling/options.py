"""The options of tokenctl provision: what each means, and which exclude each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click

from otpcore.account import ALGORITHMS
from tokenctl.enrol import apps, secret_text
from tokenctl.enrol.code_parameters import STEAM, USUAL, CodeParameters
from tokenctl.enrol.draft import NOTHING_GIVEN, Given
from tokenctl.language import _

_SOURCES = ("source", "clipboard", "screen", "camera")
_PARAMETERS = ("type", "algorithm", "digits", "period", "counter")


@dataclass(frozen=True)
class Options:
    """The command line; `parameters` and `encoding` are of an account that is typed by hand.

    `at_terminal` is whether there is a user who can be asked, `asking` whether the user is to
    choose and to supply what no option says. `all_of_it` is whether a source may hold several
    accounts, without a question which.
    """

    at_terminal: bool = False
    asking: bool = False
    all_of_it: bool = False
    source: tuple[str, ...] = ()
    clipboard: bool = False
    screen: bool = False
    camera: int | None = None  # its number
    static: bool = False
    given: Given = NOTHING_GIVEN
    take_all: bool = False
    replace: bool = False
    guess: bool = False
    incomplete: bool = False
    keep_going: bool = False
    delete_pictures: bool = False
    delete_sources: bool = False
    dry_run: bool = False
    diff: bool = False
    password_file: str | None = None
    format: str | None = None
    allow_slow: bool = False
    keep: str | None = None
    keep_password_file: str | None = None
    also: str | None = None
    hotp: bool = False
    parameters: CodeParameters = USUAL
    encoding: str | None = None  # of the secret; None for any


def read_options(at_terminal: bool, values: dict[str, Any]) -> Options:
    """Return the options that click parsed; raise UsageError if they exclude each other."""
    typed = {name: values.pop(name) for name in _PARAMETERS}
    typed = {name: value for name, value in typed.items() if value is not None}
    issuer, account, yes = (values.pop(name) for name in ("issuer", "account", "yes"))
    has_source = any(values[name] not in ((), False, None) for name in _SOURCES)
    # Of a source's account the counter alone may be another.
    counter = typed.pop("counter", None) if has_source else None
    by_hand = [*typed, *(["encoding"] if values["encoding"] is not None else [])]
    _check(has_source, values["static"], values["diff"], by_hand)
    _check_copies(values)
    usual = STEAM if typed.get("type") == "steam" else USUAL
    asks_nothing = yes or values["dry_run"] or values["diff"]
    return Options(
        at_terminal,
        asking=at_terminal and not asks_nothing,
        all_of_it=values["take_all"] or asks_nothing,
        given=Given(issuer, account, counter),
        parameters=replace(usual, **typed),
        **values,
    )


def _check(has_source: bool, static: bool, diff: bool, by_hand: list[str]) -> None:
    typed = f"--{min(by_hand)}" if by_hand else None
    if has_source and typed:
        raise click.UsageError(
            _("{typed} is for accounts entered by hand; a source provides its own").format(
                typed=typed
            )
        )
    if static and (has_source or typed):
        what = (
            _("{typed} is for codes").format(typed=typed)
            if typed
            else _("it cannot be combined with a source")
        )
        raise click.UsageError(
            _("--static asks for a text, which generates no codes: {what}").format(what=what)
        )
    if diff and not has_source:
        raise click.UsageError(_("give a source for --diff to compare the token with"))


def _check_copies(values: dict[str, Any]) -> None:
    """Raise UsageError for --keep or --also if nothing is enrolled, or a companion is missing."""
    for name in ("keep", "also"):
        if values[name] is not None and (values["dry_run"] or values["diff"]):
            nothing = "--dry-run" if values["dry_run"] else "--diff"
            raise click.UsageError(
                _(
                    "the option --{option} is for accounts that are added; {nothing} adds none"
                ).format(option=name, nothing=nothing)
            )
    if values["keep"] is not None and values["static"]:
        raise click.UsageError(_("an app password cannot be kept: Aegis has no place for a text"))
    if values["keep_password_file"] is not None and values["keep"] is None:
        raise click.UsageError(_("the option --keep-password-file needs --keep"))
    if values["hotp"] and values["also"] is None:
        raise click.UsageError(_("the option --hotp needs --also"))


class _CameraNumber(click.ParamType):
    """The number of a camera; what follows --camera and is none is easily a SOURCE."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdecimal()) or len(value) > 3:
            self.fail(
                _("'{value}' is not a camera number; put SOURCE before --camera").format(
                    value=value
                ),
                param,
                ctx,
            )
        return int(value)


def _choice(names: Sequence[str]) -> click.Choice[str]:
    return click.Choice(names, case_sensitive=False)


def _flag(*names: str, help: str) -> Callable[..., Any]:
    return click.option(*names, is_flag=True, help=help)


_OPTIONS = (
    click.argument("source", nargs=-1),
    _flag("--clipboard", help="Use the picture or the URIs on the clipboard."),
    _flag("--screen", help="Look for QR codes on every monitor."),
    click.option(
        "--camera",
        type=_CameraNumber(),
        metavar="[N]",
        is_flag=False,
        flag_value=0,
        help="Look for a QR code through a camera; 0 is the first one. Needs otptoken[camera].",
    ),
    _flag("--static", help="Ask for an app password; the token shows it but never sends it."),
    click.option("--issuer", help="Store this issuer instead of the source's."),
    click.option("--account", help="Store this account name instead of the source's."),
    _flag("--all", "take_all", help="Add every account in the source."),
    _flag("--replace", help="Replace accounts that are already on the token."),
    _flag("--yes", "-y", help="Ask no questions: add every account found."),
    _flag("--guess", help="Accept the guess where a source is ambiguous."),
    _flag("--incomplete", help="Import a Google export with codes missing."),
    _flag(
        "--keep-going",
        help="Add the good entries even if others in the source are bad; the bad ones are listed.",
    ),
    _flag(
        "--delete-pictures",
        help="Delete each picture once everything in it is on the token, and clear the clipboard.",
    ),
    _flag(
        "--delete-sources",
        help="Like --delete-pictures, but also delete text files with URIs, and exports that are "
        "not encrypted.",
    ),
    _flag("--dry-run", help="Check the source and show what would be added; no token is needed."),
    _flag("--diff", help="Show what is on the token but not in the source, and vice versa."),
    click.option(
        "--password-file",
        metavar="FILE",
        help="Read the password of an export from a file's first line.",
    ),
    click.option(
        "--format",
        type=_choice(apps.NAMES),
        metavar="APP",
        help="The app that the export is from: " + ", ".join(apps.NAMES) + ".",
    ),
    _flag("--allow-slow", help="Allow an export whose key takes 1 GiB of memory and a long time."),
    click.option(
        "--type", type=_choice(["totp", "hotp", "steam"]), help="Manual entry only. [totp]"
    ),
    click.option("--algorithm", type=_choice(ALGORITHMS), help="Manual entry only. [SHA1]"),
    click.option("--digits", type=int, help="Manual entry only. [6]"),
    click.option("--period", type=int, help="Manual entry only, in seconds. [30]"),
    click.option(
        "--keep",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        help=(
            "Also save what is added in FILE, encrypted with a passphrase, for Aegis "
            "on a phone or another token. Whoever has the file and its passphrase has"
            " the accounts."
        ),
    ),
    click.option(
        "--keep-password-file",
        metavar="FILE",
        help="Read the passphrase for --keep from the first line of FILE.",
    ),
    click.option(
        "--also",
        metavar="TOKEN",
        help="Add the same accounts to a second token, named by its port or serial number, and "
        "verify them on both.",
    ),
    _flag("--hotp", help="With --also: add HOTP accounts too, though their counters drift apart."),
    click.option(
        "--counter",
        type=int,
        help="For HOTP: manual entry [0], or to override the source's, which some "
        "sources leave out.",
    ),
    click.option(
        "--encoding",
        type=_choice(secret_text.ENCODINGS),
        help="Manual entry only: how the secret is written, if it could be either.",
    ),
)


def provision_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them all by name."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
