"""The screen of the menu: a title if there is room, rows, and a scroll bar."""

from tokenfw.display.canvas import CELL
from tokenfw.ui.screens import message as message_screen
from tokenfw.ui.screens.lines import COLUMNS, window

_PITCH = 11
_HALF = 9  # pixels of a line if a choice has two of them
_TOP = 11  # of the first row under a title
_MARK = COLUMNS - 1  # the column of a row's mark
TEXT = COLUMNS - 1  # columns of a row

SET, FAVOURITE = 1, 2  # marks of a row


def room(canvas):
    """Return how many rows the panel shows."""
    return 3 if canvas.low else 5


def first_shown(at, count, room):
    """Return the first of the `room` rows to show of `count`, around the cursor at `at`."""
    return min(max(0, at - room // 2), max(0, count - room))


def draw(canvas, title, rows, at, first, count, tick):
    """Draw `rows`, a list of (text, mark or None), the part from `first` on of `count` rows.

    `at` is the index in `rows` of the cursor: that row is dark on light, and scrolls if it is
    too long. It is -1 if there is nothing to choose.
    """
    top = _head(canvas, title, tick)
    for number, (text, mark) in enumerate(rows):
        y = top + number * _PITCH
        here = number == at
        if here:
            canvas.fill(0, y, canvas.width - 4, 10)
        columns = TEXT if mark is None else TEXT - 1
        text = window(text, tick, columns) if here else text[:columns]
        canvas.text(text, 1, y + 1, 0 if here else 1)
        if mark == SET:
            canvas.fill(_MARK * CELL - 2, y + 3, 4, 4, 0 if here else 1)
        elif mark == FAVOURITE:
            canvas.text("*", _MARK * CELL - 4, y + 1, 0 if here else 1)
    scale(canvas, top, canvas.height, first, len(rows), count)


def beside(keys):
    """Return how many columns of text fit beside the words for presses."""
    return COLUMNS - 1 - max(len(key) for key in keys)


def draw_keys(canvas, title, choices, keys, tick):
    """Draw up to three choices, each one or two lines, after the press that chooses it."""
    top = _head(canvas, title, tick)
    columns = beside(keys)
    left = (COLUMNS - columns) * CELL
    for number, lines in enumerate(choices):
        y = top + number * (_PITCH if canvas.low else 2 * _HALF)
        canvas.fill(0, y, left - 4, 9)
        canvas.text(keys[number], 1, y + 1, 0)
        for line, text in enumerate(lines):
            canvas.text(window(text, tick, columns), left, y + 1 + line * _HALF)


def message(canvas, title, lines, tick):
    """Draw a message instead of rows."""
    message_screen.draw(canvas, title, lines, tick)


def _head(canvas, title, tick):
    """Clear the screen and draw the title; return the y of the first row."""
    canvas.clear()
    if canvas.low:
        return 0
    canvas.centred(window(title, tick), 0)
    canvas.fill(0, 9, canvas.width, 1)
    return _TOP


def scale(canvas, top, bottom, first, shown, count):
    """Draw a scroll bar above `bottom` (y), if not all rows are shown."""
    if shown == count:
        return
    height = bottom - top - 1
    canvas.fill(canvas.width - 2, top, 1, height)
    canvas.fill(canvas.width - 3, top + height * first // count, 3, max(4, height * shown // count))
