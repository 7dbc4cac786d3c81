"""Golden pictures: tests/golden/, two rows of pixels a line of text.

UPDATE_GOLDEN=1 in the environment writes the pictures anew; look at the difference
before it is committed. Runs on MicroPython, from the root of the repository.
"""

import os

FOLDER = "tests/golden/"
HALF_BLOCKS = " ▀▄█"


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
    path = FOLDER + name + ".txt"
    if os.getenv("UPDATE_GOLDEN"):
        with open(path, "w") as file:
            file.write(text)
    with open(path) as file:
        golden = file.read()
    if text != golden:
        print(text)
    return text == golden
