"""tokenctl status and wipe: the token itself."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict

import click

from otpcore.version import VERSION
from tokenctl.cli import backup_state, clock_state
from tokenctl.cli.clock_log import print_log
from tokenctl.cli.commands import fault
from tokenctl.cli.global_options import global_options
from tokenctl.cli.protection import advice, protection
from tokenctl.cli.session import Session
from tokenctl.device.models import Identity, Status
from tokenctl.errors import BadPayload
from tokenctl.language import _, marked, plural

ATTEMPTS = 10  # wrong PINs in a row, then the token wipes itself
_DEVELOPMENT = marked(
    "for development: its REPL is open, and anyone with the cable can read "
    "everything; not for real accounts (tokenctl flash restores a release "
    "build)"
)
_BOOT_BUTTON = marked(
    "the board's BOOT button: a hostile computer can press it through the "
    "USB lines and so approve its own requests; it protects against mistakes "
    "only"
)
_IDENTITY = ("serial", "board", "firmware", "protocol")
_CLOSED = marked(
    "not opened, and left unchanged; tokenctl flash reinstalls the firmware "
    "and keeps the vault, and a long press of the button tries again"
)
_FAILS = marked(
    "not opened, and left unchanged; tokenctl flash reinstalls the firmware "
    "and keeps the vault, a long press of the button tries again, and tokenctl "
    "wipe erases everything"
)


@click.command()
@click.option("--clock-log", is_flag=True, help="Show the log of changes to the clock instead.")
@global_options
@click.pass_obj
def status(session: Session, clock_log: bool) -> None:
    """Show details of the token, and the state of its vault and clock.

    The clock is compared with this computer's. The exit code is 0 whatever it
    finds; tokenctl doctor looks closer, and ends with 19 if something is wrong.
    """
    output = session.output
    with session.token() as token:
        if clock_log:
            print_log(output, token.clock_log())
            return
        identity, state = token.identity, token.status()
        apart = None if state.unix_time is None else token.clock_offset()
        kept = backup_state.state_of(token) if state.vault == "ready" else None
        more = "" if session.json or state.fault is not None else advice(token, state)
    if session.json:
        known = {name: getattr(identity, name) for name in _IDENTITY}
        backups = {"backup": None if kept is None else asdict(kept)}
        output.data(
            known | asdict(state) | _flags(identity) | backups | clock_state.offset_fields(apart)
        )
        return
    about = f"{identity.serial}, {identity.board}, firmware {identity.firmware}"
    output.line(_line(_("Token"), about))
    if identity.development:
        output.line(_line(_("Build"), _(_DEVELOPMENT)))
    if identity.boot_button:
        output.line(_line(_("Button"), _(_BOOT_BUTTON)))
    if state.fault is not None:
        output.line(_line(_("Fault"), _describe(state.fault, identity)))
        output.line(_line(_("Vault"), _(_CLOSED if state.fault in _DAMAGE else _FAILS)))
        return
    for name, text in _vault(state):
        output.line(_line(name, text))
    if kept is not None:
        output.line(_line(_("Backup"), backup_state.describe(kept)))
    output.line(_line(_("Clock"), clock_state.describe_clock(state, apart)))
    if drift := clock_state.describe_drift(state):
        output.line(_line(_("Drift"), drift))
    if state.battery:
        volts, charge = state.battery.get("millivolts", 0) / 1000, state.battery.get("percent", 0)
        about = _("about {charge} % ({volts:.2f} V)").format(charge=charge, volts=volts)
        output.line(_line(_("Battery"), about))
    output.line(_line(_("Protection"), protection(state)))
    if more:
        output.line(_line(_("Advice"), more))


def _line(name: str, text: str) -> str:
    return f"{name:<10}  {text}"  # two blanks make it a label: layout.prose


_DAMAGE = {  # as firmware/tokenfw/system/rescue.py says it
    "damaged": marked("the firmware is damaged: reinstall it with tokenctl flash"),
    "no_memory": marked(
        "the chip has too little memory to start the firmware: install a version that fits with "
        "tokenctl flash, or use another board"
    ),
    "no_board": marked(
        "the board definition, board.json, is missing or damaged: reinstall the "
        "firmware with tokenctl flash, and add --board if you use your own wiring"
    ),
}


def _describe(fault: str, identity: Identity) -> str:
    if fault in _DAMAGE:
        return _(_DAMAGE[fault])
    return _("the firmware fails at every start: {fault}").format(
        fault=describe_fault(_in_the_sources(fault, identity))
    )


def _in_the_sources(text: str, identity: Identity) -> str:
    """Return a fault with its place in the sources, if the token runs this release."""
    if identity.firmware != VERSION or identity.development:
        return text
    with contextlib.suppress(BadPayload):
        return fault.of_this_firmware().translate(text)
    return text


def describe_fault(text: str) -> str:
    """Return what failed, as a clause: `text` is a class and its place, or a reset cause."""
    name, _blank, place = text.partition(" ")
    if place:
        return _("{name} at {place}").format(name=name, place=place)
    return {"hung": _("it hangs"), "crashed": _("the chip crashes")}.get(name, name)


def _flags(identity: Identity) -> dict[str, bool]:
    return {"development": identity.development, "boot_button": identity.boot_button}


_FAULTS = {
    "older": marked(
        "written by an older firmware, and this one cannot convert it: go back "
        "to the older firmware, or start afresh with tokenctl wipe"
    ),
    "newer": marked("written by a newer firmware, and left unchanged: update the firmware"),
    "no_chip_key": marked(
        "bound to the key of another chip, or this chip is failing: it opens on its own chip only"
    ),
    "foreign": marked(
        "its keys are damaged, or its flash holds foreign data: start afresh with tokenctl wipe"
    ),
    "no_entropy": marked("not created: the random generator fails its health check"),
}


def _vault(state: Status) -> Iterator[tuple[str, str]]:
    """Yield the lines about the vault."""
    if state.vault in _FAULTS:
        yield _("Vault"), _(_FAULTS[state.vault])
    elif state.vault == "locked":
        yield _("Accounts"), _("locked: enter the PIN on the token")
    else:
        yield (
            _("Accounts"),
            _("{account_count} of {capacity}").format(
                account_count=state.account_count, capacity=state.capacity
            ),
        )
    if state.has_pin and state.pin_attempts_left < ATTEMPTS:
        left = state.pin_attempts_left
        yield (
            _("PIN"),
            _("{wrong} wrong in a row; {left} more will erase everything").format(
                left=left, wrong=ATTEMPTS - left
            ),
        )
    if state.damaged_count:
        yield (
            _("Damaged"),
            plural(
                "{count} record in the vault cannot be read",
                "{count} records in the vault cannot be read",
                state.damaged_count,
            ).format(count=state.damaged_count),
        )
    if state.changed:
        yield _("Changed"), _("records are missing from the flash, or older ones were put back")
    if state.partial:
        yield (
            _("Left out"),
            _("memory has no room for all accounts: the others are kept, but not shown"),
        )
    if state.restoring:
        yield _("Restore"), _("not finished: no account can be added or changed until it is")
    if state.strong_key is False:
        yield _("Randomness"), _("the vault key was drawn without the radio, and may be weak")


@click.command()
@global_options
@click.pass_obj
def wipe(session: Session) -> None:
    """Erase every account and setting on the token. This cannot be undone.

    The token asks for confirmation: hold its button for 3 seconds to agree.
    """
    with session.token() as token:
        token.wipe()
        serial, left = token.identity.serial, 0
        if token.identity.fault is None:  # else it starts anew now
            left = token.status().account_count
    if session.json:
        session.output.data({"serial": serial, "account_count": left})
    else:
        session.output.note(_("The token {serial} is empty.").format(serial=serial))
