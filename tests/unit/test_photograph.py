"""The PNG of a panel: what an eye would see of lit and dark pixels, contrast, and a panel off."""

import pytest
from PIL import Image

from tokensim.chips.sh1106 import SH1106
from tokensim.chips.ssd1306 import SSD1306
from tokensim.view import photograph

PIXELS = [bytes(int((x // 3 + y // 2) % 3 == 0) for x in range(24)) for y in range(16)]
EDGE = photograph.GLASS + photograph.BEZEL
ON = bytes([0x00, 0x8D, 0x14, 0xAF])  # commands: charge pump, display on


def shot(path, scale=4, brightness=1.0, pixels=PIXELS):
    photograph.save(pixels, path, scale, brightness)
    with Image.open(path) as image:
        return image.convert("RGB")


def luminance(image, x, y):
    """Return the luminance (0 to 255) of a place of the picture."""
    level = image.convert("L").getpixel((x, y))
    assert isinstance(level, int)
    return level


def dot(image, x, y, scale):
    """Return the luminance of a display pixel, in the middle of its dot."""
    middle = max(0, (scale - 2) // 2)
    return luminance(image, (EDGE + x) * scale + middle, (EDGE + y) * scale + middle)


@pytest.mark.parametrize("scale", [2, 3, 4, 16])
def test_lit_and_dark_pixels_are_told_apart_at_once(tmp_path, scale):
    image = shot(tmp_path / "x.png", scale)
    assert image.size == ((24 + 2 * EDGE) * scale, (16 + 2 * EDGE) * scale)
    for y, row in enumerate(PIXELS):
        for x, lit in enumerate(row):
            assert (dot(image, x, y, scale) > 200) == lit
            assert lit or dot(image, x, y, scale) < 60  # the glow of a neighbour


def test_a_gap_parts_lit_pixels_and_a_glow_is_around_them(tmp_path):
    lone = [bytes(24)] * 16
    lone[8] = bytes(int(x in (10, 11)) for x in range(24))
    image = shot(tmp_path / "x.png", pixels=lone)
    gap = luminance(image, (EDGE + 11) * 4 - 1, (EDGE + 8) * 4 + 1)
    assert 20 < gap < dot(image, 10, 8, 4) / 1.5
    above = [luminance(image, (EDGE + 10) * 4 + 1, (EDGE + 8) * 4 - away) for away in (1, 2, 3)]
    assert above[0] > above[1] >= above[2] and 0 < above[0] < 60
    assert luminance(image, (EDGE + 10) * 4 + 1, (EDGE + 4) * 4) == 0
    red, _, blue = image.getpixel(((EDGE + 10) * 4 + 1, (EDGE + 8) * 4 + 1))  # pyrefly: ignore[not-iterable]
    assert blue > red > 200, "blue-white"


def test_a_bezel_is_around_a_panel_that_is_off(tmp_path):
    image = shot(tmp_path / "x.png", brightness=0.0)
    width, height = image.size
    inside = image.crop((4, 4, width - 4, height - 4))
    assert inside.getextrema() == ((0, 0), (0, 0), (0, 0))
    corners = [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]
    assert all(20 < luminance(image, *corner) < 90 for corner in corners)


def test_a_lower_contrast_is_dimmer_and_never_dark(tmp_path):
    levels = []
    for contrast in (0, 64, 128, 255):
        panel = SSD1306()
        panel.start()
        panel.write(bytes([*ON, 0x81, contrast]))
        image = shot(tmp_path / "x.png", brightness=photograph.brightness(panel))
        levels.append(dot(image, 0, 0, 4))
    assert levels == sorted(levels)
    assert levels[0] > 25 and levels[-1] > 220
    assert all(later - earlier > 20 for earlier, later in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("model", [SSD1306, SH1106])
def test_a_panel_that_is_off_has_no_brightness(model):
    panel = model()
    assert photograph.brightness(panel) == 0
    panel.start()
    panel.write(ON if model is SSD1306 else bytes([0x00, 0xAF]))
    assert photograph.brightness(panel) > 0.5
    panel.start()
    panel.write(bytes([0x00, 0xAE]))
    assert photograph.brightness(panel) == 0


def test_a_scale_of_one_is_the_plain_picture(tmp_path):
    photograph.save(PIXELS, tmp_path / "x.png", 1, 0.5)
    with Image.open(tmp_path / "x.png") as image:
        assert (image.mode, image.size) == ("1", (24, 16))
        assert image.convert("L").tobytes() == bytes(255 * each for row in PIXELS for each in row)


def test_the_same_pixels_give_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        shot(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("scale", [0, -1, 17])
def test_other_scales_are_refused(tmp_path, scale):
    with pytest.raises(ValueError, match="scale"):
        photograph.save(PIXELS, tmp_path / "x.png", scale)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("pixels", [[], [b""], [b"\0", b"\0\0"], [b"\2"]])
def test_what_is_no_picture_is_refused(tmp_path, pixels):
    with pytest.raises(ValueError, match="pic|pixel"):
        photograph.save(pixels, tmp_path / "x.png")
