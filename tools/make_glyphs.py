"""Make the large digits, and the letters of Steam codes: display/glyphs.py and glyphs32.py.

The shapes are from Aileron Regular by Sora Sagano (dotcolon.net), in the public domain
(CC0; the font file says "No Rights Reserved"), which is Pillow's built-in font. Each
shape is drawn very large, stretched to fill the cell (so that all have the same height),
averaged down, and thresholded at half coverage.

    python tools/make_glyphs.py            rewrites the modules
    python tools/make_glyphs.py --sheet F  draws all faces, four times enlarged, to PNG F
"""

import argparse
import pathlib

from PIL import Image, ImageDraw, ImageFont

FOLDER = pathlib.Path(__file__).parents[1] / "firmware" / "tokenfw" / "display"

EM = 1536  # pixels: the size of the font for drawing
FINE = 16  # subpixels per pixel, each way, before averaging
FONT = ImageFont.load_default(EM)

DIGITS = "0123456789-"  # the dash stands for a digit that is not generated yet
STEAM = "23456789BCDFGHJKMNPQRTVWXY"

# Name, characters, cell width, cell height, pixels by which strokes are thickened at EM.
FACES = {
    "glyphs": (
        ("WIDE", DIGITS, 16, 24, 8),
        ("TALL", DIGITS, 12, 24, 16),
        ("SMALL", DIGITS, 9, 18, 10),
        ("LETTERS", STEAM, 20, 24, 10),
    ),
    "glyphs32": (
        ("WIDE", DIGITS, 16, 18, 22),
        ("TALL", DIGITS, 12, 18, 22),
        ("SMALL", DIGITS, 9, 18, 10),
        ("LETTERS", STEAM, 20, 18, 22),
    ),
}

MIRRORED_ACROSS = "08HMTVWXY"
MIRRORED_DOWN = "0DHX"
NARROWED = 0.92  # of the natural width, for LETTERS: letters are wider than digits

HEAD = '''"""The large faces{where}: digits, letters of Steam codes. Made by tools/make_glyphs.py.

The shapes are cut from Aileron Regular by Sora Sagano (dotcolon.net), CC0 ("No Rights
Reserved"), as built into Pillow. A face is (width, height, characters, data); data
holds one picture of width x height after the other, as framebuf.MONO_VLSB.
"""
'''


def shape(character, thicker):
    """Return the ink of `character` as a large grey picture, cropped to its edges."""
    picture = Image.new("L", (2 * EM, 2 * EM))
    origin = (EM // 4, EM // 4)
    ImageDraw.Draw(picture).text(origin, character, font=FONT, fill=255, stroke_width=thicker)
    return picture.crop(picture.getbbox())


def ink_width(character, face_width, height, ink):
    """Return how many columns the ink takes: digits fill a cell, letters keep their proportions."""
    if character == "1":
        return round(face_width * 0.55)
    return min(face_width, round(ink.width * height / ink.height * NARROWED))


def dash(width, height):
    """Return the dash that stands for a digit: a plain bar at half height."""
    cell = Image.new("L", (width, height))
    thick = 3 if height > 20 else 2
    top = (height - thick) // 2
    ImageDraw.Draw(cell).rectangle((3, top, width - 4, top + thick - 1), fill=255)
    return cell


def glyph(character, name, width, height, thicker):
    """Return the cell of `character` as a 1-bit picture of width x height."""
    if character == "9":  # a rotated 6, or the two would differ by rounding
        return glyph("6", name, width, height, thicker).transpose(Image.Transpose.ROTATE_180)
    if character == "-":
        return dash(width, height)
    ink = shape(character, thicker)
    columns = width
    if name == "LETTERS" or character == "1":
        columns = ink_width(character, width, height, ink)
    fine = ink.resize((columns * FINE, height * FINE), Image.Resampling.LANCZOS)
    if character in MIRRORED_ACROSS:
        fine = Image.blend(fine, fine.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 0.5)
    if character in MIRRORED_DOWN:
        fine = Image.blend(fine, fine.transpose(Image.Transpose.FLIP_TOP_BOTTOM), 0.5)
    small = fine.resize((columns, height), Image.Resampling.BOX)
    cell = Image.new("L", (width, height))
    cell.paste(small.point([0] * 128 + [255] * 128), ((width - columns) // 2, 0))
    return cell


def pages(cell):
    """Return the cell as MONO_VLSB, one bytes object for each eight rows."""
    rows = []
    for top in range(0, cell.height, 8):
        row = bytearray(cell.width)
        for x in range(cell.width):
            for y in range(top, min(top + 8, cell.height)):
                if cell.getpixel((x, y)):
                    row[x] |= 1 << (y - top)
        rows.append(bytes(row))
    return rows


def module(which):
    """Return the source of a module; `which` selects its faces."""
    out: list[str] = [HEAD.format(where=" for 32 rows" if which == "glyphs32" else "")]
    for name, characters, width, height, thicker in FACES[which]:
        out.append(f'\n{name} = (\n    {width},\n    {height},\n    "{characters}",\n    (')
        for character in characters:
            cell = glyph(character, name, width, height, thicker)
            for row in pages(cell):
                out.append('\n        b"' + "".join(f"\\x{byte:02x}" for byte in row) + '"')
        out.append("\n    ),\n)\n")
    return "".join(out)


def sheet(path):
    """Draw every face to a PNG, for inspection."""
    picture = Image.new("L", (660, 250))
    top = 4
    for name, characters, width, height, thicker in (*FACES["glyphs"], *FACES["glyphs32"]):
        for index, character in enumerate(characters):
            cell = glyph(character, name, width, height, thicker)
            picture.paste(cell, (4 + index * (width + 3), top))
        top += height + 8
    picture.resize((4 * picture.width, 4 * picture.height), Image.Resampling.NEAREST).save(path)


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sheet", metavar="FILE", help="draw all faces to a PNG instead")
    arguments = parser.parse_args()
    if arguments.sheet:
        sheet(arguments.sheet)
    else:
        for name in FACES:
            (FOLDER / f"{name}.py").write_text(module(name))


if __name__ == "__main__":
    main()
