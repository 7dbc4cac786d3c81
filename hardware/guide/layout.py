"""Where everything is in a wiring picture: the board in the middle, the parts beside it.

A net is a vertical trunk in a lane of its own, with a horizontal stub to each pin. Pins
of the board and of the parts lie half a pitch apart, so that no two stubs share a line.
"""

from dataclasses import dataclass, field

from guide.build import Build, Part, Pin

PITCH = 24  # px between pins
TOP = 104  # px above the first pin of the board
BOARD_WIDTH = 190
PART_WIDTH = 168
GAP = 2  # pitches between parts
LANE = 20  # px between trunks
STUB = 66  # px between the board and the first trunk: room for the net's name
MARGIN = 34
LEFT, RIGHT = "left", "right"


@dataclass(frozen=True)
class Box:
    """A part's place; its pins are on the edge that faces the board, or on both."""

    part: Part
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class End:
    """A pin in the picture: `x`, `y` (px), and whether the part lies to its right."""

    pin: Pin
    x: float
    y: float
    to_right: bool


@dataclass
class Trunk:
    """A net's vertical piece in one channel: its lane (px), its ends, and where it turns off."""

    net: str
    x: float
    ends: list[End]
    turn: float | None = None  # y of the line above the board to the other side

    @property
    def ys(self) -> list[float]:
        """Where something meets it."""
        return [end.y for end in self.ends] + ([] if self.turn is None else [self.turn])


@dataclass
class Picture:
    """All places of one build."""

    board: Box
    boxes: list[Box] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    trunks: list[Trunk] = field(default_factory=list)
    bridges: list[tuple[str, float, float, float]] = field(default_factory=list)  # net, y, x, x
    width: float = 0


def lay_out(build: Build) -> Picture:
    """Return the places of everything in a build's wiring picture."""
    module = build.whole["module"]
    rows = max(len(module["left"]), len(module["right"]))
    sides = _sides(build)
    left = _on_side(build, sides, LEFT)
    lanes_left = len(_nets(build, left)) + any(each.kind == "cell" for each in left)
    zone = PART_WIDTH + lanes_left * LANE + STUB + 24 if left else 20
    board_x = MARGIN + zone
    board = Box(build.board, board_x, TOP - 20, BOARD_WIDTH, rows * PITCH + 20)
    picture = Picture(board)
    at_board = _board_ends(build, board)
    right = _on_side(build, sides, RIGHT)
    channels = []
    if left:
        first = board_x - STUB
        channels.append(_channel(build, picture, left, LEFT, at_board, first, MARGIN))
    if right:
        first = board_x + BOARD_WIDTH + STUB
        x = first + len(_nets(build, right)) * LANE + 24
        channels.append(_channel(build, picture, right, RIGHT, at_board, first, x))
        _behind(build, picture, x + PART_WIDTH)
    _bridge(picture, at_board, channels)
    picture.ends += [each for ends in at_board.values() for each in ends]
    picture.width = max(box.x + box.width for box in [board, *picture.boxes]) + MARGIN
    return picture


def _sides(build: Build) -> dict[str, str]:
    """Return the side of each part: where the board has the pin of its signal."""
    module = build.whole["module"]
    labels = {side: [each["label"] for each in module[side]] for side in (LEFT, RIGHT)}
    signal_sides: dict[str, str] = {}
    for pin in build.board.pins:
        if pin.net is not None and pin.net not in ("GND", "3V3", "VBUS"):
            side = LEFT if pin.label in labels[LEFT] else RIGHT
            signal_sides.setdefault(pin.net, side)
    found: dict[str, str] = {}
    for part in build.parts[1:]:
        if part.pins and not part.purpose.startswith("behind "):
            nets = [pin.net for pin in part.pins if pin.net in signal_sides]
            found[part.ref] = signal_sides[nets[-1] or ""] if nets else RIGHT
    return found


def _on_side(build: Build, sides: dict[str, str], side: str) -> list[Part]:
    """Return the parts of a side, from the top as their signals are at the board."""
    module = build.whole["module"]
    rows = {each["label"]: row for row, each in enumerate(module[side])}
    row_of: dict[str | None, int] = {
        pin.net: rows.get(pin.label, 99) for pin in build.board.pins if pin.net
    }

    def first(part: Part) -> int:
        return min(row_of.get(pin.net, 99) for pin in part.pins if pin.net not in ("GND", "3V3"))

    return sorted((each for each in build.parts if sides.get(each.ref) == side), key=first)


def _box(part: Part, x: float, y: float, pins: int) -> Box:
    """Return the box around so many pins, the first at `y`."""
    return Box(part, x, y - 20, PART_WIDTH, (pins - 1) * PITCH + 40)


def _nets(build: Build, parts: list[Part]) -> list[str]:
    """Return the nets of parts in the order in which the build has them."""
    there = {pin.net for part in parts for pin in part.pins}
    return [net for net in build.nets if net in there]


def _board_ends(build: Build, board: Box) -> dict[str, list[End]]:
    """Return the board's pins in the picture, by their side."""
    module, found = build.whole["module"], {LEFT: [], RIGHT: []}
    pins = iter(build.board.pins)
    for side in (LEFT, RIGHT):
        for row in range(len(module[side])):
            x = board.x if side == LEFT else board.x + board.width
            found[side].append(End(next(pins), x, TOP + row * PITCH, side == LEFT))
    return found


def _channel(
    build: Build,
    picture: Picture,
    parts: list[Part],
    side: str,
    at_board: dict[str, list[End]],
    first: float,
    x: float,
) -> tuple[str, list[Trunk]]:
    """Place the parts of one side at `x`, and their trunks from `first` on outwards."""
    row = 0
    ends: list[End] = []
    for part in parts:
        pins = [pin for pin in part.pins if not pin.through]
        y = TOP + PITCH / 2 + row * PITCH
        picture.boxes.append(_box(part, x, y, len(pins)))
        edge = x + PART_WIDTH if side == LEFT else x
        ends += [End(pin, edge, y + index * PITCH, side == RIGHT) for index, pin in enumerate(pins)]
        row += len(pins) + GAP
    picture.ends += ends
    trunks = []
    for net in _nets(build, parts):
        own = [end for end in ends if end.pin.net == net]
        others = [end for end in at_board[side] if end.pin.net == net]
        minus = [end for end in own + others if _is_minus(build, end.pin)]
        if net == "GND" and minus:  # the cell has a ground pad of its own
            trunks.append(Trunk(net, 0, minus))
            own = [end for end in own if end not in minus]
            others = [end for end in others if end not in minus]
        if len(others) > 1:  # one ground pin is enough: the one nearest to its parts
            middle = sum(end.y for end in own) / len(own)
            others = [min(others, key=lambda end: abs(end.y - middle))]
        if own:
            trunks.append(Trunk(net, 0, own + others))
    step = -LANE if side == LEFT else LANE
    _place(trunks, first, step)
    picture.trunks += trunks
    return side, trunks


def _is_minus(build: Build, pin: Pin) -> bool:
    """Whether a pin is at the cell's own ground."""
    return pin.label == "BAT-" or build.part(pin.ref).kind == "cell"


def _place(trunks: list[Trunk], first: float, step: float) -> None:
    """Give the trunks their lanes, so that as few wires cross as possible."""
    for number, trunk in enumerate(_least_crossing(trunks)):
        trunk.x = first + number * step


def _least_crossing(trunks: list[Trunk]) -> list[Trunk]:
    """Return the best order: for each set of trunks, the best of those that end with each."""
    cost = [[_crossings(one, other) for other in trunks] for one in trunks]
    best: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {frozenset(): (0, ())}
    everyone = range(len(trunks))
    for size in everyone:
        longer: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {}
        for there, (so_far, order) in sorted(best.items(), key=lambda each: each[1]):
            for last in everyone:
                if len(there) != size or last in there:
                    continue
                found = (so_far + sum(cost[each][last] for each in order), (*order, last))
                key = there | {last}
                longer[key] = min(longer.get(key, found), found)
        best = longer
    return [trunks[each] for each in best[frozenset(everyone)][1]]


def _crossings(nearer: Trunk, farther: Trunk) -> int:
    """Count the crossings of two trunks, the first in a lane nearer to the board."""
    # Stubs to the board cross the lanes before their own, stubs to the parts those behind.
    through_nearer = sum(_is_board(end) and _crosses(end, nearer) for end in farther.ends)
    return through_nearer + sum(
        not _is_board(end) and _crosses(end, farther) for end in nearer.ends
    )


def _crosses(end: End, trunk: Trunk) -> bool:
    return min(trunk.ys) < end.y < max(trunk.ys)


def _is_board(end: End) -> bool:
    return end.pin.ref == "U1"


def _bridge(
    picture: Picture, at_board: dict[str, list[End]], channels: list[tuple[str, list[Trunk]]]
) -> None:
    """Lead the nets that have no pin of the board on their side over the board's top."""
    y = TOP - 44.0
    for side, trunks in channels:
        far = RIGHT if side == LEFT else LEFT
        for trunk in sorted(trunks, key=lambda each: each.net):
            if any(_is_board(end) for end in trunk.ends):
                continue
            own = [end for end in at_board[far] if end.pin.net == trunk.net]
            there = [
                each
                for other, ones in channels
                for each in ones
                if other == far and each.net == trunk.net
            ]
            if there:
                there[0].turn = y
                x = there[0].x
            elif own:
                x = own[0].x + (-STUB + 14 if far == LEFT else STUB - 14)
                picture.trunks.append(Trunk(trunk.net, x, [own[0]], y))
            else:
                continue
            trunk.turn = y
            picture.bridges.append((trunk.net, y, min(x, trunk.x), max(x, trunk.x)))
            y -= 14


def _behind(build: Build, picture: Picture, edge: float) -> None:
    """Place the parts that hang on another one's far end, and their trunks."""
    for part in build.parts:
        if not part.purpose.startswith("behind "):
            continue
        ref = part.purpose.removeprefix("behind ")
        before = next(box for box in picture.boxes if box.part.ref == ref)
        through = [pin for pin in before.part.pins if pin.through]
        top = before.y + 20 + PITCH
        own = [End(pin, edge, top + index * PITCH, False) for index, pin in enumerate(through)]
        lanes = [pin.net or "" for pin in through]
        x = edge + 44 + len(lanes) * LANE + 24
        top += PITCH / 2
        picture.boxes.append(_box(part, x, top, len(part.pins)))
        ends = [End(pin, x, top + index * PITCH, True) for index, pin in enumerate(part.pins)]
        picture.ends += own + ends
        trunks = [Trunk(net, 0, [end for end in own + ends if end.pin.net == net]) for net in lanes]
        _place(trunks, edge + 44, LANE)
        picture.trunks += trunks
