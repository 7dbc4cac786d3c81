"""Somebody who makes and restores backups: holds, enters a PIN, and keeps the code on paper.

They read the code off the screen, by the shapes of its digits, and know nothing else of it.
"""

from e2e.small_text import shows
from e2e.typist import Typist

from tokenctl.payload import firmware_folder
from tokensim.token import SimulatedToken
from tokensim.view.ocr import CodeReader

SHORT, LONG, HOLD = 0.06, 1.0, 3.3  # seconds that the button is down
RUN = 0.4  # seconds more for each digit that runs by
GROUPS = 10


class Keeper:
    """Call it with each notice of a token. `paper` has the groups of the code as it showed them.

    `asked` are the notices. `refuse` is a notice that is answered with a no.
    """

    def __init__(self, sim: SimulatedToken, pin: str | None = None) -> None:
        self.sim = sim
        self.pin = pin
        self.paper: list[str] = []
        self.asked: list[str] = []
        self.refuse = ""
        self._reader = CodeReader(firmware_folder())

    @property
    def code(self) -> str:
        """The code that was written down."""
        return " ".join(self.paper)

    def __call__(self, notice: str) -> None:
        self.asked.append(notice)
        if notice == self.refuse:
            self.sim.press(LONG if notice == "press" else SHORT, 0.5)
        elif notice in ("press", "hold"):
            self.sim.press(HOLD if notice == "hold" else SHORT, 0.5)
        elif notice == "pin":
            assert self.pin is not None
            Typist(self.sim).enter(self.pin)
        elif notice == "show_code":
            self.copy()
        elif notice == "code":
            for group in self.paper:
                self.enter(group)

    def copy(self) -> None:
        """Write the code down, and repeat the two groups that the token asks for."""
        self.paper = []
        for _ in range(GROUPS):
            self.sim.wait(0.5)
            self.paper.append(self._reader.read(self.sim.look()[0]))
            self.press(SHORT)
        for _ in range(2):
            self.sim.wait(0.5)
            self.enter(self.paper[self.group_asked() - 1])

    def group_asked(self) -> int:
        """Return the number of the group that the screen asks for."""
        title = [[1 - int(pixel) for pixel in row] for row in self.sim.look()[0][:10]]
        numbers = range(GROUPS, 0, -1)
        return next(each for each in numbers if shows(title, f"Enter group {each}"))

    def enter(self, digits: str) -> None:
        """Enter digits with one button: they run by while it is held."""
        for digit in digits:
            self.press(LONG + RUN * int(digit))

    def press(self, seconds: float) -> None:
        """Press the button, and let it come to rest."""
        self.sim.press(seconds)
        self.sim.wait(seconds + 0.12)
