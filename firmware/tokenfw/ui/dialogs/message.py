"""The screen of a message that needs no answer."""

from tokenfw.drivers import button
from tokenfw.ui.screens import message
from tokenfw.ui.stack import DIALOG, Screen


class Message(Screen):
    """A message, whose `title` and `lines` may be changed. A hold calls `pad.refuse()`, if any."""

    def __init__(self, title, lines, level=DIALOG, pad=None):
        Screen.__init__(self)
        self.title = title
        self.lines = lines
        self.level = level
        self._pad = pad  # not its method: a reference to that would keep its unit in memory

    def press(self, event, number):
        if event == button.HOLD and self._pad is not None:
            self._pad.refuse()

    def paint(self, canvas, tick, second=None):
        message.draw(canvas, self.title, self.lines)
