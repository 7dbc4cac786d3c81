"""The soldered parts: the bus, the clock chip, the panel, the buttons and the supply.

Each function interprets the answer of Examination.board().
"""

from collections.abc import Iterator
from typing import Any

from tokenctl.boards.devices import CLOCK_CHIPS, PANELS, titles_at
from tokenctl.cli.checks.finding import FAIL, OK, WARN, Finding
from tokenctl.device.models import Status
from tokenctl.language import _, plural

_LOW, _EMPTY = 20, 5  # per cent
_NONE = "none"  # how the firmware calls a clock chip that is not there


def bus(board: dict[str, Any]) -> Finding:
    """Return who answers on the bus."""
    seen, found = board["bus"], board["clock"]["found"]
    values = {"addresses": list(seen["addresses"]), "frequency": seen["frequency"]}
    if seen["stuck"]:
        text = _("a line of the I2C bus is held low, so no chip can answer")
        return Finding("bus", FAIL, text, _("check SDA and SCL for a short"), values)
    if not seen["addresses"]:
        text = _("no chip answers on the I2C bus")
        advice = _("check SDA, SCL, the 3.3 V supply and ground of the panel and the clock chip")
        return Finding("bus", FAIL, text, advice, values)
    panel = board["panel"]
    names = [_named(each, found, panel) for each in seen["addresses"]]
    return Finding("bus", OK, ", ".join(names), "", values)


def _named(address: int, found: str | None, panel: dict[str, Any]) -> str:
    titles = titles_at(address)
    if address == panel["address"] and panel["driver"] in PANELS:
        titles = [PANELS[panel["driver"]].title]
    if found is not None and found in titles:
        titles = [found]
    name = _(" or ").join(titles) if titles else _("something that tokenctl does not know")
    return f"0x{address:02X} {name}"


def clock_chip(board: dict[str, Any], status: Status) -> Finding:
    """Return whether the clock chip answers, and is the expected one."""
    clock, addresses = board["clock"], board["bus"]["addresses"]
    named, found = clock["named"], clock["found"]
    values = {"named": named, "found": found, "in_use": status.clock_chip}
    wiring = _("check its SDA, SCL, supply and ground")
    if named is None:
        if found is None:
            text = _("no clock chip answers: the token loses the time whenever it loses power")
            return Finding("clock_chip", FAIL, text, wiring, values)
        if status.clock_chip in (None, _NONE, found):
            return _found_now(found, status, values)
    chip = CLOCK_CHIPS.get(named) if named is not None else None
    title = chip.title if chip is not None else status.clock_chip or "?"
    expected = title if chip is None else CLOCK_CHIPS[chip.found_as or chip.name].title
    if found is not None and found != expected:
        text = _("the board definition names a {named}, but a {found} answers")
        if named is None:
            text = _("a {named} answered when the token started, and now a {found} does")
        advice = _("fit a {named}, or flash the token with a board definition that fits it")
        return Finding(
            "clock_chip",
            FAIL,
            text.format(named=title, found=found),
            advice.format(named=title),
            values,
        )
    if chip is not None and chip.address not in addresses:
        text = _("the {title} does not answer").format(title=title)
        return Finding("clock_chip", FAIL, text, wiring, values)
    if found is None:
        text = _("another chip answers in place of the {title}").format(title=title)
        advice = _("read what is printed on it, and see tokenctl board for its driver")
        return Finding("clock_chip", FAIL, text, advice, values)
    return Finding("clock_chip", OK, title, "", values)


def _found_now(found: str, status: Status, values: dict[str, Any]) -> Finding:
    if status.clock_chip == _NONE:
        text = _("the {found} answers now, but did not when the token started").format(found=found)
        advice = _("unplug the token and plug it in again; if this happens again, check its wiring")
        return Finding("clock_chip", FAIL, text, advice, values)
    return Finding("clock_chip", OK, found, "", values)


def panel(board: dict[str, Any]) -> Finding:
    """Return whether the panel is there."""
    about, addresses = board["panel"], board["bus"]["addresses"]
    known = PANELS.get(about["driver"])
    title = known.title if known is not None else about["driver"]
    values = {key: about[key] for key in ("driver", "address", "width", "height")}
    address = f"0x{about['address']:02X}"
    if about["address"] in addresses:
        text = _("{title}, {width}x{height}, answers at {address}").format(
            title=title, width=about["width"], height=about["height"], address=address
        )
        return Finding("panel", OK, text, "", values)
    text = _("the {title} does not answer at {address}").format(title=title, address=address)
    others = [each for each in (known.addresses if known else ()) if each in addresses]
    if others:
        there = f"0x{others[0]:02X}"
        advice = _("a panel answers at {there}: flash a board definition with that address")
        return Finding("panel", FAIL, text, advice.format(there=there), values)
    return Finding("panel", FAIL, text, _("check its SDA, SCL, supply and ground"), values)


def buttons(board: dict[str, Any]) -> Finding:
    """Return whether a button is stuck."""
    held = [each + 1 for each in board["held"]]
    values = {"count": board["buttons"], "held": held}
    if held:
        numbers = ", ".join(str(each) for each in held)
        text = _("button {numbers} is down all the time").format(numbers=numbers)
        advice = _("let go of it; if nobody holds it, it is stuck, or its pin is shorted to ground")
        return Finding("buttons", FAIL, text, advice, values)
    text = plural("{number} button, at rest", "{number} buttons, at rest", board["buttons"])
    return Finding("buttons", OK, text.format(number=board["buttons"]), "", values)


def supply(board: dict[str, Any], status: Status) -> Finding:
    """Return how the token is powered, as far as its board measures it."""
    usb = {True: _("USB power is present"), False: _("no USB power"), None: ""}[board["usb_power"]]
    values: dict[str, Any] = {"usb_power": board["usb_power"], "battery": status.battery}
    if not board["battery"]:
        return Finding("supply", OK, usb or _("this board does not measure it"), "", values)
    if status.battery is None:
        text = _("no battery is connected")
        return Finding("supply", WARN, text, _("check the battery and its connector"), values)
    percent, volts = status.battery["percent"], status.battery["millivolts"] / 1000
    text = _("battery about {percent} % ({volts:.2f} V)").format(percent=percent, volts=volts)
    text = ", ".join(filter(None, (text, usb)))
    state = FAIL if percent < _EMPTY else WARN if percent < _LOW else OK
    return Finding("supply", state, text, _("charge it") if state != OK else "", values)


def soldered(board: dict[str, Any], status: Status) -> Iterator[Finding]:
    """Yield all findings except the panel's picture and the presses."""
    yield bus(board)
    yield clock_chip(board, status)
    yield panel(board)
    yield buttons(board)
    yield supply(board, status)
