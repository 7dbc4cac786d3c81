"""The wiring pictures and the schematic show the wires.

The pictures are read as a person reads them, from their lines and dots, and compared with
wirings that are written down here.
"""

import re
from itertools import combinations

import pytest
from known_builds import BUILDS, ROOT

from guide import assembly_page, pages
from guide.build import Build
from guide.schematic import schematic
from guide.steps import steps
from guide.styles import NET_STYLES
from guide.wiring import wiring
from tokenctl.boards.definition import load

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
