"""The rules that a board's wiring keeps. Each is a function of its own.

A finding names the key, the pin where there is one, and the rule. Refused is what cannot
work or gives away what the token is for; a warning is what works and costs something.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tokenctl.boards.chips import Pins, pins_of
from tokenctl.boards.definition import Definition, Use
from tokenctl.boards.devices import CLOCK_CHIPS, PANELS
from tokenctl.errors import WrongBoard

I2C_FASTEST = 400_000  # Hz: the buses' fast mode
I2C_SLOWEST = 10_000  # Hz: below it a picture takes a second
SUPPLY_MV = 3300
_LEVELS = {  # what each use makes of its pin while the chip comes out of a reset
    "i2c": "high",  # the modules' pull-ups
    "button": "low",  # somebody may hold it
    "usb_power": "high",
    "battery": "high",
}


@dataclass(frozen=True)
class Finding:
    """`text` says, without a full stop, what is wrong with `key` by `rule`; `pin` or None."""

    rule: str
    key: str
    pin: int | None
    text: str
    refused: bool = True

    def __str__(self) -> str:
        where = self.key if self.pin is None else f"{self.key}, GPIO {self.pin}"
        return f"{where} ({self.rule}): {self.text}"


def check(definition: Definition) -> list[Finding]:
    """Return all that is to be said, what is refused first; WrongBoard for an unknown chip."""
    pins = pins_of(definition.chip)
    found = [each for rule in _RULES for each in rule(definition, pins)]
    return sorted(found, key=lambda each: not each.refused)


def refuse(definition: Definition) -> list[Finding]:
    """Return the warnings of a definition; raise WrongBoard when it breaks a rule."""
    found = check(definition)
    refused = [each for each in found if each.refused]
    if refused:
        more = len(refused) - 1
        rest = f"; and {more} more, which tokenctl board check says" if more else ""
        raise WrongBoard(f"the board definition '{definition.name}' is refused: {refused[0]}{rest}")
    return found


def wake_of(definition: Definition) -> tuple[str, str] | None:
    """Return how the first button wakes the chip ("ext0"), and from which MicroPython on.

    None when its pin cannot. Raises WrongBoard for an unknown chip.
    """
    pins = pins_of(definition.chip)
    able = definition.whole["button"]["pin"] in pins.wakes
    return (pins.wake_by, pins.wake_since) if able else None


def refuse_micropython(definition: Definition, version: str) -> None:
    """Raise WrongBoard when a token that is to sleep would not wake under this MicroPython.

    `version` is as MicroPython writes it, such as v1.25.0 or v1.27.0-preview.
    """
    wake = wake_of(definition)
    if definition.whole.get("sleep") and wake is not None and _numbers(version) < _numbers(wake[1]):
        raise WrongBoard(
            f"the board definition '{definition.name}' says \"sleep\": true, but its button wakes "
            f"the chip only under MicroPython {wake[1]} and later, and this is {version}"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:2])


def sleeps(definition: Definition) -> bool:
    """Whether a token of this definition goes to deep sleep."""
    return definition.whole.get("sleep", wake_of(definition) is not None)


def _each(
    rule: str,
    uses: list[Use],
    pins: frozenset[int],
    text: str,
    refused: bool = True,
) -> Iterator[Finding]:
    for use in uses:
        if use.pin in pins:
            yield Finding(rule, use.key, use.pin, text, refused)


def _exists(definition: Definition, pins: Pins) -> Iterator[Finding]:
    for use in definition.uses:
        if use.pin not in pins.gpios:
            yield Finding("pin that exists", use.key, use.pin, f"the {pins.title} has no such pin")


def _one_use(definition: Definition, pins: Pins) -> Iterator[Finding]:
    first: dict[int, str] = {}
    for use in definition.uses:
        if use.pin in first:
            text = f"{first[use.pin]} has this pin, too"
            yield Finding("one use of a pin", use.key, use.pin, text)
        first.setdefault(use.pin, use.key)


def _memory(definition: Definition, pins: Pins) -> Iterator[Finding]:
    uses = definition.uses
    yield from _each("flash pin", uses, pins.flash, "the chip's flash memory is at this pin")
    text = f"it is taken on {pins.psram_where}"
    yield from _each("PSRAM pin", uses, pins.psram, text, refused=False)


def _host_pins(definition: Definition, pins: Pins) -> Iterator[Finding]:
    text = "it is a data line of the chip's USB, which is the token's link"
    yield from _each("USB pin", definition.uses, pins.usb, text)
    text = "the first serial port is at it: the link on some boards, the boot log on all"
    yield from _each("UART0 pin", definition.uses, pins.uart0, text)


def _auto_reset(definition: Definition, pins: Pins) -> Iterator[Finding]:
    allowed = definition.whole.get("presence_on_boot_button", False)
    for use in definition.uses:
        if use.pin != pins.boot:
            continue
        if use.purpose != "button":
            text = "a low level at a reset starts the loader in the place of the firmware"
            yield Finding("auto-reset pin", use.key, use.pin, text)
        elif allowed:
            text = (
                "a computer that pulls it low through the USB lines presses the button: no press "
                "proves that somebody is there"
            )
            yield Finding("auto-reset pin", use.key, use.pin, text, refused=False)
        else:
            text = (
                "a computer can pull it low through the USB lines, and so press the button; "
                'whoever accepts that says "presence_on_boot_button": true'
            )
            yield Finding("auto-reset pin", use.key, use.pin, text)


def _strapping(definition: Definition, pins: Pins) -> Iterator[Finding]:
    for use in definition.uses:
        if use.pin == pins.boot:
            continue  # that is the rule above
        level = pins.strapping.get(use.pin, {}).get(_LEVELS[use.purpose])
        if level is not None:
            yield Finding("strapping pin", use.key, use.pin, level.effect, level.refused)


def _direction(definition: Definition, pins: Pins) -> Iterator[Finding]:
    bus = [each for each in definition.uses if each.purpose == "i2c"]
    yield from _each("input-only pin", bus, pins.input_only, "the bus has to pull this pin low")
    buttons = [each for each in definition.uses if each.purpose == "button"]
    text = "it has no pull-up of its own, and reads anything while nobody presses"
    yield from _each("pin without pull-up", buttons, pins.no_pull_up, text)


def _wake(definition: Definition, pins: Pins) -> Iterator[Finding]:
    key, pin = "button.pin", definition.whole["button"]["pin"]
    wake = wake_of(definition)
    sleep = definition.whole.get("sleep")
    able = ", ".join(str(each) for each in sorted(pins.wakes))
    text = f"this pin cannot wake the {pins.title} from deep sleep; these can: {able}"
    if sleep and wake is None:
        yield Finding("pin that wakes", key, pin, text)
    elif wake is None and sleep is None:
        text += "; the token stays awake, and its screen goes dark only"
        yield Finding("pin that wakes", key, pin, text, refused=False)
    elif wake is not None and sleep is not False and wake[0] == "gpio":
        text = f"it wakes the {pins.title} under MicroPython {wake[1]} and later only"
        yield Finding("pin that wakes", key, pin, text, refused=False)


def _battery(definition: Definition, pins: Pins) -> Iterator[Finding]:
    battery = definition.whole.get("battery")
    if battery is None:
        return
    key, pin = "battery.pin", battery["pin"]
    if pin in pins.adc2:
        yield Finding("ADC pin", key, pin, pins.adc2_why)
    elif pin not in pins.adc1:
        yield Finding("ADC pin", key, pin, "no converter is at this pin")
    if battery["upper_ohms"] < 0 or battery["lower_ohms"] <= 0:
        yield Finding("divider", "battery", None, "resistors have no such values")
        return
    if not battery["full_mv"] > battery["warn_mv"] > battery["empty_mv"] > 0:
        yield Finding("battery levels", "battery", None, "full, warn and empty must fall")
    whole = battery["upper_ohms"] + battery["lower_ohms"]
    at_pin = battery["full_mv"] * battery["lower_ohms"] // whole
    if at_pin > pins.adc_max_mv:
        text = f"a full battery gives {at_pin} mV, and the converter reads {pins.adc_max_mv} mV"
        yield Finding("divider", key, pin, text)


def _bus(definition: Definition, pins: Pins) -> Iterator[Finding]:
    i2c, panel = definition.whole["i2c"], definition.whole["panel"]
    if not 0 <= i2c["id"] < pins.i2c_buses:
        text = f"the {pins.title} has the I2C buses 0 to {pins.i2c_buses - 1}"
        if pins.i2c_buses == 1:
            text = f"the {pins.title} has the I2C bus 0 only"
        yield Finding("I2C bus", "i2c.id", None, text)
    if not I2C_SLOWEST <= i2c["frequency"] <= I2C_FASTEST:
        text = f"{i2c['frequency']} Hz is not from {I2C_SLOWEST} to {I2C_FASTEST}"
        yield Finding("I2C frequency", "i2c.frequency", None, text)
    kind = PANELS.get(panel["driver"])
    if kind is None:
        known = ", ".join(PANELS)
        text = f"it is a panel with no driver: {panel['driver']}; there are {known}"
        yield Finding("panel", "panel.driver", None, text)
        return
    if kind.fastest_hz < i2c["frequency"] <= I2C_FASTEST:
        text = f"the {kind.name} takes {kind.fastest_hz} Hz"
        yield Finding("I2C frequency", "i2c.frequency", None, text)
    if (panel["width"], panel["height"]) not in kind.sizes:
        text = f"there is no {kind.name} of {panel['width']}x{panel['height']}"
        yield Finding("panel", "panel", None, text)
    if panel["address"] not in kind.addresses:
        able = " or ".join(f"{each} (0x{each:X})" for each in kind.addresses)
        text = f"{panel['address']} is no address of these panels: {able}"
        yield Finding("I2C address", "panel.address", None, text)


def _clock_chip(definition: Definition, pins: Pins) -> Iterator[Finding]:
    name = definition.whole.get("rtc", {}).get("driver")
    if name is None:
        return
    if name not in CLOCK_CHIPS:
        known = ", ".join(CLOCK_CHIPS)
        text = f"it is a clock chip with no driver: {name}; there are {known}"
        yield Finding("clock chip", "rtc.driver", None, text)
        return
    fastest = CLOCK_CHIPS[name].fastest_hz
    if definition.whole["i2c"]["frequency"] > fastest:
        text = f"the {name} takes {fastest} Hz, to which the firmware slows the whole bus"
        yield Finding("I2C frequency", "i2c.frequency", None, text, refused=False)


def _speed(definition: Definition, pins: Pins) -> Iterator[Finding]:
    speed = definition.whole.get("full_speed")
    if speed is not None and speed not in {each * 1_000_000 for each in pins.speeds_mhz}:
        able = ", ".join(str(each) for each in sorted(pins.speeds_mhz))
        text = f"{speed} Hz is no speed of the {pins.title}; it has {able} MHz"
        yield Finding("processor speed", "full_speed", None, text)


_Rule = Callable[[Definition, Pins], Iterator[Finding]]
_RULES: tuple[_Rule, ...] = (
    _exists,
    _one_use,
    _memory,
    _host_pins,
    _auto_reset,
    _strapping,
    _direction,
    _wake,
    _battery,
    _bus,
    _clock_chip,
    _speed,
)
