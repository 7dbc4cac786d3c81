"""Does it fit, and can it be printed? Checks of the meshes that are printed, not of their model.

Nothing here knows how a piece was drawn: pieces are triangles, bought parts are the boxes of
their files, and Manifold cuts the one with the other. Each check returns sentences that
name what is wrong; an empty list is good.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from manifold3d import JoinType, Manifold, Mesh

from casing.data import Box, Placed
from casing.plan import Button, Port, Snap, Window

BED = 220.0  # mm: what most printers take
LAYER = 0.2  # mm
OVERHANG = 1.0  # how far a layer may reach over the one below, in layers: 45 degrees
SPECK = 0.05  # mm2: less than that is a rounding of the mesh
VOLUME = 0.01  # mm3: the same, for solids


@dataclass(frozen=True)
class Piece:
    """A printed piece, where it is in the closed case, and which way up it is printed."""

    name: str
    solid: Manifold
    face_down: bool = False

    @property
    def as_printed(self) -> Manifold:
        """The piece on the bed."""
        solid = self.solid.rotate((180, 0, 0)) if self.face_down else self.solid
        return solid.translate((0, 0, -solid.bounding_box()[2]))


def load(path: Path) -> Manifold:
    """Return the solid in an STL file. Raises ValueError if it is none."""
    mesh = trimesh.load_mesh(path)
    mesh.merge_vertices(digits_vertex=5)
    solid = Manifold(Mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces, np.uint32)))
    if solid.is_empty() or solid.volume() <= 0:
        raise ValueError(f"{path.name} is no closed solid: {solid.status().name}.")
    return solid


def cuboid(box: Box) -> Manifold:
    """Return the solid of a box."""
    return Manifold.cube(box.size).translate(box.low)


def common(one: Manifold, other: Manifold) -> float:
    """Return the volume that two solids share (mm3)."""
    return (one ^ other).volume()


def whole(pieces: Iterable[Piece]) -> Iterator[str]:
    """Each piece is one body, and fits on a printer's bed."""
    for piece in pieces:
        bodies = len(piece.solid.decompose())
        if bodies != 1:
            yield f"{piece.name} is in {bodies} bodies."
        left, front, _, right, back, _ = piece.solid.bounding_box()
        if max(right - left, back - front) > BED:
            yield f"{piece.name} is larger than {BED:.0f} mm."


def apart(pieces: Iterable[Piece]) -> Iterator[str]:
    """Pieces of the closed case do not reach into each other."""
    pieces = list(pieces)
    for number, one in enumerate(pieces):
        for other in pieces[number + 1 :]:
            shared = common(one.solid, other.solid)
            if shared > VOLUME:
                yield f"{one.name} and {other.name} share {shared:.2f} mm3."


def clear(pieces: Iterable[Piece], placed: dict[str, Placed], room: float) -> Iterator[str]:
    """No piece reaches into a bought part, nor nearer to its sides than `room` (mm).

    Above and below parts rest on what holds them, so there only contact is looked for.
    Pegs may be in the holes of a board.
    """
    for name, at in placed.items():
        for box in at.boxes:
            solid = cuboid(box.grown(room, -0.02)) - holes(at)
            for piece in pieces:
                shared = common(piece.solid, solid)
                if shared > VOLUME:
                    yield f"{piece.name} is too near to {name} ({box.what}): {shared:.2f} mm3."


def holes(at: Placed) -> Manifold:
    """Return the holes of a part's board, or nothing."""
    measures = at.part.more.get("holes", {})
    if "spacing" not in measures:
        return Manifold()
    board = at.box("board")
    radius, (x, y) = measures["diameter"] / 2, (spacing / 2 for spacing in measures["spacing"])
    hole = Manifold.cylinder(board.size[2] + 0.2, radius, circular_segments=48)
    middle = (board.centre[0], board.centre[1], board.low[2] - 0.1)
    places = [(i * x, j * y, 0) for i in (-1, 1) for j in (-1, 1)]
    return sum((hole.translate(place) for place in places), Manifold()).translate(middle)


def parts_clear(
    placed: dict[str, Placed], room: float, together: set[frozenset[str]]
) -> Iterator[str]:
    """Bought parts keep `room` (mm) from each other, but for those that are mounted together."""
    names = list(placed)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            if frozenset((one, other)) in together:
                continue
            gap = min(
                cuboid(a).min_gap(cuboid(b), 50.0)
                for a in placed[one].boxes
                for b in placed[other].boxes
            )
            if gap < room:
                yield f"{one} and {other} are {gap:.2f} mm apart."


def plugs_in(
    pieces: Iterable[Piece], port: Port, placed: dict[str, Placed], room: float
) -> Iterator[str]:
    """The largest plug that its specification allows goes all the way in, with `room` around."""
    low = tuple(v if axis == port.axis else v - room for axis, v in enumerate(port.way.low))
    high = tuple(v if axis == port.axis else v + room for axis, v in enumerate(port.way.high))
    way = cuboid(Box("plug", low, high))  # pyrefly: ignore[bad-argument-type]
    for piece in pieces:
        if common(piece.solid, way) > VOLUME:
            yield f"{piece.name} is in the way of a {port.plug} plug."
    for name, at in placed.items():
        for box in at.boxes:
            if common(cuboid(box), way) > VOLUME:
                yield f"{name} ({box.what}) is in the way of a {port.plug} plug."


def sees(
    pieces: Iterable[Piece], window: Window, height: float, aside: float = 30.0
) -> Iterator[str]:
    """The whole picture is seen, from `aside` degrees, too, wherever it may be on its board.

    And the edge of the glass is not seen from the front.
    """
    picture, glass = window.active.grown(window.off_by, 0.0), window.glass
    bottom, top = picture.low[2] + 0.01, height + 1.0
    wider = picture.grown((top - bottom) * float(np.tan(np.radians(aside))), 0.0)
    near = [(x, y, bottom) for x in _ends(picture, 0) for y in _ends(picture, 1)]
    far = [(x, y, top) for x in _ends(wider, 0) for y in _ends(wider, 1)]
    sight = Manifold.hull_points(np.array(near + far))
    for piece in pieces:
        if common(piece.solid, sight) > VOLUME:
            yield f"{piece.name} hides a part of the picture."
    over = _above(glass.grown(2.0, 0.0), bottom, top)
    seen = (_above(glass.grown(0.5, 0.0), 0, 1) - _above(glass.grown(-0.5, 0.0), 0, 1)).project()
    for piece in pieces:
        seen -= (piece.solid ^ over).project()
    if seen.area() > SPECK:
        yield "The edge of the glass is seen through the window."


def _ends(box: Box, axis: int) -> tuple[float, float]:
    return box.low[axis], box.high[axis]


def _above(box: Box, bottom: float, top: float) -> Manifold:
    return cuboid(Box("", (*box.low[:2], bottom), (*box.high[:2], top)))


def presses(
    cap: Piece, button: Button, switch: Placed, others: Iterable[Piece], top: float
) -> Iterator[str]:
    """A cap moves as far as its switch, touches it lightly, stands proud, and cannot fall out."""
    others = list(others)
    plunger = cuboid(switch.box("plunger"))
    if common(cap.solid.translate((0, 0, 0.02)), plunger) > VOLUME:
        yield f"{cap.name} presses its switch all the time."
    if cap.solid.min_gap(plunger, 5.0) > 0.3:
        yield f"{cap.name} does not reach its switch."
    way = cap.solid + cap.solid.translate((0, 0, -button.travel))
    if common(way, cuboid(switch.box("body"))) > VOLUME:
        yield f"{cap.name} meets the body of its switch before it clicks."
    for other in others:
        if common(way, other.solid) > VOLUME:
            yield f"{cap.name} meets {other.name} when it is pressed."
        if 0 < cap.solid.min_gap(other.solid, 0.14) < 0.14:
            yield f"{cap.name} rubs on {other.name}."
    if sum(common(cap.solid.translate((0, 0, 1.0)), other.solid) for other in others) < 5.0:
        yield f"{cap.name} falls out."
    proud = cap.solid.bounding_box()[5] - top
    if not button.travel <= proud <= 1.5:
        yield f"{cap.name} is {proud:.2f} mm above the roof."


def closes(tray: Piece, lid: Piece, fit: float) -> Iterator[str]:
    """The lid goes on, even if print and printer move its walls by `fit` (mm) to one side."""
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        if common(lid.solid.translate((x * fit, y * fit, 0.01)), tray.solid) > 10 * VOLUME:
            yield f"The lid has no {fit} mm of room towards {x}, {y}."


def snaps_hold(
    tray: Piece, lid: Piece, snaps: Iterable[Snap], root: float, strain: float
) -> Iterator[str]:
    """Every hook is behind the wall when the lid is lifted, and its arm survives the bending."""
    lifted = lid.solid.translate((0, 0, 0.9))
    for snap in snaps:
        reach = snap.width / 2
        low = (snap.x - reach, snap.y - reach, snap.tip)
        near = Box("", low, (snap.x + reach, snap.y + reach, root))
        if common(lifted ^ cuboid(near), tray.solid) < 0.3:
            yield f"The snap at {snap.x:.1f}, {snap.y:.1f} does not hold the lid."
        if snap.strain(root) > strain:
            yield f"The snap at {snap.x:.1f}, {snap.y:.1f} is bent by {snap.strain(root):.1%}."


def prints(piece: Piece, bridges: float = 0.0) -> Iterator[str]:
    """Each layer lies on the one below, but for 45 degrees, and bridges up to a span (mm).

    A bridge is held on two sides: what reaches over is nowhere further than half the span
    from what is below.
    """
    solid = piece.as_printed
    top = solid.bounding_box()[5]
    below = solid.slice(LAYER / 2)
    z = LAYER * 1.5
    while z < top - 0.02:
        layer = solid.slice(z)
        carried = below.offset(LAYER * OVERHANG + 0.02, JoinType.Square)
        loose = layer - carried
        loose = loose.offset(-0.05, JoinType.Square)
        if loose.area() > SPECK:
            too_far = layer - below.offset(bridges / 2 + LAYER, JoinType.Square)
            if bridges == 0.0 or too_far.offset(-0.05, JoinType.Square).area() > SPECK:
                low_x, low_y, high_x, high_y = loose.bounds()
                yield (
                    f"{piece.name} would print on air at a height of {z:.1f} mm: "
                    f"{loose.area():.2f} mm2 "
                    f"from {low_x:.1f}, {low_y:.1f} to {high_x:.1f}, {high_y:.1f}."
                )
        below = layer
        z += LAYER


def thick(name: str, solid: Manifold, least: float, but: Iterable[Box] = ()) -> Iterator[str]:
    """Nothing of a solid is thinner than `least` (mm), in slices along all three axes.

    A slice that loses area when it shrinks by half of that and grows again is too thin
    there; 0.1 mm is for what is cut aslant. Edges that taper off are named in `but`.
    """
    exempt = sum((cuboid(box) for box in but), Manifold())
    half = (least - 0.1) / 2
    for axis, turn in {"x": (0, -90, 0), "y": (90, 0, 0), "z": (0, 0, 0)}.items():
        turned, spared = solid.rotate(turn), exempt.rotate(turn)
        low, high = turned.bounding_box()[2], turned.bounding_box()[5]
        for z in np.arange(low + 0.37, high, 0.7):
            cut = turned.slice(float(z))
            kept = cut.offset(-half, JoinType.Miter, 4.0).offset(half + 0.02, JoinType.Miter, 4.0)
            thin = (cut - kept - spared.slice(float(z))).offset(-0.08, JoinType.Square)
            for spot in thin.decompose():
                if spot.area() > 0.15:
                    left, front, right, back = spot.bounds()
                    yield (
                        f"{name} is thinner than {least} mm in the slice {axis} at {z:.1f}, from "
                        f"{left:.1f}, {front:.1f} to {right:.1f}, {back:.1f}."
                    )


def weight(pieces: Iterable[Piece], density: float) -> float:
    """Return the weight (g) of the pieces, printed solid; density in g/cm3."""
    return sum(piece.solid.volume() for piece in pieces) / 1000 * density
