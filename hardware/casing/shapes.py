"""Solids that both cases are made of, in build123d. All in millimetres."""

import math

from build123d import (
    Align,
    Axis,
    Box,
    Circle,
    Cone,
    Cylinder,
    Part,
    Plane,
    Polygon,
    Pos,
    RectangleRounded,
    Rot,
    chamfer,
    extrude,
    loft,
)

from casing import data
from casing.plan import Button, Plan, Shell, Snap, Window

LIP = 1.5  # mm: how deep the lip of the lid reaches into the tray
STEM = 2.4  # mm: the radius of a cap where it meets its switch
STRAIGHT = 0.5  # of the window's edge, next to the glass
CORNER = (Align.MIN, Align.MIN, Align.MIN)


def block(box: data.Box) -> Part:
    """Return an upright box."""
    return Pos(*box.low) * Box(*box.size, align=CORNER)


def span(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Part:
    """Return an upright box between two values on each axis, in any order."""
    low, high = zip(*(sorted(pair) for pair in (x, y, z)), strict=True)
    return block(data.Box("", low, high))


def slab(shell: Shell, out: float, radius: float, z: tuple[float, float]) -> Part:
    """Return the cavity's outline, `out` larger on all sides, from z to z."""
    (left, lower), (right, upper) = shell.low, shell.high
    size = right - left + 2 * out, upper - lower + 2 * out
    middle = Pos((left + right) / 2, (lower + upper) / 2, z[0])
    return extrude(middle * RectangleRounded(*size, radius), z[1] - z[0])


def bevelled(solid: Part, z: float, size: float) -> Part:
    """Return a solid with the edges at height z cut at 45 degrees."""
    edges = solid.edges().filter_by_position(Axis.Z, z - 1e-6, z + 1e-6)
    return chamfer(edges, size)


def tray(shell: Shell) -> Part:
    """Return the lower half: floor and walls up to the seam, without its cavity."""
    solid = slab(shell, shell.wall, shell.corner, (0.0, shell.seam))
    return bevelled(bevelled(solid, 0.0, shell.bevel), shell.seam, shell.groove)


def lid(shell: Shell) -> Part:
    """Return the upper half: walls from the seam, and the roof."""
    solid = slab(shell, shell.wall, shell.corner, (shell.seam, shell.height))
    solid = bevelled(bevelled(solid, shell.height, shell.bevel), shell.seam, shell.groove)
    return solid - slab(shell, 0.0, shell.inside, (shell.seam, shell.under_roof))


def lip(shell: Shell, fit: float, thickness: float) -> Part:
    """Return the ring inside the walls that leads the lid into the tray."""
    end = shell.seam - LIP
    inner = slab(shell, -fit - thickness, 0.3, (end, shell.under_roof))
    below = slab(shell, -fit, shell.inside, (end, shell.seam))
    above = slab(shell, 0.0, shell.inside, (shell.seam, shell.under_roof))
    return (bevelled(below, end, 0.25) + above) - inner


def spare(solid: Part, plan: Plan, thickness: float = 0.0) -> Part:
    """Return a solid of the lid without what is too near to a bought part.

    A lip of that thickness goes altogether where a part is near it, up to the wall; and so
    does what would be left as a thin film under the roof.
    """
    shell, room = plan.shell, plan.figures["clearance"]
    reach = room + thickness + plan.figures["fit"] if thickness else 0.0
    for placed in plan.placed.values():
        for box in placed.boxes:
            if box.high[2] < shell.seam - LIP - 0.5:
                continue
            wide = box.grown(room, 0.3)
            low = [v if v - wall > reach - room else wall - 1.0
                   for v, wall in zip(wide.low, shell.low, strict=False)]  # fmt: skip
            high = [v if wall - v > reach - room else wall + 1.0
                    for v, wall in zip(wide.high, shell.high, strict=False)]  # fmt: skip
            film = wide.high[2] > shell.under_roof - plan.figures["rib"]
            top = shell.under_roof if film else wide.high[2]
            solid -= block(data.Box("", (*low, 0.0), (*high, top)))  # type: ignore[arg-type]
    return solid


def window(opening: Window, shell: Shell) -> Part:
    """Return what is cut out over the picture: straight at first, then opening to the front."""
    low, high = opening.opening.low, opening.opening.high
    size, middle = (high[0] - low[0], high[1] - low[1]), opening.opening.centre[:2]
    start, end = opening.bottom + STRAIGHT, shell.height + 0.01
    wider = 2 * (end - start) * math.tan(math.radians(opening.slope))
    outline = RectangleRounded(*size, 0.5)
    straight = extrude(Pos(*middle, opening.bottom - 0.01) * outline, STRAIGHT + 0.02)
    front = RectangleRounded(size[0] + wider, size[1] + wider, 1.5)
    return straight + loft([Pos(*middle, start) * outline, Pos(*middle, end) * front])


def collar(opening: Window, shell: Shell, wall: float) -> Part:
    """Return the frame that leads from the roof down to a panel that lies deeper."""
    rise = shell.under_roof - opening.bottom
    wider = rise * math.tan(math.radians(opening.slope))
    around = opening.opening.grown(wall, 0.0)
    (x, y, _), middle = around.size, around.centre[:2]
    low = Pos(*middle, opening.bottom) * RectangleRounded(x, y, 2.0)
    high = Pos(*middle, shell.under_roof) * RectangleRounded(x + 2 * wider, y + 2 * wider, 2.0)
    solid = loft([low, high])
    return solid + extrude(high, 0.1)


def cap(button: Button, height: float) -> Part:
    """Return a cap: the face for a finger, the flange that keeps it in, a stem to the switch.

    The flange is under the roof; a cone carries it, so that it prints standing on its stem.
    """
    radius, top = button.diameter / 2, height + button.proud
    wide = radius + button.gap + button.flange_width
    low = button.flange_top - button.flange
    up = (Align.CENTER, Align.CENTER, Align.MIN)
    face = Pos(0, 0, low) * Cylinder(radius, top - low, align=up)
    solid = bevelled(face, top, 0.8) + Pos(0, 0, low) * Cylinder(wide, button.flange, align=up)
    room = low - button.bottom
    if room > 0.01:
        narrow = max(wide - room, STEM)
        cone = wide - narrow
        solid += Pos(0, 0, low - cone) * Cone(narrow, wide, cone, align=up)
        solid += Pos(0, 0, button.bottom) * Cylinder(narrow, room - cone + 0.01, align=up)
    return Pos(button.x, button.y, 0) * solid


def cap_hole(button: Button, shell: Shell) -> Part:
    """Return what is cut out of the roof for a cap, with a bevel outside."""
    radius = button.diameter / 2 + button.gap
    hole = Pos(button.x, button.y, shell.under_roof - 0.01) * Circle(radius)
    rim = Pos(button.x, button.y, shell.height - 0.6) * Circle(radius)
    return extrude(hole, shell.roof + 0.02) + extrude(rim, 0.61, taper=-45)


def bar(points: list[tuple[float, float]], x: tuple[float, float]) -> Part:
    """Return a bar along x, from x to x, whose cross-section has these corners (y, z)."""
    return Pos(x[0], 0, 0) * extrude(
        Plane.YZ * Polygon(*points, align=None), x[1] - x[0], (1, 0, 0)
    )


def _across(points: list[tuple[float, float]], width: float, snap: Snap) -> Part:
    """Return a profile (towards the outside, z), as wide as told, in the place of a snap."""
    turn = {(1, 0): -90, (0, 1): 0, (-1, 0): 90, (0, -1): 180}[snap.out]
    return Pos(snap.x, snap.y, 0) * Rot(0, 0, turn) * bar(points, (-width / 2, width / 2))


def arm(snap: Snap, root: float) -> Part:
    """Return an arm with its hook, hanging from height `root`."""
    outer, inner = -snap.gap, -snap.gap - snap.thickness
    tip, hook, gusset = snap.tip, snap.hook, 1.0
    points = [
        (outer, root + 0.1), (outer, tip + 2 * hook), (outer + hook, tip + hook), (outer, tip),
        (inner, tip), (inner, root - gusset), (inner - gusset, root), (inner - gusset, root + 0.1),
    ]  # fmt: skip
    return _across(points, snap.width, snap)


def arm_room(snap: Snap, root: float, fit: float) -> Part:
    """Return the room of an arm that is pressed inwards: nothing else may be there."""
    inner, low = -snap.gap - snap.thickness - (snap.hook - snap.gap + fit), snap.tip - fit
    points = [(0.5, root), (0.5, low), (inner, low), (inner, root)]
    return _across(points, snap.width + 4 * fit, snap)


def arm_groove(snap: Snap, fit: float) -> Part:
    """Return what is cut out of the tray's wall for a hook."""
    deep, middle = snap.hook - snap.gap + fit, snap.tip + snap.hook
    points = [(-0.1, middle - deep - 0.1), (deep, middle), (-0.1, middle + deep + 0.1)]
    return _across(points, snap.width + 3 * fit, snap)
