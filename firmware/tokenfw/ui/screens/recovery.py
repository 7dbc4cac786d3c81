"""The screens of the recovery code: one group of it, large (draw_group), and its entry (draw)."""

from otpcore.recovery_code import DIGITS, GROUPS
from tokenfw.display.canvas import CELL
from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.screens import pin
from tokenfw.ui.screens.lines import turns, window

_ROW, _LOW_ROW = 15, 9


def draw_group(canvas, words, number, group):
    """Draw a group (text of digits) of the code; `number` counts from 0."""
    _title(canvas, words("code_note"), "%d/%d" % (number + 1, GROUPS))
    if canvas.low:
        canvas.code([group], _LOW_ROW)
        return
    canvas.code([group], _ROW)
    canvas.fill(0, canvas.height - 20, canvas.width, 1)
    for row, text in enumerate(words.rows("code_hints")):
        canvas.text(text, 0, canvas.height - 17 + 9 * row)


def draw(canvas, words, entry, tick=0, state=ANSWER):
    """Draw a GroupEntry: its digits so far, and the choices. `state`: what presses mean."""
    shown = entry.digits + "_" * (DIGITS - len(entry.digits))
    title = entry.title
    if canvas.low and entry.note and not entry.digits:  # there is no other room for it
        title = turns((entry.note, title), tick)
    _title(canvas, title, "")
    if canvas.low:
        if state == ANSWER:
            pin.draw_choices(canvas, words, entry, _LOW_ROW)
            canvas.text(shown, 0, canvas.height - 8)
        else:
            canvas.centred(words("before_%d" % state), 16)
        return
    canvas.centred(" ".join(shown), 12)
    pin.draw_choices(canvas, words, entry, 21)
    pin.draw_hints(canvas, words, entry, tick, state)


def _title(canvas, text, place):
    canvas.clear()
    canvas.fill(0, 0, canvas.width, 9 if canvas.low else 10)
    if place:
        canvas.text(window(text, 0), 0, 1, 0)
        canvas.text(place, canvas.width - CELL * len(place), 1, 0)
    else:
        canvas.centred(window(text, 0), 1, 0)
