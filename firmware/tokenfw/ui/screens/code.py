"""The code screen: issuer, account, the code in large groups, and how long it lives.

On a low panel issuer, account and the foot take turns on the line above the code, and
the seconds stand beside them.
"""

from tokenfw.display.canvas import CELL
from tokenfw.ui.screens.groups import groups
from tokenfw.ui.screens.lines import COLUMNS, turns, window
from tokenfw.ui.screens.names import in_order

_CODE_Y, _FOOT_Y = 24, 56
_LOW_CODE_Y, _LOW_BAR_Y = 10, 29
_URGENT = 5  # seconds
_FILLS = 3  # seconds in which the bar of a new code runs full


def draw(canvas, issuer, account, code_text, seconds_left, period, tick, doubt=""):
    """Draw one code. `tick` counts the seconds that this screen has been up.

    Names longer than a line scroll. With `seconds_left` None (HOTP) the place of
    `period` has a text for the foot of the screen. `doubt` is a word about the clock,
    when its time may be wrong.
    """
    if seconds_left == period:
        tick = max(0, tick - 1)  # names do not move in the second in which a new code comes
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
    """Draw the code that comes after the present one: dark on light, so that nobody mixes them up.

    `title` has two rows, what it is and when it holds.
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
    """Return how much of the bar is there: that of a new code runs full in steps.

    In its first second it is as in the last one of the code before: it costs no byte then.
    """
    steps = period - seconds_left
    return seconds_left if steps >= _FILLS else max(1, seconds_left * steps // _FILLS)


def _seconds(canvas, y, seconds_left, period):
    """Draw the seconds on the right, dark on light when they are few; return where they begin.

    The light ends a row earlier around the last second, which the page beside does without
    in the new code's.
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
