"""The question screen: what is asked, about what, and which press answers what."""

from tokenfw.screens.lines import fit, pages, window

_HINTS = ("press: yes", "hold: no")
_HOLD_HINTS = ("hold 3 s: yes", "press: no")
# On a low panel the hints share a line that has 16 letters: words, and where they begin.
_LOW_HINTS = (("press", 0), ("yes", 44), ("hold", 76), ("no", 112))
_LOW_HOLD_HINTS = (("hold", 0), ("yes", 36), ("press", 68), ("no", 112))


def draw(canvas, title, lines, hold, tick=0):
    """Draw a question.

    `lines` are up to three lines of detail, wrapped where there is room and scrolled
    where not (`tick`: seconds on screen); on a low panel they are shown by turns. With
    `hold` yes is said by a hold of three seconds, otherwise by a press.
    """
    canvas.clear()
    if canvas.low:
        _draw_low(canvas, title, lines, hold, tick)
        return
    hint = _HOLD_HINTS if hold else _HINTS
    canvas.fill(0, 0, canvas.width, 10)
    canvas.centred(window(title, tick), 1, 0)
    for row, text in enumerate(fit(lines, 3, tick)):
        canvas.text(text, 0, 13 + 10 * row)
    top = canvas.height - 9 * len(hint) + 1
    canvas.fill(0, top - 3, canvas.width, 1)
    for row, text in enumerate(hint):
        canvas.text(text, 0, top + 9 * row)


def _draw_low(canvas, title, lines, hold, tick):
    canvas.fill(0, 0, canvas.width, 9)
    canvas.centred(window(title, tick), 1, 0)
    if hold:
        lines = list(lines) + ["hold for 3 s"]
    canvas.text(pages(lines, 1, tick)[0], 0, 11)
    canvas.fill(0, 21, canvas.width, 1)
    for word, x in _LOW_HOLD_HINTS if hold else _LOW_HINTS:
        canvas.text(word, x, 24)
