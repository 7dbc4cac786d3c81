"""Screens that try out the panel and the buttons, for a computer that examines the token.

Each is shown until its Event `over` is set; see Dialogs.show(). They are not questions.
"""

import asyncio

from tokenfw.drivers import button
from tokenfw.ui.screens import message
from tokenfw.ui.stack import Screen

EACH_S = 3  # seconds for which each pattern is shown
PATTERNS = 2
_SQUARE = 8  # pixels


class Pattern(Screen):
    """The panel all lit, then a chessboard in a frame; a press ends it."""

    def __init__(self):
        Screen.__init__(self)
        self.over = asyncio.Event()

    def press(self, event, number):
        self.over.set()

    def paint(self, canvas, tick, second=None):
        canvas.clear()
        if tick < EACH_S:
            canvas.fill(0, 0, canvas.width + 1, canvas.height)  # the picture may be shifted by 1
            return
        for row in range(canvas.height // _SQUARE):
            for column in range(row & 1, canvas.width // _SQUARE, 2):
                canvas.fill(column * _SQUARE, row * _SQUARE, _SQUARE, _SQUARE)


class Press(Screen):
    """Asks for a press of a button, which `title` and `lines` name.

    `pressed` is the number, from 0, of the first button that is pressed, or None.
    """

    def __init__(self, title, lines):
        Screen.__init__(self)
        self.over = asyncio.Event()
        self.pressed = None
        self._title = title
        self._lines = lines

    def press(self, event, number):
        if event in (button.SHORT, button.LONG):
            self.pressed = number
            self.over.set()

    def paint(self, canvas, tick, second=None):
        message.draw(canvas, self._title, self._lines, tick)
