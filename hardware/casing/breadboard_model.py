"""The printed pieces of the breadboard case: tray, lid and two caps."""

from build123d import Part, Pos, SlotOverall, extrude

from casing import shapes
from casing.breadboard import Breadboard
from casing.data import Box
from casing.plan import FENCE
from casing.shapes import block, span, spare


def pieces(plan: Breadboard) -> dict[str, Part]:
    """Return the pieces by name, each where it is in the closed case."""
    named = {"tray": tray(plan), "lid": lid(plan)}
    for number, button in enumerate(plan.buttons, 1):
        named[f"cap-{number}"] = shapes.cap(button, plan.shell.height)
    return named


def tray(plan: Breadboard) -> Part:
    """Return the tray: the box, and fences around what lies on its floor."""
    shell, fit = plan.shell, plan.figures["fit"]
    cavity = shapes.slab(shell, 0.0, shell.inside, (shell.floor, shell.seam + 1.0))
    solid = shapes.tray(shell) - cavity + _fences(plan)
    for snap in plan.snaps:
        solid -= shapes.arm_groove(snap, fit)
    return solid


def lid(plan: Breadboard) -> Part:
    """Return the lid: the window and its collar, the notch for the plug, slots, the snaps."""
    shell, figures = plan.shell, plan.figures
    away = figures["clearance"] + figures["lip"] + figures["fit"]
    inside = shapes.lip(shell, figures["fit"], figures["lip"])
    notch = plan.opening
    inside -= block(Box("", (*notch.grown(away).low[:2], 0.0), notch.grown(away).high))
    for snap in plan.snaps:
        inside -= shapes.arm_room(snap, shell.under_roof, figures["fit"])
    solid = shapes.lid(shell) + spare(inside, plan, figures["lip"])
    solid += shapes.collar(plan.window, shell, 1.8)
    for snap in plan.snaps:
        solid += shapes.arm(snap, shell.under_roof)
    solid -= shapes.window(plan.window, shell)
    for button in plan.buttons:
        solid -= shapes.cap_hole(button, shell)
    for slot in plan.vents:
        size = slot.size
        outline = Pos(*slot.centre[:2], slot.low[2] - 0.1) * SlotOverall(size[1], size[0], 90)
        solid -= extrude(outline, size[2] + 0.2)
    return solid - block(notch)


def _fences(plan: Breadboard) -> Part:
    """Ribs that keep breadboard and clock in their places; tape holds them down."""
    figures = plan.figures
    z, rib = (figures["floor"] - 0.1, figures["floor"] + FENCE), figures["rib"]
    board, gap = plan.board.bounds, plan.gap(plan.board.part)
    right, front, back = board.high[0] + gap, board.low[1] - gap, board.high[1] + gap
    solid = span((right - 12.0, right), (front - rib, front), z)
    for x in (board.low[0] + 22.0, board.low[0] + 46.0):
        solid += span((x, x + 12.0), (front - rib, front), z)
        solid += span((x, x + 12.0), (back, back + rib), z)
    clock = plan.clock.box("board")
    gap = plan.gap(plan.clock.part)
    x = clock.low[0] + 3.0, clock.high[0] - 3.0
    return solid + span(x, (clock.high[1] + gap, clock.high[1] + gap + rib), z)
