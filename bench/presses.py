"""How many presses the farthest account takes: by the menu's search, and one after the other."""

from bench import runtime
from bench.figure import Figure

_AIM = {(2, 100): 8}  # buttons, accounts: presses at most


def figures() -> list[Figure]:
    """Return the largest number of presses, of any kind, that an account takes."""
    group = "Presses from the code screen to the farthest account"
    figures: list[Figure] = []
    for buttons, count, most in runtime.run("presses", heap="3M"):
        name = f"of {count}, with {buttons} button{'s' if buttons > 1 else ''}"
        figures.append(Figure(group, name, most, "", at_most=_AIM.get((buttons, count))))
        turned = count // 2 if buttons > 1 else count - 1
        figures.append(Figure(group, "   one after the other", turned, ""))
    return figures
