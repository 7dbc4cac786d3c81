"""The board of the pocket build: of today, as KiCad judged it, and judged once more.

The second judge reads the copper out of the board file by itself and cuts the nets with each
other; it knows neither the router nor KiCad's rules.
"""

import json
import math
import re
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from manifold3d import CrossSection, JoinType

from button_board import manifest, netlist, router
from casing import fits, pocket
from casing import manifest as printed
from casing.data import Box

CLEARANCE = 0.2  # mm: what a cheap board house makes
WIRING = netlist.HOME.parent / "boards" / "pocket-xiao-esp32s3.json"


@pytest.fixture(scope="module")
def board() -> netlist.Board:
    return netlist.load()


def expressions(text: str) -> list:
    """Read KiCad's s-expressions into lists of lists and words."""
    stack: list[list] = [[]]
    for word in re.findall(r'"(?:[^"\\\\]|\\\\.)*"|[()]|[^\s()"]+', text):
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word.strip('"'))
    return stack[0][0]


def each(tree: list, name: str) -> list[list]:
    return [item[1:] for item in tree if isinstance(item, list) and item[:1] == [name]]


def one(tree: list, name: str) -> list:
    return each(tree, name)[0]


def disc(x: float, y: float, radius: float) -> CrossSection:
    return CrossSection.circle(radius, 32).translate((x, y))


def track(start: list, end: list, width: float) -> CrossSection:
    (ax, ay), (bx, by) = (map(float, place[:2]) for place in (start, end))
    ends = disc(ax, ay, width / 2) + disc(bx, by, width / 2)
    return ends.hull()


def copper(tree: list) -> dict[tuple[str, str], list[CrossSection]]:
    """Return the pieces of copper by net and layer, areas as what they are filled with."""
    names = {net[0]: net[1] for net in each(tree, "net")}
    found: dict[tuple[str, str], list[CrossSection]] = defaultdict(list)
    for part in each(tree, "footprint"):
        px, py = map(float, one(part, "at")[:2])
        for pad in each(part, "pad"):
            at, size = one(pad, "at"), [float(value) for value in one(pad, "size")]
            x, y = px + float(at[0]), py + float(at[1])
            layers = one(pad, "layers")
            nets = each(pad, "net")
            net = nets[0][1] if nets else f"open {part[0]} {pad[0]} {x} {y}"
            if pad[1] == "thru_hole":
                shape = disc(x, y, size[0] / 2)
            else:
                shape = CrossSection.square(size, center=True).translate((x, y))
            for layer in ("F.Cu", "B.Cu"):
                if layer in layers or "*.Cu" in layers:
                    found[net, layer].append(shape)
    for piece in each(tree, "segment"):
        net, layer = names[one(piece, "net")[0]], one(piece, "layer")[0]
        shape = track(one(piece, "start"), one(piece, "end"), float(one(piece, "width")[0]))
        found[net, layer].append(shape)
    for via in each(tree, "via"):
        x, y = map(float, one(via, "at"))
        for layer in ("F.Cu", "B.Cu"):
            shape = disc(x, y, float(one(via, "size")[0]) / 2)
            found[names[one(via, "net")[0]], layer].append(shape)
    for zone in each(tree, "zone"):
        for filled in each(zone, "filled_polygon"):
            points = np.array(each(one(filled, "pts"), "xy"), float)
            polygon = CrossSection([points])
            found[one(zone, "net_name")[0], one(filled, "layer")[0]].append(polygon)
    return found


@pytest.fixture(scope="module")
def tree() -> list:
    return expressions((netlist.HOME / "button-board.kicad_pcb").read_text())


def merged(pieces: list[CrossSection]) -> CrossSection:
    return sum(pieces, CrossSection())


def too_near(found: dict[tuple[str, str], list[CrossSection]]) -> list[str]:
    nets = {key: merged(pieces) for key, pieces in found.items()}
    complaints = []
    for (net, layer), shape in nets.items():
        around = shape.offset(CLEARANCE - 0.01, JoinType.Round, circular_segments=32)
        for (other, its_layer), its in nets.items():
            if net < other and layer == its_layer and (around ^ its).area() > 1e-4:
                complaints.append(f"{net} and {other} on {layer}")
    return complaints


def islands(found: dict[tuple[str, str], list[CrossSection]], tree: list, net: str) -> int:
    """Count the pieces that a net is in, over both layers; holes join them."""
    pieces = [
        (layer, island)
        for (name, layer), shapes in found.items()
        if name == net
        for island in merged(shapes).decompose()
    ]
    places = [[float(value) for value in one(via, "at")] for via in each(tree, "via")]
    through = [disc(x, y, 0.1) for x, y in places]
    for part in each(tree, "footprint"):
        px, py = map(float, one(part, "at")[:2])
        for pad in each(part, "pad"):
            if pad[1] == "thru_hole":
                x, y = (a + float(b) for a, b in zip((px, py), one(pad, "at")[:2], strict=True))
                through.append(disc(x, y, 0.1))
    group = list(range(len(pieces)))
    for hole in through:
        met = [i for i, (_, island) in enumerate(pieces) if (island ^ hole).area() > 0]
        for i in met[1:]:
            group = [group[met[0]] if value == group[i] else value for value in group]
    return len(set(group))


def test_the_board_is_of_todays_netlist(board):
    assert manifest.stale(board) == []


def test_kicad_found_nothing():
    said = (netlist.HOME / "drc.txt").read_text()
    assert re.findall(r"Found (\d+)", said) == ["0", "0", "0"]


def test_nets_keep_their_distance(tree):
    assert too_near(copper(tree)) == []


def test_every_net_is_in_one_piece(tree, board):
    found = copper(tree)
    assert {net: islands(found, tree, net) for net in board.nets} == dict.fromkeys(board.nets, 1)


def test_a_track_that_is_moved_is_noticed(tree):
    """A short and a cut: the judge sees what it is there to see."""
    found = copper(tree)
    found["SCL", "F.Cu"].append(found["SDA", "F.Cu"][-1])
    assert too_near(found)
    rest = [item for item in tree if not (isinstance(item, list) and item[:1] == ["via"])]
    cut = copper(rest)
    assert any(islands(cut, rest, net) > 1 for net in ("3V3", "VBAT", "SCL"))


def holes_in_texts(tree: list) -> list[str]:
    """Return the texts that a hole is in, by the file alone: a character is 0.91 heights wide."""
    holes = [
        (*map(float, one(via, "at")), float(one(via, "drill")[0])) for via in each(tree, "via")
    ]
    for part in each(tree, "footprint"):
        px, py = map(float, one(part, "at")[:2])
        for pad in each(part, "pad"):
            if pad[1] == "thru_hole":
                x, y = map(float, one(pad, "at")[:2])
                holes.append((px + x, py + y, float(one(pad, "drill")[0])))
    found = []
    for text in each(tree, "gr_text"):
        x, y = map(float, one(text, "at")[:2])
        high = float(one(one(one(text, "effects"), "font"), "size")[0])
        wide = 0.91 * high * len(text[0])
        for hx, hy, drill in holes:
            dx = max(abs(hx - x) - wide / 2, 0.0)
            dy = max(abs(hy - y) - high / 2, 0.0)
            if math.hypot(dx, dy) < drill / 2:
                found.append(text[0])
    return found


def test_no_hole_is_in_a_text(tree):
    assert len(each(tree, "gr_text")) > 20
    assert holes_in_texts(tree) == []
    via = next(item for item in tree if isinstance(item, list) and item[:1] == ["via"])
    text = next(item for item in each(tree, "gr_text") if item[0] == "SW1")
    moved = [["at", *one(text, "at")[:2]] if item[:1] == ["at"] else item for item in via]
    assert holes_in_texts([*tree, moved]) == ["SW1"]


def test_the_file_has_the_pads_of_the_netlist(tree, board):
    told = sorted((pad.part, pad.number, pad.net) for pad in board.pads)
    names = []
    for part in each(tree, "footprint"):
        ref = next(text[1] for text in each(part, "fp_text") if text[0] == "reference")
        for pad in each(part, "pad"):
            nets = each(pad, "net")
            names.append((ref, pad[0], nets[0][1] if nets else ""))
    assert sorted(names) == told


def test_it_takes_the_place_of_the_perfboard_in_the_case(board):
    """Its outline is that of the perfboard, and its switches are under the caps."""
    plan = pocket.plan()
    assert (board.width, board.height, board.thickness) == plan.button_board.part.box("board").size
    switches = [part for part in board.parts if part.footprint == "switch"]
    for part, button in zip(switches, plan.buttons, strict=True):
        assert part.x + plan.button_board.at[0] == pytest.approx(button.x)
        assert part.y + plan.button_board.at[1] == pytest.approx(button.y)
    ledge = 2.0  # what rests on the tray, and is held by the lid
    for pad in board.pads:
        assert ledge + 0.5 < pad.x < board.width - ledge - 0.5


HEIGHTS = {"so-8": 1.75, "0805": 1.3, "wire": 1.4}  # mm: data sheets; solder and cut wires


def test_its_parts_have_room_in_the_case(board):
    plan, pieces = pocket.plan(), printed.pieces("pocket")
    place = plan.button_board
    low, high = place.box("board").low[2], place.box("board").high[2]
    for part in board.parts:
        if part.footprint not in HEIGHTS:
            continue  # the switches are in the case's own checks
        height, (wide, deep) = HEIGHTS[part.footprint], part.body
        x, y, _ = place.point(part.x, part.y)
        deep = 6.2 if part.footprint == "so-8" else deep  # over its leads
        z = (low - height, low) if part.back else (high, high + height)
        if part.footprint == "wire":
            z = (low - height, high + height)
        box = Box(part.ref, (x - wide / 2, y - deep / 2, z[0]), (x + wide / 2, y + deep / 2, z[1]))
        for piece in pieces.values():
            assert fits.common(piece.solid, fits.cuboid(box.grown(0.2))) == 0, (
                part.ref,
                piece.name,
            )


def test_wires_go_where_the_wiring_says(board):
    """The pads are named after the XIAO's pins; which those are is in the board definition."""
    wiring = json.loads(WIRING.read_text())
    pins = {
        pin["gpio"]: pin["label"]
        for side in ("left", "right")
        for pin in wiring["module"][side]
        if "gpio" in pin
    }
    wires = {
        part.pads[0].net: part.value
        for part in board.parts
        if part.footprint == "wire" and re.fullmatch(r"D\d+", part.value)
    }
    assert wires == {
        "BUTTON": pins[wiring["button"]["pin"]],
        "BUTTON2": pins[wiring["second_button"]["pin"]],
        "SCL": pins[wiring["i2c"]["scl"]],
        "SDA": pins[wiring["i2c"]["sda"]],
        "BAT_SENSE": pins[wiring["battery"]["pin"]],
        "USB_SENSE": pins[wiring["usb_power"]["pin"]],
    }
    values = {part.ref: part.value for part in board.parts}
    assert values["R1"] == f"{wiring['battery']['upper_ohms'] // 1000}k"
    assert values["R2"] == f"{wiring['battery']['lower_ohms'] // 1000}k"


def test_a_pin_that_goes_nowhere_has_to_be_said(tmp_path: Path):
    path = tmp_path / "button-board.json"
    shutil.copy(netlist.HOME / "button-board.json", path)
    told = json.loads(path.read_text())
    del told["parts"][2]["open"]["4"]
    path.write_text(json.dumps(told))
    with pytest.raises(ValueError, match="U1 does not say where its pin 4 goes."):
        netlist.load(path)


def small(*pads: tuple[float, float, str]) -> netlist.Board:
    """A board of 4 x 4 mm with pads on its front."""
    made_pads = tuple(
        netlist.Pad("P", str(number), x, y, 0.5, 0.5, frozenset((0,)), None, net)
        for number, (x, y, net) in enumerate(pads)
    )
    part = netlist.Placed("P", "", "", 0, 0, False, made_pads, (1, 1))
    rules = {"track": 0.25, "clearance": 0.2, "via": 0.6, "drill": 0.3, "edge": 0.3}
    return netlist.Board("", 4.0, 4.0, 1.6, rules, (part,))


def test_nets_that_cross_change_sides():
    routes = router.Router(
        small((0.6, 2.0, "A"), (3.4, 2.0, "A"), (2.0, 0.6, "B"), (2.0, 3.4, "B"))
    ).route()
    length = sum(
        math.dist(a, b)
        for _, _, points in routes.tracks
        for a, b in zip(points, points[1:], strict=False)
    )
    assert {net for net, _, _ in routes.tracks} == {"A", "B"}
    assert len(routes.vias) in (0, 2)  # through the board, or around the other's end
    assert length < 12.0


def test_a_pad_that_is_walled_in_is_named():
    wall = [(x, y, "") for x in (1.4, 2.0, 2.6) for y in (1.4, 2.0, 2.6) if (x, y) != (2.0, 2.0)]
    with pytest.raises(ValueError, match="The pads of A are walled in."):
        router.Router(small((2.0, 2.0, "A"), (0.6, 0.6, "A"), *wall)).route()
