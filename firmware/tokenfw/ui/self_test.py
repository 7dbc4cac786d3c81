"""Screens on which somebody tries the panel and the buttons, for a computer that examines them.

Each stands until its Event `over` is set; see Dialogs.show(). They answer no question.
"""

import asyncio

from tokenfw.drivers import button
from tokenfw.ui.screens import message
from tokenfw.ui.stack import Screen

EACH_S = 3  # seconds for which each pattern stands
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
            canvas.fill(0, 0, canvas.width + 1, canvas.height)  # a picture may be a pixel aside
            return
        for row in range(canvas.height // _SQUARE):
            for column in range(row & 1, canvas.width // _SQUARE, 2):
                canvas.fill(column * _SQUARE, row * _SQUARE, _SQUARE, _SQUARE)


class Press(Screen):
    """Asks for a press of a button; `pressed` is the number of the first that is, from 0, or None.

    `title` and `lines` say which one.
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
