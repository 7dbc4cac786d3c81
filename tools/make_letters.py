"""Make firmware/tokenfw/display/letterforms.py: the components of letters beyond ASCII.

Base and mark of a letter are its canonical decomposition in Unicode; letter_art.py has
drawings of the marks, and of letters without a decomposition.

    python tools/make_letters.py            rewrites the module
    python tools/make_letters.py --sheet F  draws all letters, four times enlarged, to PNG F
"""

import argparse
import pathlib
import subprocess
import sysconfig
import unicodedata
from collections.abc import Iterable

from letter_art import ABOVE, BELOW, FURTHER, LOW, OPEN, OWN
from PIL import Image

FIRMWARE = pathlib.Path(__file__).parents[1] / "firmware"
TARGET = FIRMWARE / "tokenfw" / "display" / "letterforms.py"
RANGE = range(0xC0, 0x180)
MARKS = (*ABOVE, *BELOW)

HEAD = '''"""What letters beyond ASCII are made of. Made by tools/make_letters.py; see letters.py.

Pictures are eight columns, the lowest bit of each on top, as framebuf.MONO_VLSB.
"""
'''

# The firmware itself draws: each line of text, then its twelve rows of pixels.
DRAW = """
import sys, framebuf
from tokenfw.display.canvas import Canvas
class Panel:
    width, height = 256, 12
    framebuf = framebuf.FrameBuffer(bytearray(256 * 2), 256, 12, framebuf.MONO_VLSB)
canvas = Canvas(Panel)
for line in sys.argv[1:]:
    canvas.clear()
    canvas.text(line, 0, 0)
    for y in range(12):
        print("".join(str(Panel.framebuf.pixel(x, y)) for x in range(256)))
"""


def columns(rows: Iterable[str]) -> bytes:
    """Return up to eight drawn rows as eight bytes."""
    return bytes(
        sum((cell == "#") << y for y, cell in enumerate(column))
        for column in zip(*rows, strict=True)
    )


def pair(character: str) -> bytes:
    """Return base and number (from 1) of the mark as two bytes; zeros if it has no such pair."""
    base, mark, *more = [*unicodedata.normalize("NFD", character), "", ""]
    if more[0] or mark not in MARKS or not base.isascii():
        return bytes(2)
    return base.encode() + bytes([MARKS.index(mark) + 1])


def literal(data: bytes) -> str:
    """Return bytes as a literal, sixteen per line."""
    escaped = [f"\\x{byte:02x}" for byte in data]
    lines = ("".join(escaped[at : at + 16]) for at in range(0, len(escaped), 16))
    return "(\n" + "\n".join(f'    b"{line}"' for line in lines) + "\n)"


def module() -> str:
    """Return the source of the module."""
    pairs = b"".join(map(pair, [*map(chr, RANGE), *FURTHER]))
    above = b"".join(columns(rows) for rows in ABOVE.values())
    below = b"".join(
        columns(["." * 8] * 7 + [row]) + columns([tail]) for row, tail in BELOW.values()
    )
    own = "".join(map(spelled, OWN))
    deep = sum("#" in row for _, row in ABOVE.values())
    parts = (
        (f"FIRST, END = {RANGE.start:#x}, {RANGE.stop:#x}", "the code points in PAIRS"),
        (f'FURTHER = "{FURTHER}"', "these follow"),
        (f"PAIRS = {literal(pairs)}", "base and number of the mark, from 1"),
        (f'LOW = b"{LOW}"', "capitals that keep six rows under a mark"),
        (f'OPEN = b"{OPEN}"', "letters that begin in row 3 under a mark of two rows"),
        (f'MARKS = "{"".join(map(spelled, MARKS))}"', "as combining characters"),
        (f"DEEP = {deep}", "the first so many have two rows"),
        (f"ABOVE = {literal(above)}", "the marks above a letter"),
        (f"BELOW = {literal(below)}", "those below: columns of rows 0 to 7, then of row 8"),
        (f'OWN = (\n    "{own[:48]}"\n    "{own[48:]}"\n)', "drawn as a whole"),
        (
            f"CELLS = {literal(b''.join(columns(rows.split()) for rows in OWN.values()))}",
            "their pictures",
        ),
    )
    return HEAD + "".join(f"\n# {what[:1].upper()}{what[1:]}.\n{line}\n" for line, what in parts)


def spelled(character: str) -> str:
    """Return a character for a literal: as itself if it is visible, else escaped."""
    seen = character.isprintable() and not unicodedata.combining(character)
    return character if seen else f"\\u{ord(character):04x}"


def draw(lines: list[str], path: str, scale: int = 4) -> None:
    """Draw lines of up to 32 characters to a PNG."""
    run = subprocess.run(
        [pathlib.Path(sysconfig.get_path("scripts")) / "micropython", "-c", DRAW, *lines],
        env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = run.stdout.split()
    sheet = Image.new("1", (len(rows[0]) + 8, len(rows) + 8))
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            sheet.putpixel((4 + x, 4 + y), int(pixel))
    size = (scale * sheet.width, scale * sheet.height)
    sheet.resize(size, Image.Resampling.NEAREST).save(path)


def sheet_lines() -> list[str]:
    """Return lines with all letters, and with words that contain some."""
    letters = [*map(chr, RANGE), *FURTHER, *(each for each in OWN if ord(each) not in RANGE)]
    lines = ["".join(letters[at : at + 32]) for at in range(0, len(letters), 32)]
    return [
        *lines,
        "Crédit Müller Škoda Žižek Öster",
        "ÉCOLE ÖSTERREICH ÜBER ÅNGSTRÖM",
        "Łódź Gdańsk București Timişoara",
        "façade Weiß ørsted Þór İstanbul",
        "ö/ő ç/c ş/s ș/s ů/û/ú İ/I ij/ĳ ı",
        "O/Ö/Ő/Ó o/ö/ő/ó U/Ü/Ű u/ü/ű á/à",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sheet", metavar="FILE", help="draw all letters to a PNG instead")
    arguments = parser.parse_args()
    if arguments.sheet:
        draw(sheet_lines(), arguments.sheet)
    else:
        TARGET.write_text(module())


if __name__ == "__main__":
    main()
