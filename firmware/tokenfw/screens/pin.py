"""The screen of the PIN pad: how many digits there are, the choices, and what presses do."""

from tokenfw.pinpad import DELETE, DONE
from tokenfw.screens.lines import window

_WORDS = {DELETE: "del", DONE: "OK"}
_ROW = 24


def draw(canvas, entry):
    """Draw an Entry. Its digits are never shown, only their number."""
    canvas.clear()
    canvas.fill(0, 0, canvas.width, 10)
    canvas.centred(window(entry.title, 0), 1, 0)
    count = len(entry.digits)
    dots = min(count, 10)
    left = (canvas.width - dots * 9) // 2
    for place in range(dots):
        canvas.fill(left + place * 9 + 1, 14, 6, 6)
    if count > dots:
        canvas.text(str(count), canvas.width - 16, 13)
    _choices(canvas, entry)
    canvas.fill(0, canvas.height - 11, canvas.width, 1)
    canvas.text("next  hold: take", 0, canvas.height - 8)


def _choices(canvas, entry):
    """Draw the choice in the middle, large, and the next ones beside it."""
    choice = entry.choice()
    if choice in _WORDS:
        word = _WORDS[choice]
        width = len(word) * 8 + 8
        canvas.fill((canvas.width - width) // 2, _ROW + 5, width, 14)
        canvas.centred(word, _ROW + 8, 0)
    else:
        canvas.code([choice], _ROW)
    for away, x in ((-1, 12), (1, 92)):
        beside = entry.choice(away)
        canvas.text(_WORDS.get(beside, beside), x, _ROW + 8)
