"""Finds tracks on two layers: a wave from what is connected to what is not, on a fine grid.

After C. Y. Lee, "An Algorithm for Path Connections and Its Applications" (1961), with a cost
for vias and for bends. A net that finds no way has what is in its way torn up and tried
again later. KiCad's design rules are the judge of what comes out, not this module.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

from button_board.netlist import Board, Pad, Text

STEP = 0.1  # mm
VIA, BEND, CROWD = 12, 2, 60  # costs, in steps
Cell = tuple[int, int, int]  # column, row, layer


@dataclass
class Routes:
    """Tracks (net, layer, points in mm) and vias (net, x, y)."""

    tracks: list[tuple[str, int, list[tuple[float, float]]]] = field(default_factory=list)
    vias: list[tuple[str, float, float]] = field(default_factory=list)


class Router:
    """Routes one board. All lengths inside are in steps of the grid."""

    def __init__(self, board: Board) -> None:
        self.board, rules = board, board.rules
        self.columns, self.rows = round(board.width / STEP) + 1, round(board.height / STEP) + 1
        self.half, self.gap = rules["track"] / 2, rules["clearance"] + 0.02
        self.via = rules["via"] / 2
        self.edge = rules["edge"]
        self.paths: dict[str, list[list[Cell]]] = defaultdict(list)

    def route(self, rounds: int = 60) -> Routes:
        """Return the routes of all nets. Raises ValueError with the net that found no way."""
        waiting = sorted(self.board.nets, key=lambda net: (net == "GND", self._length(net)))
        history: dict[Cell, int] = defaultdict(int)
        for _ in range(rounds * len(waiting)):
            if not waiting:
                return self._routes()
            net = waiting.pop(0)
            torn = self._net(net, history)
            for other in torn:
                self.paths.pop(other, None)
                waiting.append(other)
        raise ValueError(f"No way was found for {', '.join(waiting)}.")

    def _length(self, net: str) -> float:
        pads = [pad for pad in self.board.pads if pad.net == net]
        xs, ys = [pad.x for pad in pads], [pad.y for pad in pads]
        return max(xs) - min(xs) + max(ys) - min(ys)

    def _cells(self, pad: Pad, grown: float) -> set[Cell]:
        """The cells of a pad's box, grown on all sides; the middle in any case."""
        left, right = pad.x - pad.width / 2 - grown, pad.x + pad.width / 2 + grown
        low, high = pad.y - pad.height / 2 - grown, pad.y + pad.height / 2 + grown
        found = {(round(pad.x / STEP), round(pad.y / STEP), layer) for layer in pad.layers}
        for column in range(
            max(0, -int(-left / STEP // 1)), min(self.columns - 1, int(right / STEP)) + 1
        ):
            for row in range(
                max(0, -int(-low / STEP // 1)), min(self.rows - 1, int(high / STEP)) + 1
            ):
                found |= {(column, row, layer) for layer in pad.layers}
        return found

    def _fixed(self, net: str, half: float) -> set[Cell]:
        """Where a track, or a via, of that half width may not be, whatever is torn up."""
        blocked = set()
        for pad in self.board.pads:
            if pad.net != net or not net:
                blocked |= self._cells(pad, half + self.gap)
        edge = round((half + self.edge) / STEP)
        for column in range(self.columns):
            for row in range(self.rows):
                inside = edge <= column < self.columns - edge and edge <= row < self.rows - edge
                if not inside:
                    blocked |= {(column, row, 0), (column, row, 1)}
        if half > self.half:  # a via goes through both layers, and not through a pad's own metal
            blocked |= {(c, r, 1 - layer) for c, r, layer in blocked}
            for pad in self.board.pads:
                if pad.net == net and pad.drill is None:
                    around = self._cells(pad, half + 0.1)
                    blocked |= {(c, r, layer) for c, r, _ in around for layer in (0, 1)}
            for text in self.board.texts:  # a hole in a text cannot be read
                blocked |= self._under(text)
        return blocked

    def _under(self, text: Text) -> set[Cell]:
        """The cells whose via would have its metal in a text."""
        wide, high = (side + self.via + 0.05 for side in text.half)
        columns = range(round((text.x - wide) / STEP), round((text.x + wide) / STEP) + 1)
        rows = range(round((text.y - high) / STEP), round((text.y + high) / STEP) + 1)
        return {(c, r, layer) for c in columns for r in rows for layer in (0, 1)}

    def _taken(self, net: str, half: float) -> dict[Cell, str]:
        """Where other nets' tracks and vias are too near."""
        taken: dict[Cell, str] = {}
        for other, paths in self.paths.items():
            if other == net:
                continue
            for path in paths:
                vias = {(a[0], a[1]) for a, b in zip(path, path[1:], strict=False) if a[2] != b[2]}
                for cell in path:
                    for near in _disc(cell, (half + self.half + self.gap) / STEP):
                        taken[near] = other
                for column, row in vias:
                    for layer in (0, 1):
                        reach = (half + self.via + self.gap) / STEP
                        for near in _disc((column, row, layer), reach):
                            taken[near] = other
        return taken

    def _net(self, net: str, history: dict[Cell, int]) -> set[str]:
        """Connect all pads of a net; return the nets that were crossed and have to go."""
        fixed, fixed_via = self._fixed(net, self.half), self._fixed(net, self.via)
        taken, taken_via = self._taken(net, self.half), self._taken(net, self.via)
        islands = [self._cells(pad, -0.2) for pad in self.board.pads if pad.net == net]
        torn: set[str] = set()
        connected = islands.pop(0)
        while islands:
            goals = {cell: number for number, island in enumerate(islands) for cell in island}
            path = self._wave(connected, goals, (fixed, fixed_via), (taken, taken_via), history)
            if path is None:
                raise ValueError(f"The pads of {net} are walled in.")
            for before, cell in zip([None, *path], path, strict=False):
                over = taken_via if before and before[2] != cell[2] else taken
                for place in {cell, before or cell}:
                    if place in over:
                        torn.add(over[place])
                        history[place] += 15
            self.paths[net].append(path)
            connected |= set(path) | islands.pop(goals[path[-1]])
        return torn

    def _wave(self, starts, goals, fixed, taken, history) -> list[Cell] | None:
        heap = [(0, cell, -1) for cell in starts if cell not in fixed[0]]
        heapq.heapify(heap)
        best: dict[tuple[Cell, int], int] = {(cell, -1): 0 for _, cell, _ in heap}
        came: dict[tuple[Cell, int], tuple[Cell, int]] = {}
        while heap:
            cost, cell, way = heapq.heappop(heap)
            if best.get((cell, way), 1 << 30) < cost:
                continue
            if cell in goals:
                path, state = [cell], (cell, way)
                while state in came:
                    state = came[state]
                    path.append(state[0])
                return path[::-1]
            column, row, layer = cell
            for new_way, (dc, dr, dl, price) in enumerate(WAYS):
                near = (column + dc, row + dr, 1 - layer if dl else layer)
                kind = 1 if dl else 0
                if near in fixed[0] or (dl and (cell in fixed[1] or near in fixed[1])):
                    continue
                if not 0 <= near[0] < self.columns or not 0 <= near[1] < self.rows:
                    continue
                price += BEND if way not in (-1, new_way) else 0
                if near in taken[kind] or (dl and cell in taken[kind]):
                    price += CROWD
                price += history.get(near, 0)
                state, total = (near, new_way), cost + price
                if total < best.get(state, 1 << 30):
                    best[state], came[state] = total, (cell, way)
                    heapq.heappush(heap, (total, near, new_way))
        return None

    def _routes(self) -> Routes:
        """Return what was found as straight pieces."""
        found = Routes()
        for net, paths in sorted(self.paths.items()):
            for path in paths:
                points = [path[0]]
                for before, cell, after in zip(path, path[1:], path[2:], strict=False):
                    if [b - a for a, b in zip(before, cell, strict=True)] != [
                        b - a for a, b in zip(cell, after, strict=True)
                    ]:
                        points.append(cell)
                points.append(path[-1])
                line = [points[0]]
                for cell in points[1:]:
                    if cell[2] != line[-1][2]:
                        found.vias.append((net, cell[0] * STEP, cell[1] * STEP))
                        self._line(found, net, line)
                        line = [cell]
                    else:
                        line.append(cell)
                self._line(found, net, line)
        return found

    @staticmethod
    def _line(found: Routes, net: str, line: list[Cell]) -> None:
        if len(line) > 1:
            points = [(round(c * STEP, 3), round(r * STEP, 3)) for c, r, _ in line]
            found.tracks.append((net, line[0][2], points))


WAYS = [
    (1, 0, 0, 2), (-1, 0, 0, 2), (0, 1, 0, 2), (0, -1, 0, 2),
    (1, 1, 0, 3), (1, -1, 0, 3), (-1, 1, 0, 3), (-1, -1, 0, 3), (0, 0, 1, VIA * 2),
]  # fmt: skip


def _disc(cell: Cell, reach: float) -> list[Cell]:
    column, row, layer = cell
    span = int(reach)
    return [
        (column + dc, row + dr, layer)
        for dc in range(-span, span + 1)
        for dr in range(-span, span + 1)
        if dc * dc + dr * dr <= reach * reach
    ]
