"""The screen of a token whose fault comes back at every start."""

import asyncio
import time

from tokenfw.canvas import Canvas
from tokenfw.screens import message
from tokenfw.words import Words


def show(make_board, text):
    """Show a fault until the power goes; where even that fails, stay dark."""
    canvas, title, lines = None, "", []
    try:
        title, *lines = Words(_unset).rows("fault", text)
        canvas = Canvas(make_board().panel())
        canvas.lit(True)
    except Exception:
        pass
    tick = 0
    while True:
        if canvas is not None:
            message.draw(canvas, title, lines, tick)
            asyncio.run(canvas.show())
        time.sleep_ms(1000)
        tick += 1


def _unset(name, default):
    """Return a setting of a vault that nobody opened."""
    return default
