"""The breadboard build: its parts and wires are in holes that join what they should."""

import json

import pytest
from known_builds import BUILDS, ROOT

from guide import assembly_page, breadboard
from guide.build import BadBuild
from guide.styles import NET_STYLES

# By the photograph-like picture of ESP32-DevKitC V4, its USB to the left: who is in which column.
ON_BREADBOARD = {
    "lower 17": {"U1 IO22"},
    "lower 14": {"U1 IO21"},
    "upper 19": {"U1 3V3"},
    "upper 9": {"U1 IO27"},
    "upper 10": {"U1 IO26"},
    "lower 1": {"U1 CLK"},
    "upper 1": {"U1 5V"},
    "upper 27": {"U2 SDA"},
    "upper 30": {"U2 GND"},
    "lower 24": {"S1 1"},
    "lower 30": {"S2 2"},
}


def test_the_parts_are_in_the_columns_that_one_counts():
    there = breadboard.plugged(BUILDS["breadboard"])
    assert there is not None
    found: dict[str, set[str]] = {}
    for pin, hole in there.holes:
        half = "lower" if hole[0] in "abcde" else "upper"
        found.setdefault(f"{half} {hole[1:]}", set()).add(f"{pin.ref} {pin.label}")
    assert {column: found.get(column) for column in ON_BREADBOARD} == ON_BREADBOARD


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (0, {"from": "i18"}, "the breadboard joins U1.EN, U2.VCC"),
        (0, {"to": "i22"}, "does not join all of 3V3"),
        (3, {"from": "b19"}, "both in the hole b19"),
        (3, {"from": "k19"}, "has no hole k19"),
        (8, {"from": "e14"}, "both in the hole e14"),
        (8, {"from": "e17", "to": "g27"}, "both in the hole g27"),
        (10, {"part": "U3 SDL"}, "no part has the pin U3 SDL"),
        (10, {"part": "U3 SDA"}, "the breadboard joins "),
    ],
)
def test_a_wire_in_a_wrong_hole_is_found(number, change, words, monkeypatch):
    wires = json.loads((ROOT / "hardware" / "breadboard.json").read_text())
    wires["wires"][number] |= change
    monkeypatch.setattr(breadboard.json, "loads", lambda text, loads=json.loads: (
        wires if '"wires"' in text else loads(text)
    ))  # fmt: skip
    with pytest.raises(BadBuild, match=words):
        breadboard.plugged(BUILDS["breadboard"])


def test_the_breadboard_pictures_show_each_wire_of_their_step_in_its_colour():
    build = BUILDS["breadboard"]
    there = breadboard.plugged(build)
    assert there is not None
    for number, step in assembly_page.pictured(build):
        svg = breadboard.picture(build, there, number, step.refs, "")
        own = [wire for wire in there.wires if wire.step == number]
        assert {wire.net for wire in own} == set(step.new)
        for net in step.new:
            drawn = svg.count(f'fill="none" stroke="{NET_STYLES[net].colour}" stroke-width="3.5"')
            assert drawn == sum(wire.net == net for wire in own)
        text = assembly_page.assembly(build)
        assert all(f"- {wire}\n" in text for wire in own)
        assert f"(breadboard-{number}.svg)" in text
