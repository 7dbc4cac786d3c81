"""Board definitions: their form, what a board gets of them, and what wirings are refused.

The pins below are from Espressif's data sheets (Pin Overview, Strapping Pins) and ESP-IDF's
"GPIO & RTC GPIO", and were written down apart from tokenctl's own tables.
"""

import json

import pytest

from tokenctl.boards import deep_sleep, rules
from tokenctl.boards.chips import NAMES, numbers, pins_of
from tokenctl.boards.definition import Definition, load, parse
from tokenctl.errors import WrongBoard
from tokenctl.flashing.chips import CHIPS
from tokenctl.payload import board_definition, definitions_folder, firmware_folder

# Pins at which a button to GND works and wakes; and the two of the bus.
GOOD = {
    "esp32": (27, 22, 21),
    "esp32s2": (5, 9, 8),
    "esp32s3": (5, 9, 8),
    "esp32c3": (4, 7, 6),
}
BATTERY = {
    "pin": 1,
    "upper_ohms": 470000,
    "lower_ohms": 470000,
    "full_mv": 4150,
    "warn_mv": 3500,
    "empty_mv": 3300,
}


def short(chip="esp32", **changes):
    """A definition in the short form, with changes; None takes a key away."""
    button, scl, sda = GOOD[chip]
    whole = {
        "name": "mine",
        "chip": chip,
        "i2c": {"id": 0, "scl": scl, "sda": sda, "frequency": 400000},
        "panel": {"driver": "ssd1306", "address": 60, "width": 128, "height": 64},
        "button": {"pin": button},
    }
    return {name: each for name, each in (whole | changes).items() if each is not None}


def with_changes(changes):
    return {name: each for name, each in (short() | changes).items() if each is not None}


def bus(chip, **changes):
    button, scl, sda = GOOD[chip]
    return {"id": 0, "scl": scl, "sda": sda, "frequency": 400000} | changes


def findings(whole):
    return rules.check(Definition(whole))


def named(whole, refused=True):
    """The rules that a definition breaks, each with its key and pin."""
    return {(each.rule, each.key, each.pin) for each in findings(whole) if each.refused == refused}


@pytest.mark.parametrize("chip", GOOD)
def test_a_good_wiring_breaks_no_rule(chip):
    assert named(short(chip)) == set()
    assert deep_sleep.sleeps(Definition(short(chip)))


# chip, what is changed, the rule, the key and the pin that must be named.
REFUSED = [
    ("esp32", {"button": {"pin": 24}}, "existing pin", "button.pin", 24),
    ("esp32", {"button": {"pin": -1}}, "existing pin", "button.pin", -1),
    ("esp32s3", {"button": {"pin": 22}}, "existing pin", "button.pin", 22),
    ("esp32c3", {"i2c": bus("esp32c3", scl=22)}, "existing pin", "i2c.scl", 22),
    ("esp32", {"button": {"pin": 22}}, "one use per pin", "button.pin", 22),
    ("esp32", {"second_button": {"pin": 27}}, "one use per pin", "second_button.pin", 27),
    ("esp32", {"i2c": bus("esp32", sda=22)}, "one use per pin", "i2c.sda", 22),
    ("esp32", {"button": {"pin": 6}}, "flash pin", "button.pin", 6),
    ("esp32s3", {"i2c": bus("esp32s3", sda=27)}, "flash pin", "i2c.sda", 27),
    ("esp32c3", {"button": {"pin": 12}}, "flash pin", "button.pin", 12),
    ("esp32", {"button": {"pin": 3}}, "UART0 pin", "button.pin", 3),
    ("esp32c3", {"i2c": bus("esp32c3", scl=21)}, "UART0 pin", "i2c.scl", 21),
    ("esp32s2", {"button": {"pin": 19}}, "USB pin", "button.pin", 19),
    ("esp32c3", {"button": {"pin": 18}}, "USB pin", "button.pin", 18),
    ("esp32", {"button": {"pin": 0}}, "auto-reset pin", "button.pin", 0),
    ("esp32s2", {"second_button": {"pin": 0}}, "auto-reset pin", "second_button.pin", 0),
    ("esp32s3", {"button": {"pin": 0}}, "auto-reset pin", "button.pin", 0),
    ("esp32c3", {"button": {"pin": 9}}, "auto-reset pin", "button.pin", 9),
    ("esp32", {"i2c": bus("esp32", sda=0)}, "auto-reset pin", "i2c.sda", 0),
    ("esp32", {"i2c": bus("esp32", scl=12)}, "strapping pin", "i2c.scl", 12),
    ("esp32", {"usb_power": {"pin": 12}}, "strapping pin", "usb_power.pin", 12),
    ("esp32s3", {"i2c": bus("esp32s3", sda=45)}, "strapping pin", "i2c.sda", 45),
    ("esp32s2", {"i2c": bus("esp32s2", scl=46)}, "input-only pin", "i2c.scl", 46),
    ("esp32", {"i2c": bus("esp32", scl=34)}, "input-only pin", "i2c.scl", 34),
    ("esp32", {"button": {"pin": 39}}, "pin without pull-up", "button.pin", 39),
    ("esp32", {"second_button": {"pin": 35}}, "pin without pull-up", "second_button.pin", 35),
    ("esp32", {"button": {"pin": 23}, "sleep": True}, "wake-up pin", "button.pin", 23),
    ("esp32c3", {"button": {"pin": 10}, "sleep": True}, "wake-up pin", "button.pin", 10),
    ("esp32", {"battery": BATTERY | {"pin": 25}}, "ADC pin", "battery.pin", 25),
    ("esp32c3", {"battery": BATTERY | {"pin": 5}}, "ADC pin", "battery.pin", 5),
    ("esp32", {"battery": BATTERY | {"pin": 18}}, "ADC pin", "battery.pin", 18),
    ("esp32", {"battery": BATTERY | {"pin": 33, "upper_ohms": 0}}, "divider", "battery.pin", 33),
    ("esp32s3", {"battery": BATTERY | {"lower_ohms": 0}}, "divider", "battery", None),
    ("esp32s3", {"battery": BATTERY | {"warn_mv": 3200}}, "battery levels", "battery", None),
    ("esp32c3", {"i2c": bus("esp32c3", id=1)}, "I2C bus", "i2c.id", None),
    ("esp32", {"i2c": bus("esp32", frequency=1000000)}, "I2C frequency", "i2c.frequency", None),
    ("esp32", {"i2c": bus("esp32", frequency=0)}, "I2C frequency", "i2c.frequency", None),
    ("esp32", {"rtc": {"driver": "ds9999"}}, "clock chip", "rtc.driver", None),
    ("esp32c3", {"full_speed": 240000000}, "processor speed", "full_speed", None),
    ("esp32", {"full_speed": 240}, "processor speed", "full_speed", None),
]


@pytest.mark.parametrize(("chip", "changes", "rule", "key", "pin"), REFUSED)
def test_a_wiring_that_cannot_work_is_refused_with_pin_and_rule(chip, changes, rule, key, pin):
    whole = short(chip, **changes)
    assert (rule, key, pin) in named(whole)
    with pytest.raises(WrongBoard) as caught:
        rules.refuse(Definition(whole))
    assert "'mine'" in caught.value.sentence


def test_the_sentence_names_the_key_the_pin_and_the_rule():
    with pytest.raises(WrongBoard) as caught:
        rules.refuse(Definition(short(button={"pin": 34})))
    assert "button.pin, GPIO 34 (pin without pull-up): " in caught.value.sentence


@pytest.mark.parametrize(
    "panel",
    [
        {"driver": "st7920", "address": 60, "width": 128, "height": 64},
        {"driver": "sh1106", "address": 60, "width": 128, "height": 32},
        {"driver": "ssd1306", "address": 60, "width": 64, "height": 32},
        {"driver": "ssd1306", "address": 0x68, "width": 128, "height": 64},  # the DS3231's
        {"driver": "ssd1306", "address": 0x78, "width": 128, "height": 64},  # as modules print it
    ],
)
def test_a_panel_that_cannot_be_is_refused(panel):
    assert {each.split(".")[0] for _, each, _ in named(short(panel=panel))} == {"panel"}


WARNED = [
    ("esp32", {"button": {"pin": 15}}, "strapping pin", "button.pin", 15),
    ("esp32", {"i2c": bus("esp32", sda=2)}, "strapping pin", "i2c.sda", 2),
    ("esp32c3", {"second_button": {"pin": 8}}, "strapping pin", "second_button.pin", 8),
    ("esp32", {"i2c": bus("esp32", sda=16)}, "PSRAM pin", "i2c.sda", 16),
    ("esp32s3", {"i2c": bus("esp32s3", sda=35)}, "PSRAM pin", "i2c.sda", 35),
    ("esp32", {"button": {"pin": 23}}, "wake-up pin", "button.pin", 23),
    ("esp32c3", {}, "wake-up pin", "button.pin", 4),
    ("esp32", {"rtc": {"driver": "ds1307"}}, "I2C frequency", "i2c.frequency", None),
]


@pytest.mark.parametrize(("chip", "changes", "rule", "key", "pin"), WARNED)
def test_what_works_and_costs_something_is_a_warning(chip, changes, rule, key, pin):
    whole = short(chip, **changes)
    assert named(whole) == set()
    assert (rule, key, pin) in named(whole, refused=False)


@pytest.mark.parametrize(("chip", "boot"), [("esp32", 0), ("esp32c3", 9)])
def test_the_boot_button_is_taken_by_who_says_so(chip, boot):
    whole = short(chip, button={"pin": boot}, presence_on_boot_button=True)
    assert named(whole) == set()
    (said,) = [each for each in findings(whole) if each.rule == "auto-reset pin"]
    assert said.pin == boot and "computer" in said.text
    assert Definition(whole).firmware()["presence_on_boot_button"], "the token says so in status"


def test_waking_is_as_the_chips_and_micropython_have_it():
    for chip, by, since in (
        ("esp32", "ext0", "1.24"),
        ("esp32s2", "ext0", "1.24"),
        ("esp32s3", "ext0", "1.24"),
        ("esp32c3", "gpio", "1.27"),  # pull request 17518
    ):
        assert deep_sleep.wake_of(Definition(short(chip))) == (by, since)
    awake = Definition(short("esp32", button={"pin": 23}))
    assert deep_sleep.wake_of(awake) is None and not deep_sleep.sleeps(awake)
    assert not deep_sleep.sleeps(Definition(short("esp32", sleep=False)))


@pytest.mark.parametrize(
    ("chip", "sleep", "version", "wakes"),
    [
        ("esp32c3", True, "v1.24.0", False),
        ("esp32c3", True, "v1.26.1", False),
        ("esp32c3", True, "v1.27.0", True),
        ("esp32c3", True, "v1.28.0-preview.12.gabc", True),
        ("esp32c3", True, "v2.0.0", True),
        ("esp32c3", None, "v1.24.0", True),  # then it stays awake
        ("esp32s3", True, "v1.24.0", True),
    ],
)
def test_a_token_that_is_to_sleep_gets_a_micropython_that_wakes_it(chip, sleep, version, wakes):
    definition = Definition(short(chip, sleep=sleep))
    if wakes:
        deep_sleep.refuse_micropython(definition, version)
    else:
        with pytest.raises(WrongBoard, match=f"1.27 and later, and this is {version}"):
            deep_sleep.refuse_micropython(definition, version)


def test_every_pin_of_a_chip_can_be_asked_about_and_most_are_refused_for_a_reason():
    # What is left for a button, from the data sheets: neither flash, USB, UART0, boot nor input.
    free = {
        "esp32": {2, 4, 5, *range(12, 20), *range(21, 24), 25, 26, 27, 32, 33},
        "esp32s2": {*range(1, 19), 21, *range(33, 43), 45},
        "esp32s3": {*range(1, 19), 21, *range(33, 43), 45, 46, 47, 48},
        "esp32c3": {*range(9), 10},
    }
    for chip, expected in free.items():
        whole = [short(chip, button={"pin": pin}, i2c=None) for pin in range(-1, 60)]
        spare = {"esp32": (22, 21), "esp32s2": (9, 8), "esp32s3": (9, 8), "esp32c3": (7, 6)}[chip]
        found = set()
        for each in whole:
            pin = each["button"]["pin"]
            others = [one for one in sorted(expected) if one != pin and one not in spare]
            pair = dict(zip(("scl", "sda"), [p for p in spare if p != pin] + others, strict=False))
            if not named(each | {"i2c": {"id": 0, "frequency": 400000} | pair}):
                found.add(pin)
        assert found == expected, chip


def test_the_chips_are_those_that_are_flashed():
    assert set(NAMES) == {each.name for each in CHIPS}
    for chip in NAMES:
        pins = pins_of(chip)
        special = (pins.flash, pins.psram, pins.usb, pins.uart0, pins.adc1, pins.adc2, pins.wakes)
        for each in (*special, pins.input_only, pins.no_pull_up, pins.strapping):
            assert set(each) <= pins.gpios
        assert pins.boot in pins.strapping and not pins.adc1 & pins.adc2
        assert set(pins.sources) == {
            "gpios",
            "input_only",
            "flash",
            "adc2",
            "speeds",
            "strapping",
            "wake",
        }


def test_numbers_of_a_text():
    assert numbers("0-3, 7") == {0, 1, 2, 3, 7}
    assert numbers("") == set()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b"{}", "has no name"),
    ],
)
def test_what_is_no_definition_is_refused(source, words):
    with pytest.raises(WrongBoard, match=words):
        parse(source)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"chip": None}, "has no chip"),
        ({"chip": 32}, "chip must be text"),
        ({"button": {"pin": True}}, "button.pin must be a whole number"),
        ({"button": {"pin": 4.0}}, "button.pin must be a whole number"),
        ({"button": 4}, "button must be an object with pin"),
        ({"button": {}}, "button has no pin"),
        ({"sleep": 1}, "sleep must be true or false"),
        ({"secondbutton": {"pin": 4}}, "unknown key 'secondbutton': did you mean second_button"),
        ({"i2c": bus("esp32") | {"sdl": 3}}, "i2c has an unknown key 'sdl'"),
        ({"battery": {"pin": 1}}, "battery has no upper_ohms"),
        ({"currents": [{"what": "all"}]}, r"currents\[0\] has no state"),
        ({"parts": [7]}, r"parts\[0\] must be an object with ref, part"),
    ],
)
def test_a_form_that_is_wrong_is_refused_with_its_key(changes, words):
    with pytest.raises(WrongBoard, match=words):
        parse(json.dumps(with_changes(changes)).encode())


def test_a_chip_that_no_token_has_is_refused():
    with pytest.raises(WrongBoard, match="esp8266"):
        rules.check(Definition(short() | {"chip": "esp8266"}))


def test_a_board_gets_only_what_the_firmware_reads():
    new = {
        "usb_power": {"pin": 2},
        "battery": BATTERY,
        "sleep": True,
        "rtc": {"driver": "ds3231m"},
        "full_speed": 240000000,
    }
    ours = short("esp32s3", **new)
    whole = ours | {
        "title": "Mine",
        "note": "of a drawer",
        "button": ours["button"] | {"note": "the left one"},
        "parts": [{"ref": "X1", "part": "wire"}],
    }
    got = parse(json.dumps(whole).encode()).for_board()
    assert json.loads(got) == ours


@pytest.mark.parametrize("layout", [{}, {"indent": 4}, {"separators": (",", ":")}])
def test_a_definition_in_the_short_form_goes_on_the_board_as_it_is(layout):
    source = json.dumps(short(), **layout).encode()
    assert parse(source).for_board() == source


def test_the_firmwares_own_is_made_of_the_devkits():
    # make hardware writes it.
    own = (firmware_folder() / "board.json").read_bytes()
    assert load(board_definition("esp32")).for_board() == own
    assert len(own) < 512


@pytest.mark.parametrize("path", sorted(definitions_folder().glob("*.json")), ids=lambda p: p.stem)
def test_every_definition_that_comes_along_can_be_used(path):
    definition = load(path)
    assert definition.name == path.stem
    rules.refuse(definition)
    assert deep_sleep.sleeps(definition)
