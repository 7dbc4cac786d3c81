"""The screens of the recovery code: one group of it, large (draw_group), and its entry (draw)."""

from otpcore.recovery_code import DIGITS, GROUPS
from tokenfw.display.canvas import CELL, GROUP_GAP
from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.dialogs.pin_entry import DELETE, STOP
from tokenfw.ui.screens.lines import turns, window

_ROW, _LOW_ROW, _LOW_HEIGHT = 15, 9, 19
_GAP = 3  # columns between the digits of the widest face, five of which fit
_PITCH = 16 + _GAP
_HINT_Y = 47
_WORDS = (DELETE, STOP)


def draw_group(canvas, words, number, group):
    """Draw a group (text of digits) of the code; `number` is its number from 0."""
    _title(canvas, words("code_note"), "%d/%d" % (number + 1, GROUPS))
    if canvas.low:
        canvas.code([group], _LOW_ROW)
        return
    canvas.code([group], _ROW)
    canvas.fill(0, canvas.height - 20, canvas.width, 1)
    for row, text in enumerate(words.rows("code_hints")):
        canvas.text(text, 0, canvas.height - 17 + 9 * row)


def draw(canvas, words, entry, tick=0, state=ANSWER):
    """Draw a GroupEntry: its digits so far, and the choice at the next place.

    What presses do is shown below, or on a low panel in turn with the title. `state` is that of
    Consent.state().
    """
    hints = _hints(words, entry) if state == ANSWER else (words("before_%d" % state),)
    title = entry.title
    if canvas.low:
        # While the cursor runs nothing takes turns: the user watches the digit.
        said = hints[:1] if entry.runs else ((entry.note,) if entry.note else (title,)) + hints
        title = turns(said, tick)
    _title(canvas, title, "")
    row, height = (_LOW_ROW, _LOW_HEIGHT) if canvas.low else (_ROW, canvas.code_height)
    _draw_digits(canvas, words, entry, row, height)
    if canvas.low:
        return
    canvas.fill(0, _HINT_Y - 3, canvas.width, 1)
    if state == ANSWER and not entry.runs:
        first, *others = hints
        hints = (turns((entry.note, first), tick) if entry.note else first, turns(others, tick))
    for place, text in enumerate(hints):
        canvas.text(text, 0, _HINT_Y + 9 * place)


def _hints(words, entry):
    turn, held, let_go, second, back = words.rows("code_presses")
    if entry.runs:
        return (let_go,)
    return (turn, held, second, back) if entry.two else (turn, held)


def _draw_digits(canvas, words, entry, row, height):
    """Draw the group; the place that is being entered is set apart and underlined."""
    choice, count = entry.choice(), len(entry.digits)
    word = words("pin_delete" if choice == DELETE else "code_stop") if choice in _WORDS else ""
    behind = "-" * (DIGITS - 1 - count)
    parts = [each for each in (entry.digits, "-" if word else choice, behind) if each]
    canvas.code(parts, row)
    whole = DIGITS * _PITCH - _GAP + (len(parts) - 1) * GROUP_GAP
    x = (canvas.width - whole) // 2 + count * _PITCH + (GROUP_GAP if count else 0)
    canvas.fill(x, row + height + 1, _PITCH - _GAP, 2)
    if word:
        width = CELL * len(word) + 2
        x = min(x + (_PITCH - _GAP - width) // 2 + 2, canvas.width - width)
        canvas.fill(x - 2, row, width + 4, height, 0)
        canvas.fill(x, row + height // 2 - 6, width, 11)
        canvas.text(word, x + 1, row + height // 2 - 5, 0)


def _title(canvas, text, place):
    canvas.clear()
    canvas.fill(0, 0, canvas.width, 9 if canvas.low else 10)
    if place:
        canvas.text(window(text, 0), 2, 1, 0)
        canvas.text(place, canvas.width - CELL * len(place), 1, 0)
    else:
        canvas.centred(window(text, 0), 1, 0)
