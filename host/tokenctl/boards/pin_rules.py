"""The rules for a board's pins: what the chip has, or does, at each. A function a rule."""

from collections.abc import Iterator

from tokenctl.boards.chips import Pins
from tokenctl.boards.deep_sleep import wake_of
from tokenctl.boards.definition import Definition, Use
from tokenctl.boards.finding import Finding, Rule
from tokenctl.language import _, marked

_LEVELS = {  # what each use makes of its pin while the chip comes out of a reset
    "i2c": "high",  # the modules' pull-ups
    "button": "low",  # somebody may hold it
    "usb_power": "high",
    "battery": "high",
}


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


PIN_RULES: tuple[Rule, ...] = (
    _exists,
    _one_use,
    _memory,
    _host_pins,
    _auto_reset,
    _strapping,
    _direction,
    _wake,
)
