#!/usr/bin/env python3
"""Make the sample pictures beside this file. The same every time; needs segno and Pillow.

The accounts and secrets are invented, and public for that reason: never use them.
"""

from pathlib import Path

import segno
from PIL import Image, ImageDraw

EXAMPLE = (
    "otpauth://totp/Example%20Bank:alice@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    "&issuer=Example%20Bank&algorithm=SHA1&digits=6&period=30"
)
# Names that an OLED shows whole.
DEMO = EXAMPLE.replace("alice@example.com", "alice")
# As Microsoft writes them: form-encoded label, 80-bit secret in lower case.
MICROSOFT = (
    "otpauth://totp/Contoso+Sample%3Aalice%40contoso.example"
    "?secret=mfrggzdfmztwq2lk&issuer=Microsoft"
)
SEVERAL = (
    EXAMPLE,
    "otpauth://totp/Example%20VPN:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    "&issuer=Example%20VPN&algorithm=SHA256&digits=8&period=60",
    "otpauth://hotp/Example%20Door:alice?secret=KRSXG5BAON2HE2LOM4QHG5DSNFXGO4ZB"
    "&issuer=Example%20Door&counter=7",
)
WEB_ADDRESS = "https://example.com/help"
WIFI = "WIFI:T:WPA;S:Example;P:not a secret;;"

SCALE = 4  # pixels for each module


def code(text: str) -> Image.Image:
    """Return the QR code of `text` in black and white, with its quiet zone."""
    made = segno.make(text, error="m", micro=False, boost_error=False)
    rows = [[0 if dark else 255 for dark in row] for row in made.matrix_iter(border=4)]
    picture = Image.new("L", (len(rows[0]), len(rows)))
    picture.putdata([grey for row in rows for grey in row])
    return picture.resize(
        (picture.width * SCALE, picture.height * SCALE), Image.Resampling.NEAREST
    ).convert("1")


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Return the pictures in a row, at the same height, on white."""
    width, height = sum(each.width for each in pictures), max(each.height for each in pictures)
    row = Image.new("1", (width, height), 1)
    left = 0
    for each in pictures:
        row.paste(each, (left, 0))
        left += each.width
    return row


def no_code() -> Image.Image:
    """Return a drawing with no code in it."""
    picture = Image.new("1", (160, 120), 1)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 60, 140, 110), outline=0)
    draw.polygon(((20, 60), (80, 15), (140, 60)), outline=0)
    draw.rectangle((70, 80, 90, 110), outline=0)
    return picture


def main() -> None:
    pictures = {
        "demo.png": code(DEMO),
        "example-totp.png": code(EXAMPLE),
        "microsoft.png": code(MICROSOFT),
        "several.png": side_by_side([code(uri) for uri in SEVERAL]),
        "web-address.png": code(WEB_ADDRESS),
        "wifi.png": code(WIFI),
        "no-code.png": no_code(),
    }
    for name, picture in pictures.items():
        picture.save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main()
