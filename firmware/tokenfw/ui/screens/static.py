"""The screen of a static text (an app password), large, to be copied by eye.

The letters of small text at double size, eight to a row, in groups of four, two rows a page
(one on a low panel). Easily confused characters are marked: digits are dark on light, capitals
underlined, and a space is an open box.
"""

from otpcore.characters import characters
from tokenfw.display.canvas import CELL
from tokenfw.display.large_text import LargeText
from tokenfw.ui.screens.lines import COLUMNS, turns

_ROW = 8  # characters
_PITCH, _GAP = 15, 8  # columns from character to character, and between two groups
_GROUP = 4
_TOP, _LOW_TOP, _HIGH, _FOOT_Y = 10, 9, 22, 56
_SEPARATORS = " -"
_DIGIT, _CAPITAL, _SPACE = 0, 1, 2


def rows(text):
    """Return the rows of a text, cut after a space or a dash if one is near, else after eight."""
    found = []
    while len(text) > _ROW:
        cut = _ROW
        for at in range(_ROW, _GROUP, -1):
            if text[at - 1 : at] in _SEPARATORS:
                cut = at
                break
        found.append(text[:cut])
        text = text[cut:]
    found.append(text)
    return found


def kind(character):
    """Return the mark of a character (_DIGIT, _CAPITAL or _SPACE), or -1."""
    code = ord(character)
    if "0" <= character <= "9":
        return _DIGIT
    if character == " ":
        return _SPACE
    if code < 0x80:
        capital = "A" <= character <= "Z"
    elif code < 0x100:
        capital = 0xC0 <= code <= 0xDE and code != 0xD7
    elif 0x138 <= code <= 0x149 or 0x179 <= code <= 0x17E:  # there capitals are odd
        capital = code & 1 and code != 0x149
    else:
        capital = code < 0x220 and not code & 1
    return _CAPITAL if capital else -1


def count(canvas, text):
    """Return how many pages a text has."""
    each = 1 if canvas.low else 2
    return (len(rows(text)) + each - 1) // each


def draw(canvas, words, names, text, page, seconds_left, seconds):
    """Draw a page (from 0) of `text`, which is shown for `seconds_left` more of `seconds`.

    `names` is from in_order().
    """
    canvas.clear()
    each = 1 if canvas.low else 2
    shown = rows(text)[page * each : page * each + each]
    kinds = [kind(character) for row in shown for character in characters(row)]
    marks = words.rows("static_marks")
    hints = [marks[mark] for mark in range(len(marks)) if mark in kinds]
    pages = count(canvas, text)
    place = ""
    if pages > 1:
        place = "%d/%d" % (page + 1, pages)
        hints.insert(0, words("static_more"))
    tick = seconds - seconds_left
    columns = COLUMNS - len(place) - 1 if place else COLUMNS
    canvas.text(turns(hints + names if canvas.low else names, tick, columns), 0, 0)
    canvas.text(place, canvas.width - CELL * len(place), 0)
    if canvas.low:
        canvas.bar(0, canvas.height - 2, canvas.width, 2, seconds_left, seconds)
    else:
        left = str(seconds_left)
        canvas.text(turns(hints, tick, COLUMNS - 3), 0, _FOOT_Y)
        canvas.text(left, canvas.width - CELL * len(left), _FOOT_Y)
    letters = LargeText(canvas)
    for number, row in enumerate(shown):
        _draw_row(canvas, letters, row, (_LOW_TOP if canvas.low else _TOP) + number * _HIGH)


def _draw_row(canvas, letters, row, y):
    gap = 0 if any(each in row for each in _SEPARATORS) else _GAP
    for place, character in enumerate(characters(row)):
        x = place * _PITCH + place // _GROUP * gap
        mark = kind(character)
        if mark == _SPACE:
            canvas.fill(x + 2, y + 12, 12, 2)
            canvas.fill(x + 2, y + 8, 2, 4)
            canvas.fill(x + 12, y + 8, 2, 4)
            continue
        if mark == _DIGIT:
            canvas.fill(x, y - 1, _PITCH, 17)
        elif mark == _CAPITAL:
            canvas.fill(x + 1, y + 17, 13, 2)
        letters.draw(character, x, y, mark != _DIGIT)
