"""How long a firmware that starts is waited for: longer while it works, as on a busy computer."""

QUIET, LONGEST = 60, 300  # seconds


class Patience:
    """Ends after `quiet` seconds without a sign of life, and after `longest` in any case."""

    def __init__(self, now: float, quiet: float = QUIET, longest: float = LONGEST) -> None:
        self._quiet, self._longest = quiet, longest
        self._began = self._changed = now
        self._signs: object = None

    def is_over(self, now: float, signs: object) -> bool:
        """Return whether to give up at `now` (s); `signs` differ whenever it did something."""
        if signs != self._signs:
            self._signs, self._changed = signs, now
        return now - self._changed >= self._quiet or now - self._began >= self._longest
