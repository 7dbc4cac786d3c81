"""Texts that are longer than a line: wrapped if there is room, else scrolled.

Scrolling depends on the time only: `tick` is the seconds since the screen appeared. A
line stands still, moves on in steps, stands still at its end, and starts again, so that
every character is shown long enough to be read. Combining marks in results are composed
with their letters, one character each.
"""

COLUMNS = 16  # characters on a line of 128 pixels
_STEP = 4  # characters a second
_PAUSE = 3  # seconds at either end
_PAGE = 2  # seconds per row before rows that take turns change


def composed(text):
    """Return `text` with combining marks composed; loads letters.py only if necessary."""
    if len(text.encode()) == len(text):
        return text
    from tokenfw.display.letters import composed

    return composed(text)


def window(text, tick, columns=COLUMNS):
    """Return the part of `text` to show at `tick`: all of it if it fits."""
    text = composed(text)
    hidden = len(text) - columns
    if hidden <= 0:
        return text
    moved = tick % _seconds(text, columns) - _PAUSE + 1
    start = min(max(0, moved) * _STEP, hidden)
    return text[start : start + columns]


def turns(texts, tick, columns=COLUMNS):
    """Return what to show at `tick` of texts that take turns, each until all of it was shown."""
    texts = [composed(text) for text in texts]
    if len(texts) > 1:
        tick %= sum(_seconds(text, columns) for text in texts)
    for text in texts:
        seconds = _seconds(text, columns)
        if len(texts) == 1 or tick < seconds:
            return window(text, tick, columns)
        tick -= seconds
    return ""


def _seconds(text, columns):
    """Return the seconds that it takes to show a text in a line, scrolling if necessary."""
    hidden = len(text) - columns
    return _PAUSE if hidden <= 0 else (hidden + _STEP - 1) // _STEP + 2 * _PAUSE - 1


def pages(lines, limit, tick):
    """Return at most `limit` rows for `lines`, wrapped; if there are more they take turns.

    The last turn is filled up with rows of the one before it.
    """
    rows = []
    for line in lines:
        rows.extend(wrap(line))
    if len(rows) <= limit:
        return rows
    count = (len(rows) + limit - 1) // limit
    first = min(tick // (_PAGE * limit) % count * limit, len(rows) - limit)
    return rows[first : first + limit]


def wrap(text, columns=COLUMNS):
    """Return `text` as rows of at most `columns`, broken at spaces, or within a longer word.

    An email address that is too long for a row is broken before its @, if possible.
    """
    rows = []
    row = ""
    for word in composed(text).split():
        if row and len(row) + 1 + len(word) <= columns:
            row += " " + word
            continue
        if row:
            rows.append(row)
        while len(word) > columns:
            cut = word.find("@")
            if not 0 < cut <= columns:
                cut = columns
            rows.append(word[:cut])
            word = word[cut:]
        row = word
    if row or not rows:
        rows.append(row)
    return rows


def fit(lines, limit, tick):
    """Return at most `limit` rows for `lines`: wrapped if all fit, else a row each, scrolled."""
    rows = []
    for line in lines:
        rows.extend(wrap(line))
    if len(rows) <= limit:
        return rows
    return [window(line, tick) for line in lines[:limit]]
