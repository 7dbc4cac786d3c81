"""The message screen: what is the matter, and what to do about it."""

from tokenfw.screens.lines import fit, window

_ROWS = 4


def draw(canvas, title, lines, tick=0):
    """Draw a message: `lines` are wrapped where there is room for it (four rows), else scrolled."""
    canvas.clear()
    canvas.centred(window(title, tick), 1)
    canvas.fill(0, 11, canvas.width, 1)
    rows = fit(lines, _ROWS, tick)
    top = 14 + (canvas.height - 14 - 12 * len(rows)) // 2 + 2
    for row, text in enumerate(rows):
        canvas.centred(text, top + 12 * row)
