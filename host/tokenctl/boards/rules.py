"""The rules for a board's wiring. Each is a function of its own.

A finding names the key, the pin where there is one, and the rule. A wiring is refused
if it cannot work or defeats the token's purpose; a warning means that it works at a cost.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tokenctl.boards.chips import Pins, pins_of
from tokenctl.boards.definition import Definition, Use
from tokenctl.boards.devices import CLOCK_CHIPS, PANELS
from tokenctl.errors import WrongBoard
from tokenctl.language import _, marked, plural

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
        return f"{where} ({_(self.rule)}): {self.text}"


def check(definition: Definition) -> list[Finding]:
    """Return all findings, refusals first; raise WrongBoard for an unknown chip."""
    pins = pins_of(definition.chip)
    found = [each for rule in _RULES for each in rule(definition, pins)]
    return sorted(found, key=lambda each: not each.refused)


def refuse(definition: Definition) -> list[Finding]:
    """Return the warnings of a definition; raise WrongBoard if it breaks a rule."""
    found = check(definition)
    refused = [each for each in found if each.refused]
    if refused:
        more = len(refused) - 1
        rest = ""
        if more:
            rest = plural(
                "; {more} more finding: tokenctl board check",
                "; {more} more findings: tokenctl board check",
                more,
            ).format(more=more)
        raise WrongBoard(
            _("the board definition '{name}' is rejected: {finding}{rest}").format(
                finding=refused[0], name=definition.name, rest=rest
            )
        )
    return found


def wake_of(definition: Definition) -> tuple[str, str] | None:
    """Return how the first button wakes the chip ("ext0"), and since which MicroPython.

    None when its pin cannot. Raises WrongBoard for an unknown chip.
    """
    pins = pins_of(definition.chip)
    able = definition.whole["button"]["pin"] in pins.wakes
    return (pins.wake_by, pins.wake_since) if able else None


def refuse_micropython(definition: Definition, version: str) -> None:
    """Raise WrongBoard if a token that sleeps would not wake under this MicroPython.

    `version` is as MicroPython writes it, such as v1.25.0 or v1.27.0-preview.
    """
    wake = wake_of(definition)
    if definition.whole.get("sleep") and wake is not None and _numbers(version) < _numbers(wake[1]):
        raise WrongBoard(
            _(
                "the board definition '{name}' says \"sleep\": true, but its button wakes "
                "the chip only with MicroPython {since} and later, and this is {version}"
            ).format(name=definition.name, since=wake[1], version=version)
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
            yield Finding(
                marked("existing pin"),
                use.key,
                use.pin,
                _("the {title} has no such pin").format(title=pins.title),
            )


def _one_use(definition: Definition, pins: Pins) -> Iterator[Finding]:
    first: dict[int, str] = {}
    for use in definition.uses:
        if use.pin in first:
            text = _("{other} uses this pin, too").format(other=first[use.pin])
            yield Finding(marked("one use per pin"), use.key, use.pin, text)
        first.setdefault(use.pin, use.key)


def _memory(definition: Definition, pins: Pins) -> Iterator[Finding]:
    uses = definition.uses
    yield from _each(
        marked("flash pin"), uses, pins.flash, _("the chip's flash memory uses this pin")
    )
    text = _("it is in use on {modules}").format(modules=_(pins.psram_where))
    yield from _each(marked("PSRAM pin"), uses, pins.psram, text, refused=False)


def _host_pins(definition: Definition, pins: Pins) -> Iterator[Finding]:
    text = _("it is a data line of the chip's USB, which is the token's link")
    yield from _each(marked("USB pin"), definition.uses, pins.usb, text)
    text = _("the first serial port uses it: for the link on some boards, for the boot log on all")
    yield from _each(marked("UART0 pin"), definition.uses, pins.uart0, text)


def _auto_reset(definition: Definition, pins: Pins) -> Iterator[Finding]:
    allowed = definition.whole.get("presence_on_boot_button", False)
    for use in definition.uses:
        if use.pin != pins.boot:
            continue
        if use.purpose != "button":
            text = _("a low level at reset starts the loader instead of the firmware")
            yield Finding(marked("auto-reset pin"), use.key, use.pin, text)
        elif allowed:
            text = _(
                "a computer that pulls it low through the USB lines presses the button: "
                "a press does not prove that somebody is there"
            )
            yield Finding(marked("auto-reset pin"), use.key, use.pin, text, refused=False)
        else:
            text = _(
                "a computer can pull it low through the USB lines, and so press the "
                'button; to accept that, add "presence_on_boot_button": true'
            )
            yield Finding(marked("auto-reset pin"), use.key, use.pin, text)


def _strapping(definition: Definition, pins: Pins) -> Iterator[Finding]:
    for use in definition.uses:
        if use.pin == pins.boot:
            continue  # that is the rule above
        level = pins.strapping.get(use.pin, {}).get(_LEVELS[use.purpose])
        if level is not None:
            yield Finding(marked("strapping pin"), use.key, use.pin, _(level.effect), level.refused)


def _direction(definition: Definition, pins: Pins) -> Iterator[Finding]:
    bus = [each for each in definition.uses if each.purpose == "i2c"]
    yield from _each(
        marked("input-only pin"), bus, pins.input_only, _("the bus has to pull this pin low")
    )
    buttons = [each for each in definition.uses if each.purpose == "button"]
    text = _("it has no pull-up of its own, so its level is undefined while nobody presses")
    yield from _each(marked("pin without pull-up"), buttons, pins.no_pull_up, text)


def _wake(definition: Definition, pins: Pins) -> Iterator[Finding]:
    key, pin = "button.pin", definition.whole["button"]["pin"]
    wake = wake_of(definition)
    sleep = definition.whole.get("sleep")
    able = ", ".join(str(each) for each in sorted(pins.wakes))
    text = _("this pin cannot wake the {title} from deep sleep; these can: {able}").format(
        able=able, title=pins.title
    )
    if sleep and wake is None:
        yield Finding(marked("wake-up pin"), key, pin, text)
    elif wake is None and sleep is None:
        text += _("; the token stays awake, and only its screen turns off")
        yield Finding(marked("wake-up pin"), key, pin, text, refused=False)
    elif wake is not None and sleep is not False and wake[0] == "gpio":
        text = _("it wakes the {title} only with MicroPython {since} and later").format(
            since=wake[1], title=pins.title
        )
        yield Finding(marked("wake-up pin"), key, pin, text, refused=False)


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
