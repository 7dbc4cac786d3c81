"""tokenctl fault: where in the sources a fault of the firmware was."""

import sys
from pathlib import Path

import click

from otpcore.version import VERSION
from tokenctl.cli import terminal
from tokenctl.cli.global_options import global_options
from tokenctl.cli.session import Session
from tokenctl.language import _
from tokenctl.payload import firmware_folder
from tokenctl.release import build, translating
from tokenctl.system_sentences import reason

_ARCH = "xtensawin"  # the lines are the same for every chip
_STANDARD_INPUT = "-"
_PLACELESS = ("hung", "crashed")  # see tokenfw.system.faults
_MOST = 1 << 20  # bytes of it that are read


def of_this_firmware() -> translating.Map:
    """Return the map of the firmware that this tokenctl flashes; raise BadPayload."""
    return translating.Map(_own_map())


def _own_map() -> bytes:
    return translating.as_map(build.build(firmware_folder(), _ARCH), VERSION)


@click.command()
@click.argument("text", required=False)
@click.option(
    "--map",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The map of the release that the token runs. Default: the one for this "
    "tokenctl's firmware.",
)
@click.option(
    "--save-map",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the map of this tokenctl's firmware to FILE.",
)
@global_options
@click.pass_obj
def fault(session: Session, text: str | None, path: Path | None, save_map: Path | None) -> None:
    """Find the source line of a fault that a token shows. TEXT is what its screen says.

    The token identifies a fault by its class, and by the unit and line of the release, for
    example "ValueError 0:88". A map translates this, and fits one release only.

    With - as TEXT, it reads standard input, for example the traceback of a development build,
    whose map make deploy leaves in build/development.map.
    """
    typed = text != _STANDARD_INPUT
    if not typed:
        text = _read()
    if text is None and save_map is None:
        raise click.UsageError(_("Enter the text of the fault, or use --save-map."))
    if save_map is not None:
        try:
            save_map.write_bytes(_own_map())
        except OSError as error:
            raise click.UsageError(
                _("The map cannot be written: {why}.").format(why=reason(error))
            ) from None
    if text is not None:
        known = translating.read(path) if path is not None else of_this_firmware()
        if typed and text not in _PLACELESS and not translating.has_place(text):
            session.output.warn(
                _("the text has no place in it such as 0:88: enter all that the screen shows")
            )
        found = known.translate(text)
        if session.json:
            session.output.data({"fault": found, "firmware": known.firmware})
        else:
            terminal.lines(found.splitlines())
        if places := known.unknown(text):
            session.output.warn(
                _(
                    "{places}: not in the map of firmware {version}; if the token runs another "
                    "release, give that release's map with --map"
                ).format(places=", ".join(places), version=known.firmware)
            )


def _read() -> str | None:
    """Return what standard input has, None if there is nothing."""
    if sys.stdin is None:
        return None
    return sys.stdin.buffer.read(_MOST).decode("utf-8", "replace") or None
