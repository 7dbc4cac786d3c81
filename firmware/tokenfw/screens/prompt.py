"""The question screen: what is asked, about what, and which press answers what."""

from tokenfw.screens.lines import fit, window


def draw(canvas, title, lines, hint, tick=0):
    """Draw a question.

    `lines` are up to three lines of detail, wrapped where there is room and scrolled
    where not (`tick`: seconds on screen). `hint` says what the presses do: one or two
    rows, ("press: yes", "hold: no").
    """
    canvas.clear()
    canvas.fill(0, 0, canvas.width, 10)
    canvas.centred(window(title, tick), 1, 0)
    for row, text in enumerate(fit(lines, 3, tick)):
        canvas.text(text, 0, 13 + 10 * row)
    top = canvas.height - 9 * len(hint) + 1
    canvas.fill(0, top - 3, canvas.width, 1)
    for row, text in enumerate(hint):
        canvas.text(window(text, tick), 0, top + 9 * row)
