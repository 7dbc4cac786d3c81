"""The code screen: issuer, account, the code in large groups, and how long it is valid.

On a low panel issuer, account and the foot take turns on the line above the code, next
to the seconds.
"""

from tokenfw.display.canvas import CELL
from tokenfw.ui.screens.groups import groups
from tokenfw.ui.screens.lines import COLUMNS, turns, window
from tokenfw.ui.screens.names import in_order

_CODE_Y, _FOOT_Y = 24, 56
_LOW_CODE_Y, _LOW_BAR_Y = 10, 29
_URGENT = 5  # seconds
_FILLS = 3  # seconds in which the bar of a new code fills


def draw(canvas, issuer, account, code_text, seconds_left, period, tick, doubt=""):
    """Draw one code. `tick` is the seconds that this screen has been shown.

    Names longer than a line scroll. With `seconds_left` None (HOTP) `period` is a text
    for the foot of the screen. `doubt` is a short warning, or "".
    """
    if seconds_left == period:
        tick = max(0, tick - 1)  # names do not scroll in the first second of a code
    canvas.clear()
    names = in_order(issuer, account)
    canvas.code(groups(code_text), _LOW_CODE_Y if canvas.low else _CODE_Y)
    if canvas.low:
        columns = COLUMNS
        if seconds_left is None:
            names.append(period)
        else:
            if doubt:
                names.append(doubt)
            columns -= len(str(period)) + 1
            _seconds(canvas, 1, seconds_left, period)
            canvas.bar(0, _LOW_BAR_Y, canvas.width, 3, _bar(seconds_left, period), period)
        canvas.text(turns(names, tick, columns), 0, 1)
        return
    for row, name in enumerate(names):
        canvas.text(window(name, tick), 0, row * 10)
    if seconds_left is None:
        canvas.centred(window(period, tick), _FOOT_Y)
    else:
        end = _seconds(canvas, _FOOT_Y, seconds_left, period) - CELL
        start = (len(doubt) + 1) * CELL if doubt else 0
        canvas.text(doubt, 0, _FOOT_Y)
        canvas.bar(start, _FOOT_Y + 1, end - start, 5, _bar(seconds_left, period), period)


def draw_next(canvas, issuer, account, code_text, title, tick):
    """Draw the next code, dark on light to set it apart from the present one.

    `title` is a list of what it is and when it becomes valid; a low panel shows them in turn.
    """
    canvas.clear()
    names = in_order(issuer, account)
    top, y, below = (9, _LOW_CODE_Y, 1) if canvas.low else (10, _CODE_Y, 4)
    canvas.fill(0, top, canvas.width, y + canvas.code_height + below - top)
    canvas.code(groups(code_text), y, 0)
    if canvas.low:
        canvas.text(turns(title, tick), 0, 1)
        return
    canvas.text(turns(names, tick), 0, 0)
    canvas.centred(title[0], 13, 0)
    canvas.centred(title[1], _FOOT_Y)


def _bar(seconds_left, period):
    """Return how much of the bar is filled; that of a new code fills in steps.

    In the first second it is as in the last one of the code before, so it need not be sent.
    """
    steps = period - seconds_left
    return seconds_left if steps >= _FILLS else max(1, seconds_left * steps // _FILLS)


def _seconds(canvas, y, seconds_left, period):
    """Draw the seconds on the right, dark on light if few are left; return their left edge (x).

    In the last second the light area is a row smaller, so that one page less has to be sent with
    the next code.
    """
    number = str(seconds_left)
    room = len(str(period)) * CELL
    left = canvas.width - room - 1
    urgent = seconds_left <= _URGENT
    if urgent:
        last = seconds_left == 1
        top = y if last and not canvas.low else y - 1
        canvas.fill(left - 1, top, room + 2, 8 if last else 9)
    canvas.text(number, canvas.width - CELL * len(number) - 1, y, 0 if urgent else 1)
    return left
