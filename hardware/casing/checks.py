"""What a case has to keep, whichever build it is for; `pieces` come from `manifest.pieces`."""

from collections.abc import Iterator

from manifold3d import CrossSection, JoinType, Manifold

from casing import fits
from casing.data import Box
from casing.fits import Piece
from casing.plan import Plan

WALL, FEATURE = 1.6, 1.2  # mm: what keeps the world out, and what only holds something


def check(plan: Plan, pieces: dict[str, Piece]) -> Iterator[str]:
    """Return what is wrong with a case, a sentence each."""
    everything = list(pieces.values())
    tray, lid, shell = pieces["tray"], pieces["lid"], plan.shell
    yield from fits.whole(everything)
    yield from fits.apart(everything)
    yield from fits.closes(tray, lid, plan.figures["fit"] - 0.05)
    yield from fits.clear(everything, plan.placed, 0.15)
    yield from fits.parts_clear(plan.placed, 0.5, plan.together)
    yield from fits.plugs_in(everything, plan.port, plan.placed, 0.25)
    yield from fits.sees(everything, plan.window, shell.height)
    for number, button in enumerate(plan.buttons, 1):
        cap, switch = pieces[f"cap-{number}"], plan.placed[f"switch {number}"]
        yield from fits.presses(cap, button, switch, (tray, lid), shell.height)
    strain = plan.figures["material"]["strain"]
    yield from fits.snaps_hold(tray, lid, plan.snaps, shell.under_roof, strain)
    for piece in everything:
        yield from fits.prints(piece)
    inside = cavity(plan)
    for piece in (tray, lid):
        walls, ribs = piece.solid - inside, piece.solid ^ inside
        yield from fits.thick(f"The wall of the {piece.name}", walls, WALL, edges(plan))
        yield from fits.thick(f"A rib in the {piece.name}", ribs, FEATURE, ends(plan))


def cavity(plan: Plan) -> Manifold:
    """Return the room inside the walls."""
    shell = plan.shell
    (left, lower), (right, upper), round_by = shell.low, shell.high, shell.inside
    flat = CrossSection.square((right - left - 2 * round_by, upper - lower - 2 * round_by))
    flat = flat.translate((left + round_by, lower + round_by))
    flat = flat.offset(round_by, JoinType.Round, circular_segments=64)
    return Manifold.extrude(flat, shell.under_roof - shell.floor).translate((0, 0, shell.floor))


def edges(plan: Plan) -> list[Box]:
    """Where the walls taper off on purpose: the rims of window, buttons and plug."""
    shell = plan.shell
    z = shell.under_roof - 0.1, shell.height + 0.1
    rims = [plan.window.opening.grown(4.0), *plan.carved]
    for button in plan.buttons:
        reach = button.diameter / 2 + button.gap + 1.0
        here = Box("", (button.x, button.y, 0.0), (button.x, button.y, 0.0))
        rims.append(here.grown(reach))
    flat = [Box("", (*rim.low[:2], z[0]), (*rim.high[:2], z[1])) for rim in rims]
    return [*flat, plan.opening.grown(1.2), *arms(plan)]


def ends(plan: Plan) -> list[Box]:
    """Where ribs taper off on purpose: the arms of the snaps, a collar, pegs."""
    window, roof = plan.window, plan.shell.under_roof
    rim, root = window.opening.grown(1.5), window.opening.grown(2.5 + roof - window.bottom)
    tip = Box("", (*rim.low[:2], window.bottom - 0.1), (*rim.high[:2], window.bottom + 1.5))
    return [
        *arms(plan),
        *pegs(plan),
        tip,
        Box("", (*root.low[:2], roof - 0.9), (*root.high[:2], roof)),
    ]


def pegs(plan: Plan) -> list[Box]:
    """The pegs in the holes of the panel's board: as thin as those."""
    panel = plan.placed["panel"]
    board, (x, y) = panel.box("board"), panel.part.more["holes"]["spacing"]
    low, high = board.low[2] - 2.0, plan.shell.under_roof
    found = []
    for i, j in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        middle = board.centre[0] + i * x / 2, board.centre[1] + j * y / 2
        found.append(Box("", (*middle, low), (*middle, high)).grown(1.2, 0.0))
    return found


def arms(plan: Plan) -> list[Box]:
    """The arms of the snaps, which are checked by how far they bend."""
    boxes = []
    for snap in plan.snaps:
        reach = [2.6 if out else snap.width / 2 + 0.7 for out in snap.out]
        low = (snap.x - reach[0], snap.y - reach[1], snap.tip - 0.1)
        high = (snap.x + reach[0], snap.y + reach[1], plan.shell.under_roof)
        boxes.append(Box("", low, high).grown(0.4, 0.0))
    return boxes
