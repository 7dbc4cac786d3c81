"""A board definition on a command line: tokenctl's, and tokensim's."""

from pathlib import Path
from typing import Any

import click

from tokenctl.language import _
from tokenctl.payload import definitions_folder


class _Board(click.ParamType):
    """A board definition: a file, or the name of one that comes with tokenctl."""

    name = "file or name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the file's path; fail if there is no such file or board."""
        path = Path(value)
        if path.is_file():
            return path
        known = {each.stem: each for each in sorted(definitions_folder().glob("*.json"))}
        if value not in known:
            self.fail(
                _("There is no file '{value}', and no board with that name.").format(value=value),
                param,
                ctx,
            )
        return known[value]


BOARD = _Board()
