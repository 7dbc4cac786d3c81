"""The project's own set of difficult pictures: what is found, and that nothing else is."""

import io
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps
from unit.test_pictures import saved

from tokenctl.errors import NoQRCode
from tokenctl.pictures.decoder import decode

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench import difficult  # noqa: E402

pytestmark = pytest.mark.slow


def found(sample: difficult.Sample) -> bool:
    """Whether all codes are found; what was never in the picture is a failure at once."""
    try:
        texts = set(decode(sample.data).texts)
    except NoQRCode:
        return False
    assert texts <= sample.texts, f"{sample.kind}: a text that is in no code"
    return texts == sample.texts


@pytest.mark.parametrize("count", [2, pytest.param(10, marks=pytest.mark.long)])
def test_above_96_per_cent_are_found_and_most_of_every_class(count: int) -> None:
    hits, total = Counter[str](), Counter[str]()
    for sample in difficult.samples(count):
        total[sample.kind] += 1
        hits[sample.kind] += found(sample)
    assert len(total) == 27
    missed = {kind: total[kind] - hits[kind] for kind in total if hits[kind] < total[kind]}
    assert sum(hits.values()) > 0.96 * sum(total.values()), missed
    assert all(each <= count // 2 for each in missed.values()), missed


def test_on_a_dark_page_all_are_found_at_every_distance_of_the_text() -> None:
    for sample in difficult.samples(1, tuple(difficult.DARK)):
        assert found(sample), sample.kind


@pytest.mark.long
def test_on_a_dark_page_all_of_many_are_found() -> None:
    for sample in difficult.samples(40, tuple(difficult.DARK)):
        assert found(sample), sample.kind


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_code_without_a_quiet_zone_however_it_is_turned(turn: int) -> None:
    """Text touches it on all sides, and the page is light with a light code as well."""
    (sample,) = difficult.samples(1, ("dark page, text at 0 px",))
    page = Image.open(io.BytesIO(sample.data)).rotate(turn, expand=True)
    for picture in (page, ImageOps.invert(page)):
        assert decode(saved(picture)).texts == list(sample.texts)


def test_the_set_is_the_same_every_time() -> None:
    kinds = ("photographed screen", "export of ten accounts")
    assert list(difficult.samples(1, kinds)) == list(difficult.samples(1, kinds))


def drawn(kind: str) -> Image.Image:
    """A picture that looks a little like a code, and is none."""
    dice = random.Random(kind)
    picture = Image.new("L", (600, 600), 255)
    draw = ImageDraw.Draw(picture)
    if kind == "noise":
        return Image.frombytes("L", (600, 600), dice.randbytes(360_000))
    if kind == "modules without finders":
        for x, y in ((x, y) for x in range(41) for y in range(41) if dice.random() < 0.5):
            draw.rectangle((60 + 10 * x, 60 + 10 * y, 69 + 10 * x, 69 + 10 * y), fill=0)
    if kind == "finders without modules":
        for left, top in ((100, 100), (400, 100), (100, 400)):
            for inset, grey in ((0, 0), (10, 255), (20, 0)):
                box = (left + inset, top + inset, left + 69 - inset, top + 69 - inset)
                draw.rectangle(box, fill=grey)
    if kind == "chessboard":
        for x, y in ((x, y) for x in range(30) for y in range(30) if (x + y) % 2):
            draw.rectangle((20 * x, 20 * y, 20 * x + 19, 20 * y + 19), fill=0)
    return picture


@pytest.mark.parametrize(
    "kind", ["noise", "modules without finders", "finders without modules", "chessboard"]
)
def test_what_is_no_code_gives_no_text(kind: str) -> None:
    with pytest.raises(NoQRCode):
        decode(saved(drawn(kind)))


@pytest.mark.parametrize("part", [3, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_of_text_gives_no_text(dark: bool, part: int) -> None:
    """Part of a page has as large letters as all of it."""
    page = Image.open(io.BytesIO(difficult.page_without_code(dark)))
    with pytest.raises(NoQRCode):
        decode(saved(page.crop((0, 0, page.width // part, page.height // part))))
