"""A stack of screens, its bottom, and what the loop does with them, for the tests of screens."""

from tokenfw.ui.dialogs.consent import Hands
from tokenfw.ui.stack import CODES, Stack


class Bottom:
    """Stands for the codes: shows nothing, and takes no notice of presses."""

    level, consent, edge = CODES, None, None

    def press(self, event, number):
        pass

    def paint(self, canvas, tick, second=None):
        pass


def bare():
    """Return a Stack with a Bottom."""
    stack = Stack(Hands())
    stack.top = Bottom()
    stack.screens.append(stack.top)
    return stack


def paint(stack, canvas, tick=0):
    """Paint the top screen, or the one below where that leaves."""
    seen = None
    while seen is not stack.top:
        seen = stack.top
        seen.paint(canvas, tick)
