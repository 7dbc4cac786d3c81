"""The electrical rules check: the builds pass it, and a wiring with a fault does not."""

import json
from pathlib import Path

import pytest
from known_builds import BUILDS, changed, parts_of

from guide import erc
from guide.build import PARTS, BadBuild, Build
from guide.on_board import NETLIST, OnBoard, ohms, on_board


def test_the_builds_pass_the_electrical_rules_check():
    for build in BUILDS.values():
        assert erc.check(build) == []


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (
            lambda: changed("pocket", parts=parts_of("pocket", "U2", "U3", "R5")),
            "SCL has no pull-up",
        ),
        (lambda: changed("pocket", parts=parts_of("pocket", "S1")), "BUTTON ends at U1.D3"),
        (lambda: changed("pocket", parts=parts_of("pocket", "B1")), "VBAT is driven by nothing"),
        (lambda: changed("pocket", parts=parts_of("pocket", "R2")), "no divider"),
        (lambda: changed("pocket", parts=parts_of("pocket", R2="resistor-100k")), "470000"),
        # 5.25 V through 100 and 470 kohm are 4.3 V at a pin; through 150 and 100 too few.
        (lambda: changed("pocket", parts=parts_of("pocket", R4="resistor-470k")), "USB_SENSE is 4"),
        (
            lambda: changed(
                "pocket", parts=parts_of("pocket", R3="resistor-150k", R4="resistor-100k")
            ),
            "USB_SENSE is 1760 mV",
        ),
        # 4.25 V through 150 and 470 kohm are 3.2 V at the converter.
        (lambda: changed("pocket", parts=parts_of("pocket", R1="resistor-150k")), "BAT_SENSE is"),
    ],
)
def test_a_wiring_with_a_fault_is_found(build, words):
    assert any(words in each for each in erc.check(build())), erc.check(build())


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ({"supply_mv": [4500, 5500]}, "U2.VCC takes 4500 to 5500 mV, and gets 3300"),
        ({"net": None}, "U2.VCC is connected to nothing, and nobody says why"),
        ({"net": None, "open": "for a test"}, 'U2 (0.96" OLED, 128x64) has no supply'),
    ],
)
def test_a_part_that_does_not_fit_is_found(pin, words):
    catalogue = json.loads(PARTS.read_text())
    catalogue["oled-096"]["pins"][1] |= pin
    assert words in erc.check(Build(BUILDS["breadboard"].definition, catalogue))


def test_pull_ups_too_strong_are_found():
    catalogue = json.loads(PARTS.read_text())
    # 825 ohm with the clock's 4.7 kohm
    catalogue["oled-096"]["pins"][2]["pull_up_ohms"] = [1000, 1000]
    found = erc.check(Build(BUILDS["breadboard"].definition, catalogue))
    assert found == ["SCL has pull-ups of 825 ohm, which sink more than 3 mA"]


def test_the_oled_s_own_pull_ups_let_the_pocket_s_bus_rise_too_slowly():
    """I2C specification, 7.1: 0.8473 x 10 kohm x 50 pF = 424 ns; 300 at 400 kHz, 1000 at 100."""
    bare = parts_of("pocket", "R5", "R6")
    found = erc.check(changed("pocket", parts=bare))
    assert found == [
        f"{net} rises in 424 ns with 10000 ohm and 50 pF: 300 are allowed at 400 kHz"
        for net in ("SCL", "SDA")
    ]
    slow = BUILDS["pocket"].whole["i2c"] | {"frequency": 100_000}
    assert erc.check(changed("pocket", parts=bare, i2c=slow)) == []
    note = "SCL: pull-ups of 1567 to 3197 ohm together; 0.8473 x 3197 ohm x 50 pF = 135 ns to rise"
    assert erc.notes(BUILDS["pocket"])[0].startswith(note)


def spoilt_board(path: Path, *without: str, **values: str) -> OnBoard:
    """The pocket build on a button board without some parts, or with other values."""
    told = json.loads(NETLIST.read_text())
    told["parts"] = [each for each in told["parts"] if each["ref"] not in without]
    for each in told["parts"]:
        each["value"] = values.get(each["ref"], each["value"])
    path.write_text(json.dumps(told))
    return OnBoard(BUILDS["pocket"], path)


def test_the_button_board_passes_the_same_rules_check(tmp_path):
    assert erc.check(on_board()) == []
    path = tmp_path / "board.json"
    found = erc.check(spoilt_board(path, "R5", "R6"))
    assert "SCL rises in 424 ns with 10000 ohm and 50 pF: 300 are allowed at 400 kHz" in found
    assert any("GND" not in each and "R2" not in each for each in found)
    found = erc.check(spoilt_board(path, R2="100k"))
    assert "battery says a divider of (470000, 470000) ohm, and the parts make" in found[0]
    found = erc.check(spoilt_board(path, "SW1"))
    assert found == ["the net BUTTON ends at U1.D3: nothing else is on it"]


def test_the_button_board_and_the_build_have_the_same_resistors():
    build, board = BUILDS["pocket"], on_board()
    for part in build.parts:
        if part.kind in ("resistor", "capacitor", "button"):
            twin = next(each for each in board.parts if each.purpose == part.purpose)
            assert twin.facts.get("ohms") == part.facts.get("ohms"), part.ref
            assert twin.ref.removeprefix("PCB-") == part.ref or part.kind == "button"


@pytest.mark.parametrize(
    ("value", "number"), [("470k", 470_000), ("4k7", 4700), ("1M", 1_000_000), ("330", 330)]
)
def test_values_as_they_are_printed(value, number):
    assert ohms(value) == number


def test_another_chip_than_the_definition_names_is_found():
    found = erc.check(changed("pocket", rtc={"driver": "pcf8563"}))
    assert found == ["U3 is a ds3231m, and rtc.driver says pcf8563"]
    panel = BUILDS["pocket"].whole["panel"] | {"driver": "sh1106"}
    found = erc.check(changed("pocket", panel=panel))
    assert found == ["U2 is a ssd1306, and panel.driver says sh1106"]


def test_a_part_or_a_pin_that_does_not_exist_is_refused():
    with pytest.raises(BadBuild, match="'nothing'"):
        _ = changed("pocket", parts=[*parts_of("pocket"), {"ref": "U9", "part": "nothing"}]).parts
    with pytest.raises(BadBuild, match="GPIO 21"):
        _ = changed("pocket", button={"pin": 21}).parts
