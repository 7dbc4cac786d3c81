"""Text that is longer than its line: wrapped where there is room, else scrolled.

Scrolling is a function of the time alone: `tick` counts seconds since the screen
appeared. A line stands still, moves on by steps, stands still at its end, and starts
again, so that every character is seen and each stays long enough to be read. What
comes back has one character for each letter, combining marks and all.
"""

COLUMNS = 16  # characters on a line of 128 pixels
_STEP = 4  # characters a second
_PAUSE = 3  # seconds at either end
_PAGE = 2  # seconds that rows which take turns are shown


def composed(text):
    """Return `text` with one character for each letter; see letters.py, which few need."""
    if len(text.encode()) == len(text):
        return text
    from tokenfw.display.letters import composed

    return composed(text)


def window(text, tick, columns=COLUMNS):
    """Return the part of `text` that shows at `tick`: all of it when it fits."""
    text = composed(text)
    hidden = len(text) - columns
    if hidden <= 0:
        return text
    moved = tick % _seconds(text, columns) - _PAUSE + 1
    start = min(max(0, moved) * _STEP, hidden)
    return text[start : start + columns]


def turns(texts, tick, columns=COLUMNS):
    """Return what shows of some texts that take turns: each until all of it was seen."""
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
    """Return how long it takes to show a text in a line: it stands, or scrolls to its end."""
    hidden = len(text) - columns
    return _PAUSE if hidden <= 0 else (hidden + _STEP - 1) // _STEP + 2 * _PAUSE - 1


def pages(lines, limit, tick):
    """Return at most `limit` rows for `lines`, wrapped; more than fit come by turns.

    The last turn is filled with rows that were seen: no row ever stands without company.
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
    """Return `text` as rows of at most `columns`, broken at spaces, or inside a longer word.

    A mail address that is too long for a row breaks before its @, if that helps.
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
