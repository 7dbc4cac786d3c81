"""A stack of screens, its bottom screen, and painting like the loop, for the tests of screens."""

from tokenfw.ui.dialogs.consent import Hands
from tokenfw.ui.stack import CODES, Stack


class Bottom:
    """Replaces the code screen: shows nothing, and ignores presses."""

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
    """Paint the top screen, or the one below if it leaves."""
    seen = None
    while seen is not stack.top:
        seen = stack.top
        seen.paint(canvas, tick)
