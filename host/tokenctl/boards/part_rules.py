"""The rules for what is on a board: battery, bus, panel, clock chip, speed. A function a rule."""

from collections.abc import Iterator

from tokenctl.boards.chips import Pins
from tokenctl.boards.definition import Definition
from tokenctl.boards.devices import CLOCK_CHIPS, PANELS
from tokenctl.boards.finding import Finding, Rule
from tokenctl.language import _, marked

I2C_FASTEST = 400_000  # Hz: the buses' fast mode
I2C_SLOWEST = 10_000  # Hz: below it a picture takes a second


def _battery(definition: Definition, pins: Pins) -> Iterator[Finding]:
    battery = definition.whole.get("battery")
    if battery is None:
        return
    key, pin = "battery.pin", battery["pin"]
    if pin in pins.adc2:
        yield Finding(marked("ADC pin"), key, pin, _(pins.adc2_why))
    elif pin not in pins.adc1:
        yield Finding(marked("ADC pin"), key, pin, _("there is no converter on this pin"))
    if battery["upper_ohms"] < 0 or battery["lower_ohms"] <= 0:
        yield Finding(marked("divider"), "battery", None, _("resistors cannot have such values"))
        return
    if not battery["full_mv"] > battery["warn_mv"] > battery["empty_mv"] > 0:
        yield Finding(
            marked("battery levels"),
            "battery",
            None,
            _("full, warn and empty must be in descending order"),
        )
    whole = battery["upper_ohms"] + battery["lower_ohms"]
    at_pin = battery["full_mv"] * battery["lower_ohms"] // whole
    if at_pin > pins.adc_max_mv:
        text = _(
            "a full battery gives {at_pin} mV, but the converter reads at most {most} mV"
        ).format(at_pin=at_pin, most=pins.adc_max_mv)
        yield Finding(marked("divider"), key, pin, text)


def _bus(definition: Definition, pins: Pins) -> Iterator[Finding]:
    i2c, panel = definition.whole["i2c"], definition.whole["panel"]
    if not 0 <= i2c["id"] < pins.i2c_buses:
        text = _("the {title} has I2C buses 0 to {last}").format(
            last=pins.i2c_buses - 1, title=pins.title
        )
        if pins.i2c_buses == 1:
            text = _("the {title} has only I2C bus 0").format(title=pins.title)
        yield Finding(marked("I2C bus"), "i2c.id", None, text)
    if not I2C_SLOWEST <= i2c["frequency"] <= I2C_FASTEST:
        text = _("{frequency} Hz is not between {least} and {most}").format(
            frequency=i2c["frequency"], least=I2C_SLOWEST, most=I2C_FASTEST
        )
        yield Finding(marked("I2C frequency"), "i2c.frequency", None, text)
    kind = PANELS.get(panel["driver"])
    if kind is None:
        known = ", ".join(PANELS)
        text = _("there is no driver for the panel {driver}; there are drivers for {known}").format(
            driver=panel["driver"], known=known
        )
        yield Finding(marked("panel"), "panel.driver", None, text)
        return
    if kind.fastest_hz < i2c["frequency"] <= I2C_FASTEST:
        text = _("the {name} supports at most {fastest_hz} Hz").format(
            fastest_hz=kind.fastest_hz, name=kind.name
        )
        yield Finding(marked("I2C frequency"), "i2c.frequency", None, text)
    if (panel["width"], panel["height"]) not in kind.sizes:
        text = _("no {name} panel has {width}x{height} pixels").format(
            height=panel["height"], name=kind.name, width=panel["width"]
        )
        yield Finding(marked("panel"), "panel", None, text)
    if panel["address"] not in kind.addresses:
        able = " / ".join(f"{each} (0x{each:X})" for each in kind.addresses)
        text = _("{address} is not an address of these panels: {able}").format(
            able=able, address=panel["address"]
        )
        yield Finding(marked("I2C address"), "panel.address", None, text)


def _clock_chip(definition: Definition, pins: Pins) -> Iterator[Finding]:
    name = definition.whole.get("rtc", {}).get("driver")
    if name is None:
        return
    if name not in CLOCK_CHIPS:
        known = ", ".join(CLOCK_CHIPS)
        text = _(
            "there is no driver for the clock chip {name}; there are drivers for {known}"
        ).format(known=known, name=name)
        yield Finding(marked("clock chip"), "rtc.driver", None, text)
        return
    fastest = CLOCK_CHIPS[name].fastest_hz
    if definition.whole["i2c"]["frequency"] > fastest:
        text = _(
            "the {name} supports at most {fastest} Hz, so the firmware slows the whole bus to that"
        ).format(fastest=fastest, name=name)
        yield Finding(marked("I2C frequency"), "i2c.frequency", None, text, refused=False)


def _speed(definition: Definition, pins: Pins) -> Iterator[Finding]:
    speed = definition.whole.get("full_speed")
    if speed is not None and speed not in {each * 1_000_000 for each in pins.speeds_mhz}:
        able = ", ".join(str(each) for each in sorted(pins.speeds_mhz))
        text = _("{speed} Hz is not a speed of the {title}; it supports {able} MHz").format(
            able=able, speed=speed, title=pins.title
        )
        yield Finding(marked("processor speed"), "full_speed", None, text)


PART_RULES: tuple[Rule, ...] = (
    _battery,
    _bus,
    _clock_chip,
    _speed,
)
