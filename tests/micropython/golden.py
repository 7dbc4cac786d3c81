"""Golden pictures: tests/golden/, two rows of pixels a line of text; a file for a family of screens.

"nl-low-menu-about" is of the family "nl-low-menu": a picture begins behind the line with its name.
With UPDATE_GOLDEN=1 in the environment (`make golden`) they are written anew; look at the
difference before it is committed. Runs on MicroPython, from the root of the repository. Files are
read in pieces: a family may be larger than the heap.
"""

import os

FOLDER = "tests/golden/"
HALF_BLOCKS = " ▀▄█"
HEAD = "== "
BLOCK = 4096  # bytes
PANELS = "nl", "low"  # what a family's name may begin with: a language, and a panel


def family(name):
    """Return the name of the file that a picture is in."""
    words = name.split("-")
    count = 1
    while words[count - 1] in PANELS:
        count += 1
    return FOLDER + "-".join(words[:count]) + ".txt"


def as_text(picture, width, height):
    """Return a FrameBuffer in half blocks, no spaces at the ends of lines."""
    lines = []
    for y in range(0, height, 2):
        line = ""
        for x in range(width):
            line += HALF_BLOCKS[picture.pixel(x, y) + 2 * picture.pixel(x, y + 1)]
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def is_golden(name, picture, width, height):
    """Tell whether a FrameBuffer is the golden picture `name`; print it if it is not."""
    text = as_text(picture, width, height)
    path = family(name)
    if os.getenv("UPDATE_GOLDEN"):
        put(path, name, text)
    same = text == kept(path, name)
    if not same:
        print(text)
    return same


def kept(path, name):
    """Return the picture of this name in a family's file; "" when there is none."""
    head, after = ("\n" + HEAD + name + "\n").encode(), b"\n" + HEAD.encode()
    try:
        file = open(path, "rb")
    except OSError:
        return ""
    with file:
        data, block, found = b"\n", file.read(BLOCK), False
        while block:
            data += block
            if not found and head in data:
                data, found = data[data.find(head) + len(head) :], True
            if found and after in data:
                break
            if not found:
                data = data[-len(head) :]
            block = file.read(BLOCK)
    if not found:
        return ""
    return str(data[: data.find(after) + 1] if after in data else data, "utf-8")


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
    try:
        file = open(path)
    except OSError:
        return
    with file:
        line = file.readline()
        while line:
            yield line
            line = file.readline()
