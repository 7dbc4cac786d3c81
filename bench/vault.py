"""The cost of the sealed vault: the PIN's key, an opening, an addition, a press."""

from bench import runtime
from bench.figure import Figure, ratio
from tokenctl.device.token import Token
from tokensim.token import SimulatedToken

_GROUP = "The vault"
_ACCOUNTS = 1000


def pin_key() -> list[Figure]:
    """Return the figures of the PIN's key, on whose cost the strength of a PIN depends."""
    taken = runtime.run("pbkdf2")
    name = "PBKDF2 / the native SHA-256 calls in it"
    return [ratio(_GROUP, name, taken["ours"], taken["bare"], at_most=2)]


def openings() -> list[Figure]:
    """Return the cost of opening a vault with 10 to 1,000 accounts, and of adding one to it."""
    taken = runtime.run("openings", heap="400K")
    figures: list[Figure] = []
    for count in (10, 100, _ACCOUNTS):
        each = taken[str(count)]
        title = f"{count} accounts"
        figures.append(Figure(_GROUP, f"{title}: to open, in HMACs", each["hmacs"], ""))
        figures.append(Figure(_GROUP, f"{title}: heap held (64-bit)", each["held"] / 1024, "KB"))
        programs = each["operations"][0]
        figures.append(Figure(_GROUP, f"{title}: programs for the last one", programs, ""))
    whole = taken["all"]
    figures.append(Figure(_GROUP, "programs for each of all", whole["programs"] / _ACCOUNTS, ""))
    figures.append(Figure(_GROUP, "erases for all", whole["erases"], ""))
    return figures


def press() -> list[Figure]:
    """Return the time from a press to the code on the screen, without the processor's time."""
    with SimulatedToken() as board:
        with Token(board.transport(), lambda notice: board.press()) as token:
            token.sync()
        board.wait(31)
        before = board.time.now()
        board.press()
        dark = board.screen()
        while board.screen() == dark:
            board.wait(0.001)
        shown = board.time.now()
        while board.screen() != (last := board.screen()):
            board.wait(0.02)
            shown = board.time.now()
        assert last != dark
    return [Figure(_GROUP, "from press to screen: debounce and bus", (shown - before) / 1e6, "ms")]
