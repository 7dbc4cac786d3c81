"""The options of tokenctl provision: what each means, and which do not go together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from otpcore.account import ALGORITHMS, STEAM_LETTERS
from tokenctl.enrol import apps, secret_text
from tokenctl.enrol.draft import NOTHING_GIVEN, Given

_MANUAL = ("type", "algorithm", "digits", "period", "counter", "encoding")


@dataclass(frozen=True)
class Options:
    """What the command line says; `manual` are the fields of an account that is typed by hand.

    `at_terminal` is whether somebody is there who can be asked.
    """

    at_terminal: bool = False
    source: tuple[str, ...] = ()
    clipboard: bool = False
    screen: bool = False
    camera: int | None = None  # its number
    static: bool = False
    given: Given = NOTHING_GIVEN
    take_all: bool = False
    replace: bool = False
    yes: bool = False
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
    manual: dict[str, Any] = field(default_factory=dict)

    @property
    def has_source(self) -> bool:
        """Whether anything but the keyboard is to be read."""
        return bool(self.source or self.clipboard or self.screen or self.camera is not None)

    @property
    def asking(self) -> bool:
        """Whether somebody is to choose, and to say what no option says."""
        return self.at_terminal and not (self.yes or self.dry_run or self.diff)

    @property
    def all_of_it(self) -> bool:
        """Whether a source may hold several accounts, and nobody is asked which."""
        return self.take_all or self.yes or self.dry_run or self.diff


def read_options(at_terminal: bool, values: dict[str, Any]) -> Options:
    """Return the options that click parsed; raise UsageError for what does not go together."""
    manual = {name: values.pop(name) for name in _MANUAL}
    manual = {name: value for name, value in manual.items() if value is not None}
    names = values.pop("issuer"), values.pop("account")
    options = Options(at_terminal, **values)
    # Of a source's account the counter alone may be another.
    counter = manual.pop("counter", None) if options.has_source else None
    options = Options(at_terminal, **values, given=Given(*names, counter), manual=manual)
    _check(options)
    if manual.get("type") == "steam":
        manual.setdefault("digits", STEAM_LETTERS)
    return options


def _check(options: Options) -> None:
    typed = f"--{min(options.manual)}" if options.manual else None
    if options.has_source and typed:
        raise click.UsageError(f"{typed} is for accounts typed by hand; a source says its own")
    if options.static and (options.has_source or typed):
        what = f"{typed} is for codes" if typed else "it comes from no other source"
        raise click.UsageError(f"--static asks for a text, which makes no codes: {what}")
    if options.diff and not options.has_source:
        raise click.UsageError("there is no source for --diff to compare the token with")


class _CameraNumber(click.ParamType):
    """The number of a camera; what follows --camera and is none is easily a SOURCE."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdecimal()) or len(value) > 3:
            self.fail(f"'{value}' is no camera's number; a SOURCE goes before --camera", param, ctx)
        return int(value)


def _choice(names: Sequence[str]) -> click.Choice[str]:
    return click.Choice(names, case_sensitive=False)


def _flag(*names: str, help: str) -> Callable[..., Any]:
    return click.option(*names, is_flag=True, help=help)


_OPTIONS = (
    click.argument("source", nargs=-1),
    _flag("--clipboard", help="Take the picture or the URIs that were copied last."),
    _flag("--screen", help="Look for QR codes on every monitor."),
    click.option(
        "--camera",
        type=_CameraNumber(),
        metavar="[N]",
        is_flag=False,
        flag_value=0,
        help="Look through a camera for a QR code; 0 is the first one. Needs otptoken[camera].",
    ),
    _flag("--static", help="Ask for an app password: the token shows it, never sends it."),
    click.option("--issuer", help="Store this issuer instead of the source's."),
    click.option("--account", help="Store this account name instead of the source's."),
    _flag("--all", "take_all", help="Add every account that a source holds."),
    _flag("--replace", help="Write over an account that the token has already."),
    _flag("--yes", "-y", help="Ask nothing: add every account that is found."),
    _flag("--guess", help="Take what is guessed where a source is ambiguous."),
    _flag("--incomplete", help="Take a part of a Google export whose other codes lack."),
    _flag(
        "--keep-going",
        help="Add what is good where a source holds bad enrolments, too; those are listed.",
    ),
    _flag(
        "--delete-pictures",
        help="Delete each picture when all that it holds is on the token, and empty the clipboard.",
    ),
    _flag("--delete-sources", help="The same, and text files with URIs are deleted, too."),
    _flag("--dry-run", help="Check and show what would be added; no token needed."),
    _flag(
        "--diff", help="Show what is on the token and not in the source, and the other way round."
    ),
    click.option(
        "--password-file",
        metavar="FILE",
        help="Take an export's password from a file's first line.",
    ),
    click.option(
        "--format",
        type=_choice(apps.NAMES),
        metavar="APP",
        help="Say whose export it is: " + ", ".join(apps.NAMES) + ".",
    ),
    _flag("--allow-slow", help="Let an export's key take a GiB and time."),
    click.option("--type", type=_choice(["totp", "hotp", "steam"]), help="By hand only. [totp]"),
    click.option("--algorithm", type=_choice(ALGORITHMS), help="By hand only. [SHA1]"),
    click.option("--digits", type=int, help="By hand only. [6]"),
    click.option("--period", type=int, help="By hand only, in seconds. [30]"),
    click.option(
        "--counter",
        type=int,
        help="For HOTP: by hand [0], or in the place of the source's, which some leave out.",
    ),
    click.option(
        "--encoding",
        type=_choice(secret_text.ENCODINGS),
        help="By hand only: how the secret is written, where it may be either.",
    ),
)


def provision_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them all by name."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
