"""tokenctl harden: what can close a chip permanently, and burning it."""

import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokenctl.cli import chip_key, examination
from tokenctl.cli.flash_board import choose_port, released
from tokenctl.cli.flash_events import WORDS, Events
from tokenctl.cli.global_options import global_options
from tokenctl.cli.harden_board import (
    TRIED,
    check_serial,
    confirm,
    reach,
    require_same,
    require_wiring,
    working,
)
from tokenctl.cli.image_options import image_options
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.errors import HardeningRefused
from tokenctl.hardening.measures import BURNABLE, CHIP_KEY
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.flashing.loader import Loader
    from tokenctl.flashing.micropython_source import Choice
    from tokenctl.hardening.burning import Finding


@click.command()
@click.option("--check", is_flag=True, help="Show what the chip supports, with benefits and costs.")
@click.option(
    "--burn",
    metavar="MEASURE",
    type=click.Choice(BURNABLE),
    multiple=True,
    help=f"Burn a measure permanently: {', '.join(BURNABLE)}. Repeat --burn for several.",
)
@click.option(
    "--examine-chip-key",
    is_flag=True,
    help="Examine a chip that has the published test key, for what its manuals leave open.",
)
@image_options
@global_options
@click.pass_obj
def harden(
    session: Session,
    check: bool,
    burn: tuple[str, ...],
    examine_chip_key: bool,
    choice: "Choice",
    board: Path | None,
) -> None:
    """Show how to close the board permanently, with its chip's eFuses, against whoever holds it.

    Without --burn nothing is changed. With it, a measure is burnt after you type a
    confirmation, and only on a token whose flash matches the release of this tokenctl,
    which is checked on the board. What is burnt stays burnt: nothing can undo it.
    """
    if check + bool(burn) + examine_chip_key > 1:
        raise click.UsageError(_("Use only one of --check, --burn and --examine-chip-key"))
    if not burn and not examine_chip_key:
        _check(session)
        return
    if choice.unpinned:
        raise click.UsageError(
            _("A board can only be closed with a pinned image, not with --unpinned")
        )
    if examine_chip_key:
        examination.examine(session, choice, board)
        return
    if burn == (CHIP_KEY,):
        chip_key.burn_and_bind(session, choice, board)
        return
    _burn(session, burn, choice, board)


def _check(session: Session) -> None:
    # Here, not above, as in flash: esptool takes long to load.
    from tokenctl.flashing.loader import Loader
    from tokenctl.hardening import burning

    output = session.output
    port = choose_port(session)
    with reach(Loader, port) as loader:
        check_serial(session, loader)
        found = burning.findings(loader)
    if output.as_json:
        output.data(_described(loader, found))
    else:
        _show(output, loader, found)


def _burn(session: Session, names: Sequence[str], choice: "Choice", wiring: Path | None) -> None:
    from tokenctl.flashing.loader import Board
    from tokenctl.hardening import burning

    output = session.output
    events = Events(Output(as_json=False), WORDS)
    port = choose_port(session)
    serial = _see_it_work(replace(session, port=port))
    with reach(Board, port) as board:
        check_serial(session, board)
        if serial is not None:
            require_same(board, serial)
        chosen = burning.chosen(burning.findings(board), names)
        with events.bar():
            regions = released(board, choice, wiring, events.report)
        board.wake()
        require_wiring(board, wiring)
        burning.check_flash(board, regions)
        confirm(output, board, chosen)
        burnt = burning.burn(board, chosen)
    if output.as_json:
        output.data({"serial": board.mac, "burnt": burnt})
        return
    for each in chosen:
        name = each.measure.name
        back = _("read back") if burnt[name] == "burnt" else _("no longer readable, as intended")
        output.line(
            _("Burnt: {name} ({efuse}), {back}.").format(back=back, efuse=each.efuse, name=name)
        )


def _see_it_work(session: Session) -> str | None:
    """Make sure that the token works before it is closed; return its serial number.

    None where the port cannot reset it, so that it was not asked. Raises HardeningRefused, and
    OtherTokens if the options name another one.
    """
    from tokenctl.device.transport import has_reset_line

    output = session.output
    if not has_reset_line(session.port or ""):
        output.warn(
            _("this port has no reset line, so tokenctl could not check that the token works")
        )
        return None
    with working(session) as token:
        identity = token.identity
    if identity.development:
        raise HardeningRefused(_("the token runs a development build; nothing was burnt"))
    output.note(
        _("The token works. If its board does not reset by itself, hold BOOT and press EN now.")
    )
    return identity.serial


def _described(loader: "Loader", found: Sequence["Finding"]) -> dict[str, Any]:
    return {
        "serial": loader.mac or None,
        "chip": loader.chip.name,
        "revision": None if loader.secure else loader.revision,
        "secure_loader": loader.secure,
        "measures": [each.describe() for each in found],
    }


def _show(output: Output, loader: "Loader", found: Sequence["Finding"]) -> None:
    from tokenctl.flashing.image_header import named
    from tokenctl.hardening.burning import STATES

    if loader.secure:
        output.line(
            _("Chip       {title}; its loader is in secure mode").format(title=loader.chip.title)
        )
    else:
        output.line(f"Chip       {loader.chip.title} {named(loader.revision)}, {loader.mac}")
    for each in found:
        state = _(STATES[each.state]) + (f": {each.why}" if each.why else "")
        output.line("")
        output.line(f"{each.measure.name}: {_(each.measure.title)} ({each.efuse})")
        for label, text in (
            (_("state"), state),
            (_("benefit"), _(each.measure.buys)),
            (_("cost"), _(each.measure.costs)),
        ):
            for line in _wrapped(f"  {label:<9}", text):
                output.line(line)
    output.note("")
    if not loader.has_reset_line:
        output.note(_("This port has no reset line: press EN on the board to start the token."))
    output.note(_("To burn one that is not burnt yet, permanently: tokenctl harden --burn MEASURE"))
    output.note(_("Warning: {tried}.").format(tried=_(TRIED)))


def _wrapped(head: str, text: str) -> list[str]:
    """Return the lines of a text after its label; one line if there is no terminal."""
    if not sys.stdout.isatty():
        return [head + text]
    columns = shutil.get_terminal_size().columns
    return textwrap.wrap(head + text, columns, subsequent_indent=" " * len(head))
