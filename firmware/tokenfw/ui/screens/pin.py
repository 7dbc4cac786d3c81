"""The screen of the PIN pad: how many digits were entered, the choices, and the hints."""

from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.dialogs.pin_entry import DELETE, DONE
from tokenfw.ui.screens.lines import turns, window

_KEYS = {DELETE: "pin_delete", DONE: "pin_done"}
_ROW, _LOW_ROW = 18, 10
_HINT_Y, _PITCH = 47, 9


def draw(canvas, words, entry, tick=0, state=ANSWER):
    """Draw an Entry with the texts of `words`. Of its digits only their number is shown.

    Its title is always visible, and below it what presses do, which the note takes turns with
    (`tick`: seconds of the entry); a low panel has no room for these. `state` is that of
    Consent.state().
    """
    canvas.clear()
    if canvas.low:
        canvas.fill(0, 0, canvas.width, 9)
        canvas.centred(window(entry.title, 0), 1, 0)
        if state == ANSWER:
            draw_choices(canvas, words, entry, _LOW_ROW)
            _dots(canvas, len(entry.digits), 29, 3, 4)
        else:
            canvas.centred(words("before_%d" % state), 16)
        return
    canvas.fill(0, 0, canvas.width, 10)
    canvas.centred(window(entry.title, 0), 1, 0)
    count = len(entry.digits)
    _dots(canvas, min(count, 10), 12, 4, 7)
    if count > 10:
        canvas.text(str(count), canvas.width - 16, 12)
    draw_choices(canvas, words, entry, _ROW)
    draw_hints(canvas, words, entry, tick, state)


def draw_hints(canvas, words, entry, tick, state):
    """Draw what presses do, below a line."""
    canvas.fill(0, _HINT_Y - 3, canvas.width, 1)
    for row, text in enumerate(_hints(words, entry, tick, state)):
        canvas.text(text, 0, _HINT_Y + row * _PITCH)


def _hints(words, entry, tick, state):
    """Return one row or two: what the user has to do first, or what presses do."""
    if state != ANSWER:
        return (words("before_%d" % state),)
    turn, take, second, done = words.rows("pin_hints")
    if entry.two:
        take = turns((second, done), tick) if entry.enough else second
    return (turns((entry.note, turn), tick) if entry.note else turn, take)


def _dots(canvas, count, y, size, pitch):
    left = (canvas.width - count * pitch) // 2 + (pitch - size) // 2
    for place in range(count):
        canvas.fill(left + place * pitch, y, size, size)


def draw_choices(canvas, words, entry, y):
    """Draw the choice at the cursor, large, and its neighbours beside it."""
    choice = entry.choice()
    middle = y + canvas.code_height // 2
    if choice in _KEYS:
        word = words(_KEYS[choice])
        width = len(word) * 8 + 8
        canvas.fill((canvas.width - width) // 2, middle - 7, width, 14)
        canvas.centred(word, middle - 4, 0)
    else:
        canvas.code([choice], y)
    for away, x in ((-1, 12), (1, 92)):
        beside = entry.choice(away)
        canvas.text(words(_KEYS[beside]) if beside in _KEYS else beside, x, middle - 4)
