"""The electrical rules check of a build's netlist.

What skidl and KiCad would check by their libraries' pin types is checked here by what is
known of these few parts, and so are the voltages, which they do not know: supplies, the
dividers at their extremes, and the pull-ups of the bus.
"""

from collections.abc import Iterator

from guide.build import NETS, Build, Part
from tokenctl.boards.devices import CLOCK_CHIPS

SUPPLY_MV = 3300
USB_MV = (4400, 5250)  # USB 2.0, 7.2.1 and 7.2.2: at the end of a cable, at a port
CELL_MV = (3000, 4250)  # until its protection opens; a charger's 4.2 V, and its tolerance
HIGH_MV = 2475  # the chips' data sheets, DC Characteristics: VIH is 0.75 of the supply
PIN_MV = SUPPLY_MV + 300  # the same: at most 0.3 V above the supply
# I2C specification (UM10204), table 10 and section 7.1: a pin sinks 3 mA; a pin has 10 pF at
# most; from 0.3 to 0.7 of the supply, which take 0.8473 RC, a line rises within so many ns.
PULL_UP_OHMS = 1100
PIN_PF = 10
RISE = 0.8473
RISE_NS = {100_000: 1000, 400_000: 300}  # by the fastest bus (Hz)
_SOURCES = {"3V3": "board", "VBUS": "board", "VBAT": "cell"}  # which kind of part drives it


def check(build: Build) -> list[str]:
    """Return what is wrong, a sentence each; nothing when all is well."""
    return [each for rule in _RULES for each in rule(build)]


def notes(build: Build) -> list[str]:
    """Return what was computed on the way, a line each."""
    lines = [_bus_note(build, net) for net in ("SCL", "SDA")]
    for key, (low, high) in (("usb_power", USB_MV), ("battery", CELL_MV)):
        divider = _divider(build, key)
        if divider is not None:
            at_pin = [each * divider[1] // sum(divider) for each in (low, high)]
            lines.append(f"{NETS[key + '.pin']}: {at_pin[0]} to {at_pin[1]} mV at the pin")
    return lines


def _connected(build: Build) -> Iterator[str]:
    for pin in build.open:
        if not pin.why:
            yield f"{pin} is connected to nothing, and nobody says why"
    for net, pins in build.nets.items():
        refs = {pin.ref for pin in pins}
        at_board = len(refs) == 1 and pins[0].label == "BOOT"
        if len(refs) == 1 and not at_board:
            yield f"the net {net} ends at {pins[0]}: nothing else is on it"
    for use in build.definition.uses:
        if NETS[use.key] not in build.nets:
            yield f"{use.key} has a pin, and no part is on its net"


def _grounded(build: Build) -> Iterator[str]:
    for part in build.parts:
        if part.kind in ("board", "panel", "clock", "cell") and not _on(part, "GND"):
            yield f"{part.ref} ({part.title}) is not on GND"
        if part.kind in ("panel", "clock") and not _on(part, "3V3"):
            yield f"{part.ref} ({part.title}) has no supply"


def _one_driver(build: Build) -> Iterator[str]:
    for net, kind in _SOURCES.items():
        pins = build.nets.get(net, [])
        drivers = sorted({pin.ref for pin in pins if build.part(pin.ref).kind == kind})
        if pins and len(drivers) != 1:
            yield f"{net} is driven by {', '.join(drivers) or 'nothing'}, not by one part"
    for net, pins in build.nets.items():
        gpios = sorted({pin.gpio for pin in pins if pin.gpio is not None})
        if len(gpios) > 1:
            yield f"{net} is at {len(gpios)} pins of the chip: {gpios}"


def _supplies(build: Build) -> Iterator[str]:
    for pin in build.nets.get("3V3", []):
        if pin.supply_mv is not None and not pin.supply_mv[0] <= SUPPLY_MV <= pin.supply_mv[1]:
            yield f"{pin} takes {pin.supply_mv[0]} to {pin.supply_mv[1]} mV, and gets {SUPPLY_MV}"


def _pull_ups(build: Build) -> Iterator[str]:
    for net in ("SCL", "SDA"):
        strongest, weakest = pull_ups(build, net)
        if strongest is None:
            yield f"{net} has no pull-up"
            continue
        if strongest < PULL_UP_OHMS:
            yield f"{net} has pull-ups of {strongest} ohm, which sink more than 3 mA"
        if weakest is None:
            yield f"{net} may have no pull-up: there are modules without"
            continue
        rise, allowed = rise_ns(build, net), _allowed_ns(build)
        if rise > allowed:
            yield (
                f"{net} rises in {rise} ns with {weakest} ohm and {bus_pf(build, net)} pF: "
                f"{allowed} are allowed at {_bus_hz(build) // 1000} kHz"
            )


def _chips(build: Build) -> Iterator[str]:
    """The bus is as fast as its chips take, and the clock chip is the one that is named."""
    named = build.whole.get("rtc", {}).get("driver")
    for part in build.parts:
        device, panel = part.facts.get("device"), build.whole["panel"]["driver"]
        if part.kind == "panel" and device != panel:
            yield f"{part.ref} is a {device}, and panel.driver says {panel}"
        if part.kind == "clock" and device != (named or device):
            yield f"{part.ref} is a {device}, and rtc.driver says {named}"


def _dividers(build: Build) -> Iterator[str]:
    usb, cell = _divider(build, "usb_power"), _divider(build, "battery")
    if usb is not None:
        low, high = (each * usb[1] // sum(usb) for each in USB_MV)
        if low < HIGH_MV:
            yield f"USB_SENSE is {low} mV with a weak USB supply: below {HIGH_MV} it is no high"
        if high > PIN_MV:
            yield f"USB_SENSE is {high} mV with a strong USB supply: a pin takes {PIN_MV}"
    if cell is not None:
        high = CELL_MV[1] * cell[1] // sum(cell)
        if high > build.chip.adc_max_mv:
            yield f"BAT_SENSE is {high} mV: the converter reads {build.chip.adc_max_mv}"
        battery = build.whole["battery"]
        if cell != (battery["upper_ohms"], battery["lower_ohms"]):
            said = (battery["upper_ohms"], battery["lower_ohms"])
            yield f"battery says a divider of {said} ohm, and the parts make {cell}"
    for key, divider in (("usb_power", usb), ("battery", cell)):
        if key in build.whole and divider is None:
            yield f"{key} has no divider of two resistors among the parts"


def _on(part: Part, net: str) -> bool:
    return any(pin.net == net for pin in part.pins)


def pull_ups(build: Build, net: str) -> tuple[int | None, int | None]:
    """Return the resistance (ohm) of a net's pull-ups together: the least, and the most."""
    each = [pin.pull_up_ohms for pin in build.nets.get(net, []) if pin.pull_up_ohms]
    return _parallel([low for low, _ in each]), _parallel([high for _, high in each if high])


def _parallel(ohms: list[int]) -> int | None:
    return round(1 / sum(1 / each for each in ohms)) if ohms else None


def bus_pf(build: Build, net: str) -> int:
    """Return a line's capacitance (pF): its chips' pins, and what the build is wired with."""
    kinds = ("board", "panel", "clock")
    pins = {pin.ref for pin in build.nets[net] if build.part(pin.ref).kind in kinds}
    return PIN_PF * len(pins) + sum(part.facts.get("bus_pf", 0) for part in build.parts)


def rise_ns(build: Build, net: str) -> int:
    """Return how long a line takes to rise with its weakest pull-ups (ns)."""
    return round(RISE * (pull_ups(build, net)[1] or 0) * bus_pf(build, net) / 1000)


def _bus_hz(build: Build) -> int:
    """Return the bus's frequency (Hz), as the slowest clock chip leaves it."""
    clocks = [CLOCK_CHIPS[each.facts["device"]] for each in build.parts if each.kind == "clock"]
    return min([build.whole["i2c"]["frequency"], *(each.fastest_hz for each in clocks)])


def _allowed_ns(build: Build) -> int:
    return next(rise for fastest, rise in RISE_NS.items() if _bus_hz(build) <= fastest)


def _bus_note(build: Build, net: str) -> str:
    low, high = pull_ups(build, net)
    return (
        f"{net}: pull-ups of {low} to {high} ohm together; {RISE} x {high} ohm x "
        f"{bus_pf(build, net)} pF = {rise_ns(build, net)} ns to rise, of {_allowed_ns(build)}"
    )


def _divider(build: Build, key: str) -> tuple[int, int] | None:
    """Return the resistors (ohm) of a divider, upper and lower."""
    found = {each.purpose: each.facts.get("ohms") for each in build.parts}
    upper, lower = found.get(f"{key}.upper"), found.get(f"{key}.lower")
    return None if upper is None or lower is None else (upper, lower)


_RULES = (_connected, _grounded, _one_driver, _supplies, _pull_ups, _chips, _dividers)
