"""A hostile computer: it speaks the protocol, knows when somebody types, and has no scruples."""

import itertools
from typing import Any

from e2e.wires import BareHost

from tokensim.token import SimulatedToken

FIRST_PAGE: dict[str, Any] = {"start": 0}  # of a list
_RESTART = 5.0  # seconds that a restart takes with the radio
# Of all computers of a run: a token remembers an id, and takes no message twice in a row.
_IDS = (f"evil{number:04}" for number in itertools.cycle(range(10_000)))
_NUMBERS = itertools.cycle(range(0, 0x10000, 0x61))


class HostileComputer(BareHost):
    """Sends what it likes. `notices` are those that it got, by the request's id."""

    def __init__(self, sim: SimulatedToken) -> None:
        super().__init__(sim.transport())
        self._number = next(_NUMBERS)
        self.notices: list[tuple[str, str]] = []
        self._outcomes: dict[str, Any] = {}  # that came while another was waited for

    def begin(self, method: str, name: str = "", **parameters: Any) -> str:
        """Send a request, and do not wait for its answer; return its id."""
        name = name or next(_IDS)
        self._outcomes.pop(name, None)
        self.send({"request_id": name, "method": method, "params": parameters})
        return name

    def outcome(self, name: str, seconds: float) -> Any:
        """Return a request's result, or the code of its error; None when none comes in time."""
        end = self._transport.monotonic() + seconds
        while name not in self._outcomes and self._transport.monotonic() < end:
            for each in list(self.messages):
                self.messages.remove(each)
                if "notice" in each:
                    self.notices.append((each["request_id"], each["notice"]))
                else:
                    error = each.get("error")
                    self._outcomes[each["request_id"]] = error["code"] if error else each["result"]
            if name not in self._outcomes:
                self.listen(min(0.2, max(0, end - self._transport.monotonic())))
        return self._outcomes.pop(name, None)

    def do(self, method: str, seconds: float = 0.6, **parameters: Any) -> Any:
        """Send a request and return its result, or the code of its error, or None."""
        return self.outcome(self.begin(method, **parameters), seconds)

    def asked(self, notice: str, method: str, **parameters: Any) -> str:
        """Begin a request; return its id once a press, or a hold, would be its answer.

        Where the token restarts first, to draw a key, it is sent again, as tokenctl does.
        """
        name = self.begin(method, **parameters)
        restarted = False
        for _ in range(200):
            if (name, notice) in self.notices:
                return name
            assert self.outcome(name, 0.1) is None
            if (name, "restarts") in self.notices and not restarted:
                restarted = True
                self.outcome(name, _RESTART)
                self.begin(method, name, **parameters)
        raise AssertionError(f"{method} asks nothing")
