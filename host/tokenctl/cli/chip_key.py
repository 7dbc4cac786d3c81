"""The chip's own key at the command line: burnt permanently, and the vault bound to it.

These are two steps: after burning, the token restarts and has to give the key's answers before
anything is bound. If interrupted in between, the same command resumes.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from otpcore.errors import WireError
from tokenctl.cli.flash_board import choose_port, released
from tokenctl.cli.flash_events import WORDS, Events
from tokenctl.cli.harden_board import (
    check_serial,
    confirm,
    reach,
    require_same,
    require_wiring,
    typed,
    working,
)
from tokenctl.cli.output import Output
from tokenctl.cli.protection import protection
from tokenctl.cli.session import Session
from tokenctl.device.chip import CAPABILITY
from tokenctl.device.models import BackupState, Status
from tokenctl.device.token import Token
from tokenctl.errors import HardeningRefused, NoChipKey, TokenctlError
from tokenctl.hardening import key_answers
from tokenctl.hardening.measures import CHIP_KEY as MEASURE
from tokenctl.language import _, plural

if TYPE_CHECKING:
    from tokenctl.flashing.micropython_source import Choice

_HOPELESS = ("absent", "no_answer")  # of what the token finds: a key burnt now changes nothing


def burn_and_bind(session: Session, choice: "Choice", wiring: Path | None) -> None:
    """Burn a key into the token's chip, and bind its vault to it; resume if interrupted before."""
    output = session.output
    port = choose_port(session)
    session = replace(session, port=port)
    with working(session) as token:
        status, state = ready(token)
        _require_backup(token, output, status)
        if state == "usable":
            output.note(_("The chip already has its key. What remains is to bind the vault to it."))
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
                "tokenctl harden --burn chip-key continues"
            )
        )
        raise


def ready(token: Token) -> tuple[Status, str]:
    """Return the status of the token and of its chip's key; raise HardeningRefused."""
    if token.identity.development:
        raise HardeningRefused(_("the token runs a development build; nothing was burnt"))
    if CAPABILITY not in token.identity.capabilities:
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
        raise HardeningRefused(_("the vault is already bound to the chip's key; nothing was burnt"))
    state = token.chip.key().state
    if state in _HOPELESS:
        why = _why(state)
        raise HardeningRefused(_("{why}; nothing was burnt").format(why=why))
    return status, state


def _why(state: str) -> str:
    """Return why a chip's key is not used, as a clause."""
    return {
        "absent": _(
            "this chip cannot bind a PIN, because it has no HMAC peripheral: use a PIN of ten "
            "digits or more, or another chip"
        ),
        "no_key": _("no eFuse block holds one"),
        "readable": _("software can read the key"),
        "no_answer": _("the chip's HMAC peripheral does not answer as it should"),
        "no_function": _("the chip's HMAC peripheral gives the same answer to every question"),
        "no_secret": _("the key is 32 zeros"),
        "test_key": _("the key is the published test key"),
    }.get(state, state)


def _require_backup(token: Token, output: Output, status: Status) -> None:
    """Require the user to type that there is no backup, unless a checked one has all accounts.

    If the chip fails, the accounts are gone. Empty vaults are exempt. Raises HardeningRefused.
    """
    if status.account_count == 0:
        return
    lacking = _lacking(token.backups.state(), status)
    if not lacking:
        output.note(_("The token's last backup has been checked, and nothing has changed since."))
        return
    output.note(
        _(
            "Once bound, the accounts open on this chip only: if it fails, they are gone, "
            "unless you have a backup. {lacking}."
        ).format(lacking=lacking)
    )
    if not typed(_("I have no backup")):
        raise HardeningRefused(_("nothing was burnt, because it was not confirmed"))


def _lacking(state: BackupState, status: Status) -> str:
    """Return why no backup is known to hold the token's present content; empty if one does."""
    if status.vault == "locked":
        return _(
            "The token is locked, and does not tell whether a backup was checked: unlock it, "
            "and run the command again"
        )
    if state.damaged:
        return _("The token's record of its backups is damaged, so it cannot make one")
    if state.made_at is None:
        return _("This token has made no backup: tokenctl backup FILE makes one")
    if state.changed_count:
        return plural(
            "{count} account has been added or changed since the last backup: make another one",
            "{count} accounts have been added or changed since the last backup: make another one",
            state.changed_count,
        ).format(count=state.changed_count)
    if not state.drilled_at:
        return _("The last backup was never checked: tokenctl backup FILE --verify --full does it")
    return ""


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
        _("The token works. If its board does not reset by itself, hold BOOT and press EN now.")
    )
    with reach(Board, port) as board:
        check_serial(session, board)
        require_same(board, serial)
        chosen = burning.chosen(burning.findings(board), [MEASURE])
        with events.bar():
            regions = released(board, choice, wiring, events.report)
        board.wake()
        require_wiring(board, wiring)
        burning.check_flash(board, regions)
        block = chip_key.free_block(Efuses(board.esp))
        if key is None:
            confirm(output, board, chosen)
            key = chip_key.draw()
            key_answers.remember(serial, block.number, key_answers.of_key(key))
        elif not typed(f"burn test key {board.mac}"):
            raise HardeningRefused(_("nothing was burnt, because it was not confirmed"))
        chip_key.burn(board, block, key)
        del key
    output.note(_("The key has been burnt into {block}.").format(block=block.name))


def bind(token: Token, output: Output) -> None:
    """Bind the vault to the chip's key, and report how strong that is."""
    found = token.chip.key()
    if found.block is None:
        why = _why(found.state)
        raise NoChipKey(_("the chip has no key that can be trusted: {why}").format(why=why))
    serial = token.identity.serial
    known = key_answers.remembered(serial, found.block)
    if known is None:
        output.note(_("This computer did not burn the key, so it trusts what the chip answers."))
    token.chip.bind(found.block, known)
    status = token.status()
    if output.as_json:
        chain = {"bound": status.bound, "pin_chain": status.pin_chain}
        output.data({"serial": serial, "block": found.block} | chain)
        return
    output.note(_("The vault is bound to this chip, and everything has been re-encrypted."))
    output.note(_("Protection: {protection}.").format(protection=protection(status)))
