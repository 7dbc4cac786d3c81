"""The chip's own key at the command line: burnt once, for good, and the vault bound to it.

The two are apart: after the burning the token starts, and has to answer as the key does before
anything is bound. Whatever ends it in between, the same command goes on.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from otpcore.errors import WireError
from tokenctl.cli.flash_board import choose_port, released
from tokenctl.cli.flash_events import WORDS, Events
from tokenctl.cli.harden_board import check_serial, confirm, reach, typed
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.cli.strength import protection
from tokenctl.device.models import Status
from tokenctl.device.token import CHIP_KEY, Token
from tokenctl.errors import HardeningRefused, LinkError, NoToken, TokenctlError
from tokenctl.hardening import answers
from tokenctl.hardening.measures import CHIP_KEY as MEASURE
from tokenctl.language import _

if TYPE_CHECKING:
    from tokenctl.flashing.micropython_source import Choice

_HOPELESS = ("absent", "no_answer")  # of what the token finds: a key burnt now changes nothing


def burn_and_bind(session: Session, choice: "Choice", wiring: Path | None) -> None:
    """Burn a key into the token's chip, and bind its vault to it; go on where that ended."""
    output = session.output
    port = session.port or choose_port(output)
    session = replace(session, port=port)
    with working(session) as token:
        status, state = ready(token)
        _require_backup(output, status)
        if state == "usable":
            output.note(_("The chip has its key already. What is left is to bind the vault to it."))
            bind(token, output)
            return
        serial = token.identity.serial
    burn(session, serial, choice, wiring)
    try:
        with session.token() as token:
            bind(token, output)
    except (TokenctlError, WireError):
        output.warn(
            _(
                "the key is burnt, but the vault is not bound to it yet; nothing is lost, and "
                "tokenctl harden --burn chip-key goes on"
            )
        )
        raise


def working(session: Session) -> Token:
    """Return the token, which says hello; raise HardeningRefused."""
    try:
        return session.open()
    except NoToken:
        raise
    except (TokenctlError, WireError):
        raise HardeningRefused(
            _(
                "the token at {port} does not say hello, and only one that works is hardened; "
                "nothing was burnt"
            ).format(port=session.port)
        ) from None


def ready(token: Token) -> tuple[Status, str]:
    """Return the token's status and that of its chip's key; raise HardeningRefused."""
    if token.identity.development:
        raise HardeningRefused(_("the token runs a development build; nothing was burnt"))
    if CHIP_KEY not in token.identity.capabilities:
        raise HardeningRefused(
            _(
                "the token's firmware cannot bind a PIN to its chip yet: update it with "
                "tokenctl flash; nothing was burnt"
            )
        )
    status = token.status()
    if status.vault not in ("ready", "locked"):
        raise HardeningRefused(_("the token's vault cannot be opened; nothing was burnt"))
    if status.bound:
        raise HardeningRefused(_("the vault is bound to the chip's key already; nothing was burnt"))
    state = token.chip_key().state
    if state in _HOPELESS:
        why = _why(state)
        raise HardeningRefused(_("{why}; nothing was burnt").format(why=why))
    return status, state


def _why(state: str) -> str:
    """Return why a chip's key is not used, as a clause."""
    return {
        "absent": _(
            "this chip has no HMAC peripheral: only a PIN of ten digits or more is a hindrance"
        ),
        "no_key": _("no eFuse block holds a key for it"),
        "readable": _("software can read the key"),
        "no_answer": _("the chip's HMAC peripheral does not answer as one that works"),
        "no_function": _("its HMAC peripheral answers every question alike"),
        "no_secret": _("the key is 32 zeros"),
        "test_key": _("the key is the published test key"),
    }.get(state, state)


def _require_backup(output: Output, status: Status) -> None:
    """Have somebody type that there is no backup: with the chip the accounts will be gone.

    Raises HardeningRefused. An empty vault needs none.
    """
    if status.account_count == 0:
        return
    output.note(
        _(
            "Once bound, the accounts open on this chip only: when it fails, they are gone. This "
            "tokenctl knows of no backup of this vault that was restored to try it."
        )
    )
    if not typed("I have no backup"):
        raise HardeningRefused(_("nothing was burnt, because nobody confirmed it"))


def burn(
    session: Session, serial: str, choice: "Choice", wiring: Path | None, key: bytes | None = None
) -> None:
    """Burn a key that is drawn, or the published test key `key`, into the chip of this token.

    `session` names its port. Raises HardeningRefused before anything is burnt.
    """
    # Here, not above, as in flash: esptool takes long to load.
    from tokenctl.flashing.loader import Board
    from tokenctl.hardening import burning, chip_key
    from tokenctl.hardening.efuses import Efuses

    output, port = session.output, session.port or ""
    events = Events(Output(as_json=False), WORDS)
    output.note(
        _("The token works. If its board does not reset itself, hold BOOT and press EN now.")
    )
    with reach(Board, port) as board:
        check_serial(session, board)
        if board.mac != serial:
            raise HardeningRefused(
                _("the board at {port} is not the token that was asked; nothing was burnt").format(
                    port=port
                )
            )
        chosen = burning.chosen(burning.findings(board), [MEASURE])
        with events.bar():
            regions = released(board.chip, choice, wiring, events.report)
        board.wake()
        burning.check_flash(board, regions)
        block = chip_key.free_block(Efuses(board.esp))
        if key is None:
            confirm(output, board, chosen)
            key = chip_key.draw()
            answers.remember(serial, block.number, answers.of_key(key))
        elif not typed(f"burn test key {board.mac}"):
            raise HardeningRefused(_("nothing was burnt, because nobody confirmed it"))
        chip_key.burn(board, block, key)
        del key
    output.note(_("The key is burnt into {block}.").format(block=block.name))


def bind(token: Token, output: Output) -> None:
    """Have the vault bound to the key that the chip has, and say how strong that is."""
    found = token.chip_key()
    if found.block is None:
        why = _why(found.state)
        raise LinkError(_("the chip has no key that can be relied on: {why}").format(why=why))
    serial = token.identity.serial
    known = answers.remembered(serial, found.block)
    if known is None:
        output.note(
            _("This computer did not burn the key, so the chip's own answers are taken for right.")
        )
    token.bind(found.block, known)
    status = token.status()
    if output.as_json:
        chain = {"bound": status.bound, "pin_chain": status.pin_chain}
        output.data({"serial": serial, "block": found.block} | chain)
        return
    output.note(_("The vault is bound to this chip, and everything is sealed anew."))
    output.note(_("Protection: {clause}.").format(clause=protection(status)))
