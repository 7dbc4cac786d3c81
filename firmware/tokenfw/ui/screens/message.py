"""The message screen: what is wrong, and what to do about it."""

from tokenfw.ui.screens.lines import fit, pages, window

_ROWS, _LOW_ROWS = 4, 2


def draw(canvas, title, lines, tick=0):
    """Draw a message: `lines` are wrapped if four rows suffice, else scrolled.

    On a low panel they are wrapped, and shown two rows at a time in turn.
    """
    canvas.clear()
    if canvas.low:
        canvas.centred(window(title, tick), 0)
        canvas.fill(0, 9, canvas.width, 1)
        rows = pages(lines, _LOW_ROWS, tick)
        for row, text in enumerate(rows):
            canvas.centred(text, (12 if len(rows) == _LOW_ROWS else 17) + 11 * row)
        return
    canvas.centred(window(title, tick), 1)
    canvas.fill(0, 11, canvas.width, 1)
    rows = fit(lines, _ROWS, tick)
    top = 14 + (canvas.height - 14 - 12 * len(rows)) // 2 + 2
    for row, text in enumerate(rows):
        canvas.centred(text, top + 12 * row)
