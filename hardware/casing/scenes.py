"""The pictures of a case: closed, taken apart, and the pieces as they lie on the bed.

Needs Embree (extra `case`).
"""

from pathlib import Path

import numpy as np

from casing import data, manifest
from casing.data import Placed
from casing.picture import Floats, Scene, Thing, View, cuboid
from casing.plan import Plan

CASE, LID, CAP = (0.17, 0.19, 0.22), (0.21, 0.24, 0.28), (0.95, 0.42, 0.12)
METAL, GLASS = (0.78, 0.78, 0.78), (0.03, 0.03, 0.035)
COLOURS = {
    "controller": (0.09, 0.09, 0.1), "panel": (0.05, 0.2, 0.45), "clock": (0.1, 0.28, 0.6),
    "cell": (0.75, 0.75, 0.78), "button board": (0.72, 0.52, 0.25), "switch": (0.1, 0.1, 0.1),
    "breadboard": (0.9, 0.9, 0.87),
}  # fmt: skip
HIDDEN = ("joints", "ribbon")  # allowances, which are no things
SIZE = (1000, 750)


def draw(plan: Plan, home: Path = data.HOME, rays: int = 2, light: int = 32) -> list[Path]:
    """Draw all pictures of a case, and return them. `rays` and `light` as in Scene.picture."""
    pieces = {
        name: Thing(
            _triangles(piece.solid), CASE if name == "tray" else CAP if "cap" in name else LID
        )
        for name, piece in manifest.pieces(plan.name, home).items()
    }
    shown = home.parents[1] / "docs" / "screens" / "code.png"
    parts = {name: _part(name, placed, plan, shown) for name, placed in plan.placed.items()}
    outer = plan.shell.outer
    middle, wide = outer.centre, max(outer.size[0], outer.size[1] * 0.95)
    flat = [thing for some in parts.values() for thing in some]
    eye = (-62, 47) if outer.size[1] > outer.size[0] else (-68, 47)
    looked_at = 2.6 if "button board" in parts else 1.5
    pictures = {
        "closed": ([*pieces.values(), *flat], View(*eye, (middle[0], middle[1], 5), wide * 1.42)),
        "apart": (
            _apart(plan, pieces, parts),
            View(eye[0] + 6, 27, (middle[0], middle[1], looked_at * outer.size[2]), wide * 1.9),
        ),
        "pieces": _bed(plan, pieces),
    }
    found = []
    for name, (things, view) in pictures.items():
        path = home / "pictures" / f"{plan.name}-{name}.png"
        path.parent.mkdir(exist_ok=True)
        picture = Scene(things).picture(view, SIZE, rays, light)
        picture.save(path, optimize=True)
        found.append(path)
    return found


def _triangles(solid) -> Floats:
    mesh = solid.to_mesh()
    return np.asarray(mesh.vert_properties, float)[:, :3][np.asarray(mesh.tri_verts)]


def _part(name: str, placed: Placed, plan: Plan, screen: Path) -> list[Thing]:
    picture = plan.window.active
    found = []
    for box in placed.boxes:
        what = box.what.rsplit(": ", 1)[-1]
        if any(hidden in what for hidden in HIDDEN):
            continue
        if what == "glass":
            area = (*picture.low[:2], *picture.size[:2])
            found.append(Thing(cuboid(box.low, box.high), GLASS, screen, area))
            continue
        metal = "receptacle" in what or what == "module"
        colour = METAL if metal else COLOURS[name.split(" ")[0]]
        found.append(Thing(cuboid(box.low, box.high), colour))
    return found


def _apart(plan: Plan, pieces: dict[str, Thing], parts: dict[str, list[Thing]]) -> list[Thing]:
    """Lift what comes out first the highest."""
    step = plan.shell.outer.size[2]
    lifts = {"button board": 1.1, "switch": 1.1} if "button board" in parts else {}
    lifts |= {"panel": 2.5} if "button board" in parts else {}
    things = [pieces["tray"]]
    for name, some in parts.items():
        lift = lifts.get(name.split(" ")[0], 0.0) * step
        things += [thing.moved((0, 0, lift)) for thing in some]
    high = 4.2 if "button board" in parts else 2.6
    for name, thing in pieces.items():
        if name != "tray":
            lift = high if name == "lid" else high - 1.2
            things.append(thing.moved((0, 0, lift * step)))
    return things


def _bed(plan: Plan, pieces: dict[str, Thing]) -> tuple[list[Thing], View]:
    """Lay the pieces on the table as they are printed."""
    outer = plan.shell.outer
    tall = outer.size[1] > outer.size[0]
    gap, thing = 8.0, pieces["lid"]
    upside = Thing(
        thing.triangles * np.array([1, -1, -1])
        + np.array([0, outer.low[1] + outer.high[1], outer.high[2]]),
        (0.34, 0.37, 0.41),
    )
    step = np.array([outer.size[0] + gap, 0, 0] if tall else [0, outer.size[1] + gap, 0])
    things = [Thing(pieces["tray"].triangles, (0.3, 0.33, 0.37)), upside.moved(step)]
    for number, name in enumerate(name for name in pieces if "cap" in name):
        cap = pieces[name]
        low = cap.triangles.min((0, 1))
        corner = np.array([outer.high[0] + 6, outer.low[1] + 4 + 14 * number, 0])
        if tall:
            corner = np.array([outer.low[0] + 4 + 14 * number, outer.low[1] - 14, 0])
        things.append(cap.moved(corner - low))
    centre = np.array([*outer.centre[:2], 3.0]) + step / 2
    wide = (2 * outer.size[0] + gap if tall else outer.size[0]) * (1.5 if tall else 1.85)
    return things, View(-75, 52, tuple(centre), wide)
