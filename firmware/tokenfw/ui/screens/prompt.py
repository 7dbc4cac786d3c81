"""The question screen: the question, its details, and which press means what."""

from tokenfw.display.canvas import CELL
from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.screens.lines import fit, pages, window

_GAP = 4  # columns between the words of hints that share a line


def draw(canvas, words, title, lines, hold, tick=0, state=ANSWER):
    """Draw a question, and how to answer it, with the texts of `words`.

    `lines` are up to three lines of detail, wrapped if there is room and else scrolled
    (`tick`: seconds on the screen); on a low panel they take turns. With `hold` yes is a
    hold of three seconds, otherwise a press. `state` is that of Consent.state().
    """
    canvas.clear()
    if canvas.low:
        _draw_low(canvas, words, title, lines, hold, tick, state)
        return
    hint = words.rows("hold_hints" if hold else "press_hints")
    top = canvas.height - 9 * len(hint) + 1
    if state != ANSWER:
        hint = (words("before_%d" % state),)
    canvas.fill(0, 0, canvas.width, 10)
    canvas.centred(window(title, tick), 1, 0)
    for row, text in enumerate(fit(lines, 3, tick)):
        canvas.text(text, 0, 13 + 10 * row)
    canvas.fill(0, top - 3, canvas.width, 1)
    for row, text in enumerate(hint):
        canvas.text(text, 0, top + 9 * row)


def _draw_low(canvas, words, title, lines, hold, tick, state):
    canvas.fill(0, 0, canvas.width, 9)
    canvas.centred(window(title, tick), 1, 0)
    if hold:
        lines = list(lines) + [words("hold_low")]
    canvas.text(pages(lines, 1, tick)[0], 0, 11)
    canvas.fill(0, 21, canvas.width, 1)
    if state != ANSWER:
        canvas.text(words("before_%d" % state), 0, 24)
        return
    one, answer, other, refusal = words.rows("hold_hints_low" if hold else "press_hints_low")
    right = canvas.width - CELL * len(refusal)
    canvas.text(one, 0, 24)
    canvas.text(answer, CELL * len(one) + _GAP, 24)
    canvas.text(other, right - _GAP - CELL * len(other), 24)
    canvas.text(refusal, right, 24)
