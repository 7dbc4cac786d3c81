"""tokenctl status and wipe: the token itself."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict

import click

from otpcore.version import VERSION
from tokenctl.cli.commands import clock, fault
from tokenctl.cli.session import Session, global_options
from tokenctl.cli.strength import advice, protection
from tokenctl.device.models import Identity, Status
from tokenctl.errors import BadPayload
from tokenctl.language import _

ATTEMPTS = 10  # wrong PINs in a row, then the token wipes itself
_DEVELOPMENT = (
    "for development: its REPL is open, and whoever has the cable reads everything; "
    "not for real accounts (tokenctl flash puts a release build on it)"
)
_BOOT_BUTTON = (
    "the board's BOOT: a hostile computer can press it through the USB lines, and so say yes to "
    "whatever it asks; it stops mistakes only"
)
_IDENTITY = ("serial", "board", "firmware", "protocol")
_CLOSED = (
    "not opened: it is as it was; tokenctl flash puts the firmware on the token anew and keeps it, "
    "a long press of the button tries once more"
)
_FAILS = f"{_CLOSED}, tokenctl wipe erases everything"


@click.command(short_help="Show what the token is, and the state of vault and clock.")
@click.option("--clock-log", is_flag=True, help="Show the log of the clock's changes instead.")
@global_options
@click.pass_obj
def status(session: Session, clock_log: bool) -> None:
    """Show what the token is, and the state of its vault and clock."""
    output = session.output
    with session.token() as token:
        if clock_log:
            clock.print_log(output, token.clock_log())
            return
        identity, state = token.identity, token.status()
        more = "" if session.json or state.fault is not None else advice(token, state)
    if session.json:
        known = {name: getattr(identity, name) for name in _IDENTITY}
        output.data(known | asdict(state) | _flags(identity))
        return
    output.line(f"Token      {identity.serial}, {identity.board}, firmware {identity.firmware}")
    if identity.development:
        output.line(f"Build      {_DEVELOPMENT}")
    if identity.boot_button:
        output.line(f"Button     {_BOOT_BUTTON}")
    if state.fault is not None:
        output.line(f"Fault      {_describe(state.fault, identity)}")
        output.line(f"Vault      {_CLOSED if state.fault in _DAMAGE else _FAILS}")
        return
    for name, text in _vault(state):
        output.line(f"{name:<10} {text}")
    output.line(f"Clock      {clock.describe_clock(state)}")
    if drift := clock.describe_drift(state):
        output.line(f"Drift      {drift}")
    if state.battery:
        volts, charge = state.battery.get("millivolts", 0) / 1000, state.battery.get("percent", 0)
        output.line(f"Battery    about {charge} % ({volts:.2f} V)")
    output.line(f"Protection {protection(state)}")
    if more:
        output.line(f"Advice     {more}")


_DAMAGE = {  # as firmware/tokenfw/system/rescue.py says it
    "damaged": "the firmware is damaged: write it again with tokenctl flash",
    "no_board": "the board definition, board.json, is missing or damaged: "
    "write the firmware again with tokenctl flash, and with --board if your wiring is your own",
}


def _describe(fault: str, identity: Identity) -> str:
    if fault in _DAMAGE:
        return _DAMAGE[fault]
    return f"the firmware fails at every start: {describe_fault(_in_the_sources(fault, identity))}"


def _in_the_sources(text: str, identity: Identity) -> str:
    """Return a fault with its place in the sources, where the token runs a release of ours."""
    if identity.firmware != VERSION or identity.development:
        return text
    with contextlib.suppress(BadPayload):
        return fault.of_this_firmware().translate(text)
    return text


def describe_fault(text: str) -> str:
    """Return what failed, as a clause: `text` is a class and its place, or how the chip ended."""
    name, _, place = text.partition(" ")
    if place:
        return f"{name} at {place}"
    return {"hung": "it hangs", "crashed": "the chip crashes"}.get(name, name)


def _flags(identity: Identity) -> dict[str, bool]:
    return {"development": identity.development, "boot_button": identity.boot_button}


_FAULTS = {
    "older": "written by an older firmware, and this one cannot take it over: "
    "go back to that firmware, or tokenctl wipe begins anew",
    "newer": "written by a newer firmware, and left alone: update the firmware",
    "no_chip_key": _(
        "bound to the key of another chip, or this chip fails: it opens on its own chip only"
    ),
    "foreign": "its keys are damaged, or its flash holds something else: tokenctl wipe begins anew",
    "no_entropy": "not made: the random generator fails its health check",
}


def _vault(state: Status) -> Iterator[tuple[str, str]]:
    """Yield the lines about the vault."""
    if state.vault in _FAULTS:
        yield "Vault", _FAULTS[state.vault]
    elif state.vault == "locked":
        yield "Accounts", "locked: the token wants its PIN"
    else:
        yield "Accounts", f"{state.account_count} of {state.capacity}"
    if state.has_pin and state.pin_attempts_left < ATTEMPTS:
        left = state.pin_attempts_left
        yield "PIN", f"{ATTEMPTS - left} wrong in a row; {left} more erase everything"
    if state.damaged_count:
        yield "Damaged", f"{state.damaged_count} records in the vault cannot be read"
    if state.changed:
        yield "Changed", "records are missing in the flash, or older ones were put back"
    if state.strong_key is False:
        yield "Randomness", "the vault's key was drawn without the radio, and may be weak"


@click.command(short_help="Erase everything on the token.")
@global_options
@click.pass_obj
def wipe(session: Session) -> None:
    """Erase every account and setting on the token. There is no way back.

    The token asks, and takes only a hold of its button for 3 seconds for a yes.
    """
    with session.token() as token:
        token.wipe()
        serial, left = token.identity.serial, 0
        if token.identity.fault is None:  # else it starts anew now
            left = token.status().account_count
    if session.json:
        session.output.data({"serial": serial, "account_count": left})
    else:
        session.output.note(f"The token {serial} is empty.")
