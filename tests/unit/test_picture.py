"""Pictures of a display as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokensim.view.picture import as_rows, as_text, for_width, from_text

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
def test_what_is_no_picture_is_refused(pixels, message):
    for function in (as_rows, as_text):
        with pytest.raises(ValueError, match=message):
            function(pixels)


def test_odd_height_has_no_text():
    with pytest.raises(ValueError, match="even"):
        as_text([b"\1"])


@pytest.mark.parametrize(("columns", "lines", "width"), [(130, 34, 130), (80, 16, 64)])
def test_a_narrow_terminal_gets_half_the_width(columns, lines, width):
    """The OLED has 128 by 64 dots; a character of braille shows 2 by 4 of them."""
    text = for_width([bytes(127) + b"\1"] * 64, columns).splitlines()
    assert len(text) == lines and {len(line) for line in text} == {width}
    assert text[5].strip("│ ")[-1:] in "█⢸"
