"""Golden pictures as text, two rows of pixels per line; tests/data/golden has a file per family.

"nl-low-menu-about" is of the family "nl-low-menu": its picture follows the line with its name.
With UPDATE_GOLDEN=1 in the environment (`make golden`) they are rewritten; check the difference
before it is committed. Runs on MicroPython, from the root of the repository. Files are read in
pieces: a family may be larger than the heap.
"""

import os

FOLDER = "tests/data/golden/"
HALF_BLOCKS = tuple(each.encode() for each in (" ", "▀", "▄", "█"))
HEAD = "== "
BLOCK = 4096  # bytes
PANELS = "nl", "low"  # optional prefixes of a family's name: a language, and a panel


def family(name):
    """Return the name of the file that has a picture."""
    words = name.split("-")
    count = 1
    while words[count - 1] in PANELS:
        count += 1
    return FOLDER + "-".join(words[:count]) + ".txt"


def as_text(picture, width, height):
    """Return a FrameBuffer in half blocks (UTF-8), without spaces at the ends of lines.

    In bytes: each string is looked for among all names that MicroPython knows.
    """
    pixel = picture.pixel
    lines = []
    for y in range(0, height, 2):
        line = [HALF_BLOCKS[pixel(x, y) + 2 * pixel(x, y + 1)] for x in range(width)]
        lines.append(b"".join(line).rstrip())
    return b"\n".join(lines) + b"\n"


def is_golden(name, picture, width, height):
    """Return whether a FrameBuffer is the golden picture `name`; print it if it is not."""
    text = as_text(picture, width, height)
    path = family(name)
    if os.getenv("UPDATE_GOLDEN"):
        put(path, name, str(text, "utf-8"))
    same = text == kept(path, name)
    if not same:
        print(str(text, "utf-8"))
    return same


def check(case, name, picture, width, height):
    """Fail the TestCase `case` unless a FrameBuffer is the golden picture `name`."""
    same = is_golden(name, picture, width, height)
    case.assertTrue(same, name + " looks as printed above: if that is right, make golden")


def kept(path, name):
    """Return the picture of this name in a family's file; b"" if there is none."""
    head, after = ("\n" + HEAD + name + "\n").encode(), b"\n" + HEAD.encode()
    data, found = b"\n", False
    for block in pieces(path):
        data += block
        if not found and head in data:
            data, found = data[data.find(head) + len(head) :], True
        if found and after in data:
            return data[: data.find(after) + 1]
        if not found:
            data = data[-len(head) :]
    return data if found else b""


def put(path, name, text):
    """Write a picture into a family's file, whose pictures are sorted by their names."""
    with open(path + ".new", "w") as file:
        skips = done = False
        for line in lines_of(path):
            if line.startswith(HEAD):
                other = line[len(HEAD) : -1]
                skips = other == name
                if other > name and not done:
                    file.write(HEAD + name + "\n" + text)
                    done = True
            if not skips:
                file.write(line)
        if not done:
            file.write(HEAD + name + "\n" + text)
    os.rename(path + ".new", path)


def lines_of(path):
    """Yield the lines of a file, none if there is no such file."""
    line = b""
    for block in pieces(path):
        parts = (line + block).split(b"\n")
        line = parts.pop()
        for each in parts:
            yield str(each, "utf-8") + "\n"


def pieces(path):
    """Yield a file's contents in pieces, none if there is no such file."""
    try:
        os.stat(path)
    except OSError:
        return
    with open(path, "rb") as file:
        block = file.read(BLOCK)
        while block:
            yield block
            block = file.read(BLOCK)
