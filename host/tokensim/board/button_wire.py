"""The wire from a button: what the firmware reads there while somebody presses.

In real time the firmware may get no processor for longer than a press lasts, and would not see it.
So there the wire waits for its reader: a press begins, and ends, once it has been read as long as
a switch has to be still, and whatever follows comes so much later.
"""

from dataclasses import dataclass, field

_NEXT_PRESS = 100_000_000  # nanoseconds after the one before
_BOUNCES = 10_000_000  # nanoseconds within which edges are one movement
_READINGS = 4  # of a level, after which a reader that polls and debounces has noticed it
_PATIENCE = 5_000_000_000  # nanoseconds: a board that is off reads nothing


@dataclass
class ButtonWire:
    """The level of the button's wire over time: edges to come, each (nanoseconds, pressed).

    `readings` counts how often the firmware has read it since the chip started. `waits` is
    whether the edges wait for it.
    """

    pressed: bool = False
    edges: list[tuple[int, bool]] = field(default_factory=list)
    readings: int = 0
    waits: bool = False
    _moved: int = 0  # when the last edge was due
    _read: int = _READINGS  # how often the level since then was read

    def schedule(self, start: int, duration: int, bounce: list[int]) -> int:
        """Press at `start` for `duration` ns, bouncing at both edges; return when it is over.

        `bounce` lists the times in ns after an edge at which the contact changes again.
        """
        if self.edges:
            start = max(start, self.edges[-1][0] + _NEXT_PRESS)
        for edge, level in ((start, True), (start + duration, False)):
            self.edges.append((edge, level))
            for number, later in enumerate(bounce):
                self.edges.append((edge + later, level == bool(number % 2)))
        return self.edges[-1][0]

    def level(self, now: int) -> int:
        """Return the level of the pin: 0 while pressed, otherwise 1."""
        self.readings += 1
        while self.edges and self.edges[0][0] <= now:
            if self.waits and not self._move(now):
                break
            self._moved, self.pressed = self.edges.pop(0)
        self._read += 1
        return 0 if self.pressed else 1

    def _move(self, now: int) -> bool:
        """Return whether the next edge, which is due, may come; what follows it comes as late."""
        due = self.edges[0][0]
        late = now - due
        if due - self._moved <= _BOUNCES or late > _PATIENCE:
            return True
        if self._read < _READINGS:
            return False
        self.edges = [(edge + late, level) for edge, level in self.edges]
        self._read = 0
        return True
