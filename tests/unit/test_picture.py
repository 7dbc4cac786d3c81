"""Pictures of a display as text and as PNG."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tokensim.picture import as_rows, as_text, from_text, save_png

pictures = st.tuples(st.integers(1, 20), st.integers(1, 8)).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, 1), min_size=size[0], max_size=size[0]).map(bytes),
        min_size=2 * size[1],
        max_size=2 * size[1],
    )
)
SMALL = [bytes([0, 1, 0, 1]), bytes([0, 0, 1, 1])]


def test_half_blocks_in_a_frame():
    assert as_text(SMALL) == "┌────┐\n│ ▀▄█│\n└────┘\n"


def test_rows():
    assert as_rows(SMALL) == [".#.#", "..##"]


@given(pictures)
def test_text_is_read_back(pixels):
    assert from_text(as_text(pixels)) == pixels
    assert from_text(as_text(pixels).strip()) == pixels


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "\n",
        "┌─┐\n└─┘",
        "┌─┐\n│x│\n└─┘",
        "┌─┐\n│  │\n└─┘",
        "┌──┐\n│ █\n└──┘",
        "│█│\n│█│",
        "┌┐\n││\n└┘",
    ],
)
def test_other_text_is_refused(text):
    with pytest.raises(ValueError, match="picture"):
        from_text(text)


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        ([], "at least one"),
        ([b""], "at least one"),
        ([b"\0", b"\0\0"], "length"),
        ([b"\2"], "0 or"),
    ],
)
def test_what_is_no_picture_is_refused(pixels, message, tmp_path):
    for function in (as_rows, as_text, lambda p: save_png(p, tmp_path / "x.png")):
        with pytest.raises(ValueError, match=message):
            function(pixels)


def test_odd_height_has_no_text():
    with pytest.raises(ValueError, match="even"):
        as_text([b"\1"])


@pytest.mark.parametrize("scale", [1, 2, 3, 4, 16])
def test_png_shows_lit_pixels_with_gaps_and_a_margin(tmp_path, scale):
    save_png(SMALL, tmp_path / "x.png", scale)
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (8 * scale, 6 * scale)
        grey = image.convert("L")
        for y, row in enumerate(SMALL):
            for x, lit in enumerate(row):
                level = grey.getpixel(((x + 2) * scale, (y + 2) * scale))
                assert isinstance(level, int)
                assert (level > 200) == lit
                assert lit or level < 20
        assert grey.getpixel((0, 0)) == 0
        if scale >= 3:
            assert grey.getpixel((6 * scale - 1, 2 * scale)) == 0, "gap beside a lit pixel"


def test_png_needs_a_scale(tmp_path):
    with pytest.raises(ValueError, match="scale"):
        save_png(SMALL, tmp_path / "x.png", 0)
