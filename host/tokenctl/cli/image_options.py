"""The options that say what belongs on a board, for the commands that need it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from tokenctl.cli.board_argument import BOARD
from tokenctl.language import _


class _FileOrVersion(click.ParamType):
    """An existing file, or what may be a version: whether it is one depends on the chip."""

    name = "file or version"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text; fail if there is no such file."""
        from tokenctl.flashing.releases import is_version

        if not Path(value).is_file() and not is_version(value):
            self.fail(
                _("There is no file '{value}', and it is not a version number either.").format(
                    value=value
                ),
                param,
                ctx,
            )
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
            help="MicroPython's .bin file for the board, or a known version such as "
            "v1.24.0. Default: the version for the chip. Downloads are kept in the "
            "user's cache, or in the folder named by TOKENCTL_CACHE.",
        ),
        click.option(
            "--releases",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Use another manifest of known versions (JSON), such as your own mirror's.",
        ),
        click.option(
            "--board",
            metavar="FILE|NAME",
            type=BOARD,
            help="The definition of your wiring (JSON), or a name from tokenctl board "
            "list. Default: the chip's development board.",
        ),
        click.option(
            "--unpinned", is_flag=True, help="Accept a file that is not the pinned release."
        ),
    )
    decorated: Callable[..., Any] = choosing
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
