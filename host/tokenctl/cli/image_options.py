"""The options that say what belongs on a board, for the commands that need it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from tokenctl.cli.board_argument import BOARD


class _FileOrVersion(click.ParamType):
    """A file that exists, or what may be a version: whether it is one depends on the chip."""

    name = "file or version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or say that there is no such file."""
        from tokenctl.flashing.releases import is_version

        if not Path(value).is_file() and not is_version(value):
            self.fail(f"There is no file '{value}', and it is no version either.", param, ctx)
        return value


def image_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options, as arguments `choice` (micropython_source.Choice) and `board`."""

    @wraps(command)
    def choosing(
        *arguments: Any,
        micropython: str | None,
        releases: Path | None,
        unpinned: bool,
        **others: Any,
    ) -> Any:
        from tokenctl.flashing.micropython_source import Choice

        choice = Choice(micropython, releases, unpinned)
        return command(*arguments, choice=choice, **others)

    options = (
        click.option(
            "--micropython",
            metavar="FILE|VERSION",
            type=_FileOrVersion(),
            help="MicroPython's .bin for the board, or a known version such as v1.24.0; without "
            "it, the version that suits the chip. What is downloaded is kept in the user's "
            "cache, or in the folder that TOKENCTL_CACHE names.",
        ),
        click.option(
            "--releases",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Another manifest of known versions (JSON), for a mirror of your own.",
        ),
        click.option(
            "--board",
            metavar="FILE|NAME",
            type=BOARD,
            help="The definition of your wiring (JSON), or a name that tokenctl board list shows; "
            "without it, the one for the chip's development board.",
        ),
        click.option("--unpinned", is_flag=True, help="Take a file that is not the released one."),
    )
    decorated: Callable[..., Any] = choosing
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
