"""The printed cases: what is kept in the repository fits, can be printed and is of today.

The oracle is another one than build123d, which made them: the kept meshes are cut with the
parts' boxes by Manifold. Every check is shown a case that is spoilt in its way.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from manifold3d import Manifold, Mesh

from casing import breadboard, checks, data, fits, manifest, pocket
from casing.data import Box, DataError
from casing.fits import Piece, cuboid
from casing.plan import Plan

PLANS: dict[str, Callable[..., Plan]] = {"pocket": pocket.plan, "breadboard": breadboard.plan}
BUILDS = list(PLANS)
THREE_MF = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"


@pytest.fixture(scope="module")
def printed() -> dict[str, dict[str, Piece]]:
    return {name: manifest.pieces(name) for name in BUILDS}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the cases' folder, without what the checks do not read."""
    home = tmp_path / "case"
    shutil.copytree(data.HOME, home, ignore=shutil.ignore_patterns("pictures", "*.step"))
    return home


def spoil(home: Path, file: str, *path, value) -> None:
    """Change one value in a file of measures."""
    told = json.loads((home / file).read_text())
    place = told
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (home / file).write_text(json.dumps(told))


def complaints(name: str, pieces: dict[str, Piece], home: Path = data.HOME) -> str:
    return "\n".join(checks.check(PLANS[name](home), pieces))


def carved(piece: Piece, solid: Manifold) -> Piece:
    return replace(piece, solid=solid)


@pytest.mark.parametrize("name", BUILDS)
def test_the_case_fits_and_can_be_printed(name, printed):
    assert complaints(name, printed[name]) == ""


@pytest.mark.parametrize("name", BUILDS)
def test_the_case_is_of_todays_measures(name):
    assert manifest.stale(PLANS[name]()) == []


@pytest.mark.parametrize("name", BUILDS)
def test_a_case_of_yesterday_is_noticed(name, home):
    spoil(home, f"builds/{name}.json", "wall", value=2.5)
    with (home / "printed" / f"{name}-lid.stl").open("ab") as file:
        file.write(b"\0")
    assert manifest.stale(PLANS[name](home), home) == [
        f"The {name} case was made from other measures (figures.wall was 2.4 and is 2.5): "
        "run make case.",
        f"{name}-lid.stl is not the file that was made: run make case.",
    ]


def three_mf(path: Path) -> Iterator[tuple[str, Manifold]]:
    """Return the named solids of a 3MF file, read by hand."""
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("3D/3dmodel.model"))  # noqa: S314
    for thing in root.iter(f"{THREE_MF}object"):
        points = [
            [float(point.get(axis, 0)) for axis in "xyz"]
            for point in thing.iter(f"{THREE_MF}vertex")
        ]
        corners = [
            [int(one.get(corner, 0)) for corner in ("v1", "v2", "v3")]
            for one in thing.iter(f"{THREE_MF}triangle")
        ]
        if points:
            mesh = Mesh(np.array(points, np.float32), np.array(corners, np.uint32))
            yield thing.get("partnumber", ""), Manifold(mesh)


@pytest.mark.parametrize("name", BUILDS)
def test_the_3mf_holds_the_same_pieces_side_by_side_on_the_bed(name, printed):
    found = dict(three_mf(data.HOME / manifest.PRINTED / f"{name}.3mf"))
    assert found.keys() == printed[name].keys()
    for piece, solid in found.items():
        assert solid.volume() == pytest.approx(printed[name][piece].solid.volume(), rel=0.01)
    solids = list(found.values())
    assert not sum((one ^ other).volume() for one in solids for other in solids if one is not other)
    assert max(max(solid.bounding_box()[3:5]) for solid in solids) < fits.BED


@pytest.mark.parametrize("name", BUILDS)
def test_the_stl_files_lie_on_the_bed_as_they_are_printed(name):
    for told in manifest.manifest(name)["pieces"].values():
        low = fits.load(data.HOME / manifest.PRINTED / told["file"]).bounding_box()[2]
        assert low == pytest.approx(0, abs=1e-5)


# A file of measures, what is changed in it, and what the kept case is told then.
OLED, XIAO, SWITCH = "oled-0.96", "xiao-esp32s3", "switch-6x6"
SPOILT = {
    "a lower picture": (OLED, ("active", "at", 1), 8.2, "hides a part of the picture"),
    "a smaller glass": (OLED, ("solids", 1, "size", 0), 24.0, "edge of the glass is seen"),
    "a thicker plug": ("plugs", ("usb-c", "overmould", 1), 7.6, "in the way of a usb-c plug"),
    "a wider controller": (XIAO, ("solids", 0, "size", 0), 18.9, "too near to controller"),
    "a longer travel": (SWITCH, ("plunger", "travel"), 1.2, "meets the body of its switch"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_part_of_another_size_does_not_fit(what, printed, home):
    part, path, value, said = SPOILT[what]
    spoil(home, f"parts/{part}.json", *path, value=value)
    assert said in complaints("pocket", printed["pocket"], home)


def test_a_wall_that_is_too_thin_is_found(printed):
    tray = printed["pocket"]["tray"]
    low, high = tray.solid.bounding_box()[:3], tray.solid.bounding_box()[3:]
    scratch = cuboid(Box("", (low[0] - 1, 40.0, 4.0), (low[0] + 1.2, 50.0, 8.0)))
    pieces = printed["pocket"] | {"tray": carved(tray, tray.solid - scratch)}
    assert "The wall of the tray is thinner than 1.6 mm" in complaints("pocket", pieces)
    floor = cuboid(Box("", (-10.0, 40.0, -1.0), (10.0, 60.0, 0.4)))
    pieces = printed["pocket"] | {"tray": carved(tray, tray.solid - floor)}
    said = complaints("pocket", pieces)
    assert "The wall of the tray is thinner" in said
    assert "would print on air" in said
    assert high[2] > 0


def test_a_lid_printed_the_other_way_up_would_need_supports(printed):
    lid = replace(printed["pocket"]["lid"], face_down=False)
    assert "lid would print on air" in "\n".join(fits.prints(lid))


def test_a_lid_without_hooks_falls_off(printed):
    plan, pieces = pocket.plan(), printed["pocket"]
    lid = pieces["lid"]
    cavity = checks.cavity(plan) + cuboid(Box("", (-99, -99, plan.shell.seam), (99, 199, 99)))
    smooth = pieces | {"lid": carved(lid, lid.solid ^ cavity)}
    assert complaints("pocket", smooth).count("does not hold the lid") == len(plan.snaps)


def test_a_stiff_arm_is_said_to_break(printed, home):
    spoil(home, "builds/pocket.json", "snap", "thickness", value=2.4)
    assert "is bent by 4" in complaints("pocket", printed["pocket"], home)


def test_a_lid_that_is_too_tight_is_found(printed):
    lid = printed["pocket"]["lid"]
    (left, lower, _, right, upper, _), z = lid.solid.bounding_box(), pocket.plan().shell.seam
    tongue = cuboid(Box("", (left + 2.41, lower + 30, z - 1), (left + 4, upper - 20, z + 0.1)))
    pieces = printed["pocket"] | {"lid": carved(lid, lid.solid + tongue)}
    assert "The lid has no 0.15" in complaints("pocket", pieces)
    assert right > left


def test_a_cap_that_is_longer_keeps_the_button_pressed(printed):
    cap = printed["breadboard"]["cap-1"]
    pieces = printed["breadboard"] | {"cap-1": carved(cap, cap.solid.translate((0, 0, -0.3)))}
    assert "cap-1 presses its switch all the time" in complaints("breadboard", pieces)


def test_a_cap_without_its_flange_falls_out(printed):
    cap = printed["breadboard"]["cap-2"]
    button = breadboard.plan().buttons[1]
    stem = Manifold.cylinder(40.0, button.diameter / 2).translate((button.x, button.y, 0))
    pieces = printed["breadboard"] | {"cap-2": carved(cap, cap.solid ^ stem)}
    assert "cap-2 falls out" in complaints("breadboard", pieces)


def test_another_part_makes_another_case():
    """A longer cell: nothing else is told, and the case is longer by as much."""
    plan = pocket.plan()
    cell = plan.parts["cell"]
    box = cell.boxes[0]
    longer = replace(
        cell, boxes=(replace(box, high=(box.high[0], box.high[1] + 5.0, box.high[2])),)
    )
    other = replace(plan, parts=plan.parts | {"cell": longer})
    assert other.shell.outer.size[1] == pytest.approx(plan.shell.outer.size[1] + 5.0)
    assert other.panel.at[1] == pytest.approx(plan.panel.at[1] + 5.0)
    assert other.port.way == plan.port.way


def test_a_devkit_of_30_pins_fits_into_the_same_case(printed, home):
    spoil(home, "builds/breadboard.json", "parts", "controller", value="esp32-devkit-30")
    spoil(home, "builds/breadboard.json", "holes", "controller", value="b3")
    assert breadboard.plan(home).controller.part.box("board").size[0] < 52.0
    assert complaints("breadboard", printed["breadboard"], home) == ""
    spoil(home, "builds/breadboard.json", "holes", "controller", value="b1")
    assert "too near to controller" in complaints("breadboard", printed["breadboard"], home)


BAD = {
    "no size": (("solids", 0, "size"), [1, 2], "cell has no size in x, y and z"),
    "no source": (("solids", 0, "source"), "", "does not say where it is from"),
    "no number": (("tolerance",), "wide", "a value of the wrong kind"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_measures_are_refused_in_one_sentence(what, home):
    path, value, said = BAD[what]
    spoil(home, "parts/lipo-503035.json", *path, value=value)
    with pytest.raises(DataError, match=said):
        pocket.plan(home)


def test_a_hole_that_no_breadboard_has_is_refused(home):
    spoil(home, "builds/breadboard.json", "holes", "switches", value=["b24", "k31"])
    with pytest.raises(DataError, match="A breadboard has no hole k31"):
        _ = breadboard.plan(home).switches
