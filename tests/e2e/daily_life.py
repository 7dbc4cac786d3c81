"""Somebody who uses a token day after day.

A day is what somebody may do with it: codes, the menu, a sync, an account that comes and one
that goes, the PIN set, changed and entered, sleep and a press that ends it.
"""

from collections.abc import Callable

from e2e.commandline import CommandLine
from e2e.typist import Typist

from tokensim.board.flash import Flash
from tokensim.token import SimulatedToken

PINS = ("20102011", "21012010")  # as long as each other: of a shorter one the token asks
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class Life:
    """A token and somebody who uses it; `after` is called after each thing that they did."""

    def __init__(self, run: CommandLine, after: Callable[[], None] = lambda: None) -> None:
        self.run, self._after = run, after
        self.sim: SimulatedToken = run.token
        self.pin = ""
        self.at_rest: list[int] = []
        self._number = 0

    @property
    def flash(self) -> Flash:
        return self.sim.board.flash

    def day(self) -> None:
        """Use it for a day."""
        self._look()
        self._account("totp", f"of day {self._number}")
        self._account("hotp", f"counter {self._number}")
        if self._number:
            self._do("remove", f"of day {self._number - 1}")
        assert self.run("sync").code == 0
        self._change_pin()
        self._look()
        self._menu()
        self._sleep_and_wake()
        self._number += 1

    def _do(self, *arguments: str, answer=None, stdin: str = "") -> None:
        result = self.run(*arguments, answer=answer or self._yes, stdin=stdin)
        assert result.code == 0, (self._number, arguments, result, self.sim.screen())
        self._after()

    def _yes(self, notice: str) -> None:
        if notice == "pin":
            Typist(self.sim).enter(self.pin)
        else:
            self.sim.press(0.1, after=1.2)

    def _account(self, kind: str, name: str) -> None:
        uri = f"otpauth://{kind}/Example:{name}?secret={SECRET}&counter=1"
        self._do("provision", "-", stdin=uri)
        self._do("code", name)

    def _change_pin(self) -> None:
        """Set it, on later days change it."""
        self._do("list")  # which unlocks it
        old, self.pin = self.pin, PINS[self._number % 2]
        answers = [each for each in (old, self.pin, self.pin) if each]

        def enter(notice: str) -> None:
            if notice != "pin":
                return  # it restarts before
            typist = Typist(self.sim)
            for each in answers:
                typist.enter(each).think(4)  # the old one is proven first

        self._do("pin", "set", answer=enter)

    def _look(self) -> None:
        """Light it, enter the PIN if it asks, and look through the accounts."""
        self._wake()
        for seconds, second in ((0.1, False), (0.9, False), (0.1, True), (0.1, False)):
            self.sim.press(seconds, second=second)
            self.sim.wait(2)
        self._after()
        self.sim.wait(31)

    def _wake(self) -> None:
        """Light a dark token, and enter the PIN: it locks when it goes dark."""
        self.sim.press()
        self.sim.wait(2)
        if self.pin:
            Typist(self.sim).enter(self.pin)
            self.sim.wait(25)

    def _menu(self) -> None:
        self._wake()
        self.sim.hold(second=True)
        self.sim.wait(2)
        for _ in range(6):
            self.sim.press()
            self.sim.wait(0.5)
        self._after()
        self.sim.wait(31)

    def _sleep_and_wake(self) -> None:
        for _ in range(60):
            if self.sim.chip.asleep:
                break
            self.sim.wait(10)
        assert self.sim.chip.asleep
        self._wake()
        self.sim.wait(31)
        at_rest = self.sim.board.idf_heap.at_rest
        assert at_rest is not None
        self.at_rest.append(at_rest)
