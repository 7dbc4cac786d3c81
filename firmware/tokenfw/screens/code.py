"""The code screen: issuer, account, the code in large groups, and how long it lives."""

from tokenfw.screens.groups import groups
from tokenfw.screens.lines import window

_CODE_Y = 24
_FOOT_Y = 56
_URGENT = 5  # seconds


def draw(canvas, issuer, account, code_text, seconds_left, period, tick, doubt=""):
    """Draw one code. `tick` counts the seconds that this screen has been up.

    Names longer than a line scroll. With `seconds_left` None (HOTP) the place of
    `period` has the counter, or a text for the foot of the screen. `doubt` is a word
    at the foot about the clock, when its time may be wrong.
    """
    canvas.clear()
    top = [name for name in (issuer, account) if name]
    for row, name in enumerate(top):
        canvas.text(window(name, tick), 0, row * 10)
    canvas.code(groups(code_text), _CODE_Y)
    if seconds_left is None:
        foot = "counter %d" % period if isinstance(period, int) else period
        canvas.centred(window(foot, tick), _FOOT_Y)
    else:
        _countdown(canvas, seconds_left, period, doubt)


def _countdown(canvas, seconds_left, period, doubt):
    """Draw the bar and the seconds; in the last seconds these are dark on light."""
    room = len(str(period)) * 8
    number = str(seconds_left)
    left = canvas.width - room - 1
    urgent = seconds_left <= _URGENT
    if urgent:
        canvas.fill(left - 1, _FOOT_Y - 1, room + 2, 9)
    canvas.text(number, canvas.width - 8 * len(number) - 1, _FOOT_Y, 0 if urgent else 1)
    start = 0
    if doubt:
        canvas.text(doubt, 0, _FOOT_Y)
        start = len(doubt) * 8 + 8
    canvas.bar(start, _FOOT_Y + 1, left - 8 - start, seconds_left, period)
