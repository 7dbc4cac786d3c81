"""The printed pieces of the pocket case: tray, lid and two caps."""

import math

from build123d import Circle, Cylinder, Part, Polygon, Pos, extrude

from casing import shapes
from casing.data import Box
from casing.plan import FENCE
from casing.pocket import STOP, Pocket
from casing.shapes import bar, block, span, spare


def pieces(plan: Pocket) -> dict[str, Part]:
    """Return the pieces by name, each where it is in the closed case."""
    named = {"tray": tray(plan), "lid": lid(plan)}
    for number, button in enumerate(plan.buttons, 1):
        named[f"cap-{number}"] = shapes.cap(button, plan.shell.height)
    return named


def tray(plan: Pocket) -> Part:
    """Return the tray: the box, what holds the parts, the opening for the plug, the ring's eye."""
    shell, fit = plan.shell, plan.figures["fit"]
    inside = _controller(plan) + _clock(plan) + _button_board(plan) + _cell(plan)
    for snap in plan.snaps:
        inside -= shapes.arm_room(snap, shell.height, fit)
    cavity = shapes.slab(shell, 0.0, shell.inside, (shell.floor, shell.seam + 1.0))
    solid = shapes.tray(shell) + _eye(plan)
    solid = (solid - cavity) + (inside & shapes.slab(shell, 1.0, 1.0, (0.5, shell.seam)))
    for snap in plan.snaps:
        solid -= shapes.arm_groove(snap, fit)
    return solid - _opening(plan.opening)


def lid(plan: Pocket) -> Part:
    """Return the lid: the window, the panel's frame and pegs, what holds down, the snaps."""
    shell, figures = plan.shell, plan.figures
    inside = shapes.lip(shell, figures["fit"], figures["lip"])
    away = figures["clearance"] + figures["lip"] + figures["fit"]
    inside -= block(Box("", (shell.low[0], -1, 0), (plan.opening.high[0] + away, 5, 99)))
    for snap in plan.snaps:
        inside -= shapes.arm_room(snap, shell.under_roof, figures["fit"])
    inside = spare(inside, plan, figures["lip"]) + spare(_frame(plan), plan)
    solid = shapes.lid(shell) + inside + _pegs(plan) + _hold_down(plan)
    for snap in plan.snaps:
        solid += shapes.arm(snap, shell.under_roof)
    solid -= shapes.window(plan.window, shell)
    for button in plan.buttons:
        solid -= shapes.cap_hole(button, shell)
    return solid - _grip(plan)


def _opening(opening: Box) -> Part:
    """The plug's opening, wider outside, and open to the seam."""
    low, high = opening.low, opening.high
    solid = block(Box("", low, (high[0], high[1] + 0.2, high[2] + 1.0)))
    wall, rim = low[1] + 1.0, 0.7  # the outer face is at `wall`
    sides = [
        (low[0] - rim, wall - 0.01), (high[0] + rim, wall - 0.01), (high[0], wall + rim),
        (low[0], wall + rim),
    ]  # fmt: skip
    flare = extrude(Pos(0, 0, low[2]) * Polygon(*sides, align=None), high[2] - low[2] + 1.0)
    return solid + flare


def _controller(plan: Pocket) -> Part:
    """Four posts, a rib beside the board and two noses that hold its far end."""
    board, floor = plan.controller.box("board"), plan.figures["floor"]
    joints = plan.controller.box("joints of the wires")
    gap, rib, top = plan.gap(plan.controller.part), plan.figures["rib"], board.high[2]
    post_x, post_y = joints.low[0] - board.low[0] - 0.3, joints.low[1] - board.low[1] - 0.3
    solid = span(
        (board.high[0] + gap, board.high[0] + gap + rib), (-0.5, plan.stop + STOP), (1, top + 0.8)
    )
    for x, inward in ((board.low[0], 1), (board.high[0], -1)):
        for y, upward in ((board.low[1], 1), (board.high[1], -1)):
            edge_x, edge_y = x - inward * gap, y - upward * (gap - 0.1)
            solid += span(
                (edge_x, x + inward * post_x),
                (edge_y, y + upward * post_y),
                (floor - 0.1, board.low[2]),
            )
        nose = [
            (plan.stop + STOP, floor - 0.1), (plan.stop, floor - 0.1), (plan.stop, top + 0.15),
            (plan.stop - 0.8, top + 0.95), (plan.stop - 0.8, top + 1.2), (plan.stop, top + 2.0),
            (plan.stop + STOP, top + 2.0),
        ]  # fmt: skip
        left = min(x - inward * gap, x + inward * 3.2)
        solid += bar(nose, (left, left + 3.2 + gap))
    return solid


def _clock(plan: Pocket) -> Part:
    """A fence on two sides; tape holds the module on the floor."""
    clock, gap, rib = plan.clock.bounds, plan.gap(plan.clock.part), plan.figures["rib"]
    z = plan.figures["floor"] - 0.1, plan.figures["floor"] + FENCE
    x = clock.low[0] + 2.0, clock.high[0] - 2.0
    return span(x, (clock.high[1] + gap, clock.high[1] + gap + rib), z) + span(
        x, (clock.low[1] - gap - rib, clock.low[1] - gap), z
    )


def _button_board(plan: Pocket) -> Part:
    """A ledge under each end of the button board, with a shoulder before and behind it."""
    board, gap, rib = (
        plan.button_board.box("board"),
        plan.gap(plan.button_board.part),
        plan.figures["rib"],
    )
    half, floor, inner = plan.width / 2 + 0.5, plan.figures["floor"] - 0.1, board.high[0] - 2.0
    solid = None
    for side in (-1, 1):
        x = side * inner, side * half
        ledge = span(
            x, (board.low[1] - gap - rib, board.high[1] + gap + rib), (floor, board.low[2])
        )
        for y in (board.low[1] - gap, board.high[1] + gap + rib):
            ledge += span(x, (y - rib, y), (floor, board.high[2]))
        solid = ledge if solid is None else solid + ledge
    return solid


def _cell(plan: Pocket) -> Part:
    """A rib at the lower end of the cell, and rails along its sides."""
    cell, rib, half = plan.cell.bounds, plan.figures["rib"], plan.width / 2 + 0.5
    z = plan.figures["floor"] - 0.1, plan.figures["floor"] + FENCE
    solid = span((-9.0, 9.0), (cell.low[1] - 0.3 - rib, cell.low[1] - 0.3), z)
    for side in (-1, 1):
        edge = side * (cell.high[0] + 0.3)
        for y in (cell.low[1] + 9.0, cell.high[1] - 12.0):
            solid += span((edge, side * half), (y, y + 6.0), z)
    return solid


def _frame(plan: Pocket) -> Part:
    """Four corners around the panel's board."""
    board, frame = plan.panel.box("board"), plan.frame
    gap = plan.gap(plan.panel.part)
    z = board.low[2] + 0.2, plan.shell.under_roof + 0.1
    solid = block(Box("", (*frame.low[:2], z[0]), (*frame.high[:2], z[1])))
    solid -= block(Box("", (*board.grown(gap).low[:2], 0), (*board.grown(gap).high[:2], 99)))
    arm = 4.5
    middle = span((frame.low[0] + arm, frame.high[0] - arm), (frame.low[1], frame.high[1]), (0, 99))
    across = span((frame.low[0], frame.high[0]), (frame.low[1] + arm, frame.high[1] - arm), (0, 99))
    return (solid - middle - across) & shapes.slab(plan.shell, 0.0, plan.shell.inside, (0, z[1]))


def _pegs(plan: Pocket) -> Part:
    """Four pegs through the holes of the panel's board, to be melted flat."""
    holes, board = plan.panel.part.more["holes"], plan.panel.box("board")
    radius = holes["diameter"] / 2 - holes["off_by"]
    low, high = board.low[2] - 1.0, plan.shell.under_roof + 0.1
    x, y = (spacing / 2 for spacing in holes["spacing"])
    places = [(board.centre[0] + i * x, board.centre[1] + j * y) for i in (-1, 1) for j in (-1, 1)]
    solid = None
    for place in places:
        peg = Pos(*place, (low + high) / 2) * Cylinder(radius, high - low)
        solid = peg if solid is None else solid + peg
    return solid


def _hold_down(plan: Pocket) -> Part:
    """Stalks over the socket of the controller and over both ends of the button board."""
    socket, roof = plan.controller.box("USB-C receptacle"), plan.shell.under_roof + 0.1
    x = socket.centre[0]
    solid = span((x - 2.5, x + 2.5), (0.6, 4.6), (socket.high[2] + 0.15, roof))
    board = plan.button_board.box("board")
    for side in (-1, 1):
        ends = side * (board.high[0] - 1.8), side * board.high[0]
        y = board.centre[1] - 2.5, board.centre[1] + 2.5
        solid += span(ends, y, (board.high[2] + 0.1, roof))
    return solid


def _eye(plan: Pocket) -> Part:
    """The eye for a key ring, at the end away from the plug."""
    ring, shell = plan.figures["ring"], plan.shell
    edge, radius = plan.length + shell.wall, ring["hole"] / 2 + ring["rim"]
    centre = edge + ring["hole"] / 2 + 0.5
    foot = radius + 6.0, edge - 1.0
    touch = _tangent(foot, centre, radius)
    sides = [foot, touch, (-touch[0], touch[1]), (-foot[0], foot[1])]
    outline = Pos(0, centre) * Circle(radius) + Polygon(*sides, align=None)
    solid = extrude(outline, ring["thickness"])
    solid = shapes.bevelled(shapes.bevelled(solid, 0.0, shell.bevel), ring["thickness"], 1.0)
    hole = Pos(0, centre, 0) * Circle(ring["hole"] / 2)
    for z, way in ((0.0, 0.8), (ring["thickness"], -0.8)):
        rim = Pos(0, centre, z) * Circle(ring["hole"] / 2 + 0.8)
        solid -= extrude(rim, way, taper=45)
    return solid - extrude(hole, ring["thickness"])


def _tangent(foot: tuple[float, float], centre: float, radius: float) -> tuple[float, float]:
    """Return where a line from `foot` touches the circle around (0, centre), on the right."""
    x, y = foot[0], foot[1] - centre
    far = x * x + y * y
    along, across = radius * radius / far, radius * math.sqrt(far - radius * radius) / far
    return x * along - y * across, centre + y * along + x * across


def _grip(plan: Pocket) -> Part:
    """Three shallow lines under the thumb."""
    grip, z = plan.grip, plan.shell.height
    deep = grip.size[2]
    solid = None
    for y in (grip.low[1] + 0.5, grip.centre[1], grip.high[1] - 0.5):
        points = [(y - deep - 0.01, z + 0.01), (y + deep + 0.01, z + 0.01), (y, z - deep)]
        groove = bar(points, (grip.low[0], grip.high[0]))
        solid = groove if solid is None else solid + groove
    return solid
