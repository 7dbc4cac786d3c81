"""What is made of the board definitions: it is up to date, and the pictures show the wires.

The pictures are read as a person reads them, from their lines and dots, and compared with
wirings that are written down here.
"""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from guide import assembly_page, breadboard, erc, pages, power
from guide.__main__ import made_of
from guide.build import PARTS, BadBuild, Build, builds
from guide.on_board import NETLIST, OnBoard, ohms, on_board
from guide.schematic import schematic
from guide.steps import steps
from guide.styles import NET_STYLES
from guide.wiring import wiring
from tokenctl.boards.chips import NAMES, numbers, pins_of
from tokenctl.boards.definition import Definition, load

ROOT = Path(__file__).parents[2]
BUILDS = {build.name: build for build in builds()}
# Which labels each net joins in the picture: the board's pin first, then the parts'.
WIRES = {
    "breadboard": {
        "3V3": ["3V3", "VCC", "VCC"],
        "GND": ["GND", "GND", "2", "2", "GND", "GND"],
        "SCL": ["IO22", "SCL", "SCL"],
        "SDA": ["IO21", "SDA", "SDA"],
        "BUTTON": ["IO27", "1"],
        "BUTTON2": ["IO26", "1"],
    },
    "minimal": {  # the OLED hangs on the clock's far end
        "3V3": ["3V3", "VCC", "VCC", "VCC"],
        "GND": ["GND", "GND", "GND", "GND"],
        "SCL": ["D22", "SCL", "SCL", "SCL"],
        "SDA": ["D21", "SDA", "SDA", "SDA"],
    },
    "pocket": {
        "3V3": ["3V3", "VCC", "+", "1", "1"],
        "GND": ["GND", "BAT- (back)", "GND", "-", "2", "2", "2", "2", "2", "-"],
        "SCL": ["D10", "SCL", "C", "2"],
        "SDA": ["D9", "SDA", "D", "2"],
        "BUTTON": ["D3", "1"],
        "BUTTON2": ["D4", "1"],
        "BAT_SENSE": ["D0", "2", "1", "1"],
        "USB_SENSE": ["D1", "2", "1"],
        "VBUS": ["5V", "1"],
        "VBAT": ["BAT+ (back)", "1", "+"],
    },
}
LINE = re.compile(r'<polyline points="([^"]+)" fill="none" stroke="([^"]+)" stroke-width="3"')
DOT = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="5(?:\.5)?"')
TEXT = re.compile(
    r'<text x="([\d.]+)" y="([\d.]+)" font-size="([\d.]+)"[^>]* text-anchor="(\w+)"[^>]*>([^<]*)<'
)
POINT = re.compile(r"([-\d.]+),([-\d.]+)")


def changed(name: str, **changes) -> Build:
    """A build with changes in its definition; None takes a key away."""
    whole = json.loads(json.dumps(BUILDS[name].whole)) | changes
    return Build(Definition({key: each for key, each in whole.items() if each is not None}))


def lines(svg: str) -> dict[str, list[tuple[tuple[float, float], ...]]]:
    """The pieces of wire, each two points, by the net that their colour stands for."""
    body = svg[: svg.index("Wires that cross")]
    names = {style.colour: net for net, style in NET_STYLES.items()}
    found: dict[str, list[tuple[tuple[float, float], ...]]] = {}
    for points, colour in LINE.findall(body):
        ends = tuple((float(x), float(y)) for x, y in POINT.findall(points))
        if colour in names and abs(ends[0][0] - ends[1][0]) != 62:  # that is the legend's
            found.setdefault(names[colour], []).append(ends)
    return found


def joined(svg: str) -> dict[str, list[list[str]]]:
    """For each net the groups of pins that its lines join, by the labels next to their dots."""
    labels = [(float(x), float(y), anchor, words) for x, y, _, anchor, words in TEXT.findall(svg)]
    dots = [(float(x), float(y)) for x, y in DOT.findall(svg)]
    result: dict[str, list[list[str]]] = {}
    for net, pieces in lines(svg).items():
        groups: list[list[tuple[tuple[float, float], ...]]] = []
        for piece in pieces:
            near = [group for group in groups if any(touch(piece, other) for other in group)]
            groups = [group for group in groups if group not in near]
            groups.append([piece, *(each for group in near for each in group)])
        result[net] = [
            [
                next(words for lx, ly, _, words in labels if beside(dot, lx, ly))
                for dot in dots
                if any(on(dot, piece) for piece in group)
            ]
            for group in groups
        ]
    return result


def beside(dot, x, y):
    return 8 < abs(dot[0] - x) < 15 and 3 < y - dot[1] < 6


def on(point, piece):
    (x1, y1), (x2, y2) = piece
    return (
        min(x1, x2) - 0.2 <= point[0] <= max(x1, x2) + 0.2
        and min(y1, y2) - 0.2 <= point[1] <= max(y1, y2) + 0.2
    )


def touch(one, other):
    """Whether an end of one piece lies on the other: a mere crossing joins nothing."""
    return any(on(end, other) for end in one) or any(on(end, one) for end in other)


def test_what_is_made_is_up_to_date():
    # If this fails: make hardware, and look at the pictures.
    files = made_of()
    there = (ROOT / "hardware" / "builds").rglob("*")
    names = {path.relative_to(ROOT).as_posix() for path in there if path.is_file()}
    assert names == {name for name in files if name.startswith("hardware/builds/")}
    for name, content in files.items():
        assert (ROOT / name).read_bytes() == content, name


@pytest.mark.parametrize("name", WIRES)
def test_the_picture_shows_the_wires(name):
    found = joined(wiring(BUILDS[name]))
    assert set(found) == set(WIRES[name])
    for net, expected in WIRES[name].items():
        assert sorted(sum(found[net], [])) == sorted(expected), net
        # One piece of wiring; but boards have several ground pins, and the minimal is a chain.
        two = name == "minimal" or (net == "GND" and name in ("breadboard", "pocket"))
        pieces = 2 if two else 1
        assert len(found[net]) == pieces, net


@pytest.mark.parametrize("name", WIRES)
def test_no_two_wires_share_a_line_and_none_ends_on_another(name):
    pieces = [(net, piece) for net, all_ in lines(wiring(BUILDS[name])).items() for piece in all_]
    for (net, one), (other_net, other) in combinations(pieces, 2):
        if net != other_net:
            assert not touch(one, other), (net, other_net, one, other)


def boxes(svg: str):
    """Where each text is, in px: its width as DejaVu Sans has it, at most."""
    for x, y, size, anchor, words in TEXT.findall(svg):
        high = float(size)
        wide = 0.68 * high * len(words.replace("&quot;", '"'))
        left = float(x) - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        yield left, float(y) - 0.75 * high, left + wide, float(y), words


@pytest.mark.parametrize("name", WIRES)
def test_no_two_texts_overlap_and_all_are_within_the_picture(name):
    for number, step in [(0, None), *assembly_page.pictured(BUILDS[name])]:
        nets = None if step is None else (step.refs, step.nets, step.new)
        svg = wiring(BUILDS[name], *(nets or ()), heading="" if step is None else str(number))
        width, height = map(float, re.findall(r'width="(\d+)" height="(\d+)"', svg)[0])
        for one, other in combinations(list(boxes(svg)), 2):
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]
            assert apart or other[3] <= one[1], (one, other)
        for left, top, right, bottom, words in boxes(svg):
            assert left >= 0 and top >= 0 and right <= width and bottom <= height, words


def test_a_pin_that_is_changed_changes_all_that_is_made_of_it(tmp_path):
    source = (ROOT / "hardware" / "boards" / "esp32-devkit.json").read_text()
    path = tmp_path / "esp32-devkit.json"
    path.write_text(source.replace('"button": {"pin": 27', '"button": {"pin": 25'))
    assert path.read_text() != source
    new, old = Build(load(path)), BUILDS["breadboard"]
    assert new.definition.for_board() != old.definition.for_board()
    assert joined(wiring(new))["BUTTON"] == [["IO25", "1"]] or ["1", "IO25"] in [
        *joined(wiring(new))["BUTTON"]
    ]
    for make in (schematic, pages.netlist, pages.overview, assembly_page.assembly):
        assert "IO25" in make(new), make
        assert make(new) != make(old), make


def test_the_schematic_names_each_pin_and_net():
    for build in BUILDS.values():
        drawn = set(re.findall(r">([^<>]+)<", schematic(build)))
        for use in build.definition.uses:
            assert any(f"(GPIO {use.pin})" in words for words in drawn), (build.name, use)
        for part in build.parts:
            if part.pins:
                assert any(words.startswith(part.ref) for words in drawn), part.ref


@pytest.mark.parametrize("name", WIRES)
def test_the_steps_connect_everything_once(name):
    build = BUILDS[name]
    wires = [wire for step in steps(build) for wire in step.wires]
    assert len(wires) == len(set(wires))
    expected = {
        f"{pin.ref} {pin.label}"
        for part in build.parts[1:]
        for pin in part.pins
        if pin.net is not None and not pin.through
    }
    assert {wire.split(" to ")[0] for wire in wires} == expected
    text = assembly_page.assembly(build)
    for wire in wires:
        assert f"- [ ] {wire}\n" in text
    numbers = [int(each) for each in re.findall(r"^## (\d+)\.", text, re.MULTILINE)]
    assert numbers == list(range(len(numbers)))


def test_the_builds_pass_the_electrical_rules_check():
    for build in BUILDS.values():
        assert erc.check(build) == []


def parts_of(name, *refs, **instead):
    """A build's parts without some, and with others in the place of some."""
    found = [each for each in BUILDS[name].whole["parts"] if each["ref"] not in refs]
    return [each | {"part": instead.get(each["ref"], each["part"])} for each in found]


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


def test_the_schematic_is_on_a_white_that_is_drawn_and_shows_each_pull_up():
    for build in BUILDS.values():
        svg = schematic(build)
        x, y, width, height = re.findall(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', svg)[0]
        first = re.findall(r"<(?:rect|circle|path|text)[^>]*>", svg)[0]
        assert first == f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#ffffff"/>'
        for pin in build.nets["SCL"]:
            if pin.pull_up_ohms is not None:
                own = build.part(pin.ref).kind == "resistor"
                assert f">{pin.ref}<" in svg if own else f">on {pin.ref}:<" in svg
    assert "charger on U1" in schematic(BUILDS["pocket"])
    assert "taken off" in schematic(BUILDS["breadboard"])


def test_a_part_or_a_pin_that_does_not_exist_is_refused():
    with pytest.raises(BadBuild, match="'nothing'"):
        _ = changed("pocket", parts=[*parts_of("pocket"), {"ref": "U9", "part": "nothing"}]).parts
    with pytest.raises(BadBuild, match="GPIO 21"):
        _ = changed("pocket", button={"pin": 21}).parts


def test_the_budget_is_what_one_computes_by_hand():
    # Pocket, 20 codes a day of 30.6 s: 612 s at 35.494 mA, the rest of the day at 0.1679 mA.
    pocket = BUILDS["pocket"]
    day = power.day_mah(pocket, power.STATED)
    assert day == pytest.approx(612 / 3600 * 35.494 + (24 - 0.17) * 0.16794, rel=1e-3)
    # 400 of 500 mAh are used; the cell loses 150 mAh a year by itself.
    assert power.days(pocket, day) == pytest.approx(400 / (day + 150 / 365), rel=1e-9)
    assert power.lit_ua(pocket) > 100 * power.asleep_ua(pocket)
    assert power.awake_day_mah(pocket, power.STATED) > 50 * day
    drawer = power.day_mah(pocket, power.PATTERNS[0])
    assert drawer == pytest.approx(24 * power.asleep_ua(pocket) / 1000)


def test_every_fact_has_its_source():
    for path in (ROOT / "hardware" / "boards").glob("*.json"):
        whole = json.loads(path.read_text())
        sources = [each["source"] for each in whole.get("currents", [])]
        sources += [whole[name]["source"] for name in ("module", "supply") if name in whole]
        assert all(len(each) > 20 for each in sources), path
        if "build" in whole:
            assert {"title", "module", "supply", "currents", "parts"} <= set(whole)
    for name, part in json.loads(PARTS.read_text()).items():
        low, high = part["price_eur"]
        assert 0 < low <= high and part["type"] and part["title"], name


PAGES = sorted((ROOT / "hardware").glob("builds/*/*.md")) + [ROOT / "hardware" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_page_says_which_pins_wake_which_chip():
    page = (ROOT / "hardware" / "README.md").read_text()
    rows = re.findall(
        r"^- (ESP32[^:]*): GPIO (.+) \(`esp32.wake_on_(\w+)`, from ([\d.]+)\)$", page, re.M
    )
    said = {
        title: (numbers(pins.replace("–", "-")), by, since)
        for titles, pins, by, since in rows
        for title in titles.split(", ")
    }
    pins = [pins_of(chip) for chip in NAMES]
    assert said == {each.title: (each.wakes, each.wake_by, each.wake_since) for each in pins}
