"""Texts spread over several QR codes: segno writes them, none is ever taken in part."""

import io
import random
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image, ImageOps
from support import enrolled
from unit.exports import export
from unit.test_pictures import saved
from unit.test_sources import OTHER, URI, names, page

from tokenctl.cli import main
from tokenctl.enrol.merging import whole
from tokenctl.errors import PartOfSet, SourceError
from tokenctl.pictures import Reader
from tokenctl.pictures.codes import Code
from tokenctl.pictures.segments import Content, Place, Run
from tokenctl.pictures.structured_append import Sets

pytestmark = pytest.mark.slow

LONG = (
    "otpauth://totp/ACME:alice@example.com?issuer=ACME"
    "&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&algorithm=SHA512&digits=8"
)
SECRET = b"12345678901234567890123456789012"


def picture(code: segno.QRCode, scale: int = 4) -> Image.Image:
    file = io.BytesIO()
    code.save(file, kind="png", scale=scale)
    return Image.open(file).convert("L")


def parts(text: str, count: int, **how: Any) -> list[Image.Image]:
    return [picture(code) for code in segno.make_sequence(text, symbol_count=count, **how)]


def beside(*pictures: Image.Image) -> bytes:
    """One picture of all of these in a row."""
    row = Image.new("L", (sum(each.width for each in pictures), 400), 255)
    left = 0
    for each in pictures:
        row.paste(each, (left, 0))
        left += each.width
    return saved(row)


def read(reader: Reader, *pictures: bytes) -> list[str]:
    """The texts that become whole, one picture after the other."""
    found: list[str] = []
    for each in pictures:
        try:
            found += reader.read(each).texts
        except PartOfSet:
            continue
    return found


def dry_run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """What the command says of these sources."""
    code = main.run(["provision", "--dry-run", "--json", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


# --- one picture ------------------------------------------------------------------------


def test_a_part_is_no_account() -> None:
    """The first has a secret of a length that base32 has, too: 11 characters, SHA-1, 6 digits."""
    for number, part in enumerate(parts(LONG, 2), 1):
        with pytest.raises(PartOfSet, match=f"over 2 QR codes, and code {3 - number} is missing"):
            enrolled.from_picture(saved(part))


@pytest.mark.parametrize("count", [2, 3, 5, 16])
def test_all_parts_in_one_picture_are_one_account(count: int) -> None:
    shuffled = parts(LONG, count)
    random.Random(count).shuffle(shuffled)
    rows = [beside(*shuffled)] if count < 5 else [beside(*shuffled[:4]), *map(saved, shuffled[4:])]
    with Reader() as reader:
        assert read(reader, *rows) == [LONG]
        assert reader.missing() is None
    (made,) = enrolled.from_picture(beside(*parts(LONG, 2)))
    assert made.account.describe() | {"issuer": "ACME"} == {
        "type": "totp", "issuer": "ACME", "name": "alice@example.com",
        "algorithm": "SHA512", "digits": 8, "period": 30,
    }  # fmt: skip
    assert made.account.secret == SECRET and made.warnings == ()


@pytest.mark.parametrize("look", [ImageOps.invert, ImageOps.mirror, lambda each: each.rotate(90)])
def test_however_it_is_looked_at(look: Callable[[Image.Image], Image.Image]) -> None:
    (made,) = enrolled.from_picture(beside(*(look(each) for each in parts(LONG, 2))))
    assert made.account.secret == SECRET
    with pytest.raises(PartOfSet):
        enrolled.from_picture(saved(look(parts(LONG, 2)[0])))


def test_a_part_whose_first_codewords_are_damaged_is_a_part_still() -> None:
    """The modules that say 'I am a part' stand in the lower right-hand corner."""
    code = segno.make_sequence(LONG, symbol_count=2, error="h", boost_error=False)[0]
    for corner in range(3):
        drawn = picture(code)
        at = drawn.width - 16 - 4 * 2
        block = drawn.crop((at, at - 8 * corner, at + 8, at - 8 * corner + 8))
        drawn.paste(ImageOps.invert(block), (at, at - 8 * corner))
        with pytest.raises(PartOfSet):
            enrolled.from_picture(saved(drawn))


@pytest.mark.parametrize(
    "text",
    [
        "0123456789" * 5,
        "HTTPS://EXAMPLE.COM/" * 4,
        "otpauth://totp/\u00c4\u00d6\u00dc?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "\u8336\u306e\u6e6f" * 8,
    ],
)
def test_parts_of_every_mode(text: str) -> None:
    with Reader() as reader:
        assert read(reader, *map(saved, parts(text, 3))) == [text]


def test_a_letter_that_is_cut_in_two() -> None:
    """UTF-8 of two bytes, the first of which ends a part and the second begins the next."""
    text = "otpauth://totp/" + "\u00e9" * 20 + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    with Reader() as reader:
        assert read(reader, *map(saved, parts(text, 2, encoding="utf-8"))) == [text]


def test_a_part_beside_an_account_is_not_passed_over() -> None:
    with pytest.raises(PartOfSet, match="code 2 is missing"):
        enrolled.from_picture(beside(picture(segno.make(URI, micro=False)), parts(LONG, 2)[0]))
    with Reader() as reader:
        whole = beside(picture(segno.make(URI, micro=False)), *parts(LONG, 2))
        assert sorted(read(reader, whole)) == sorted([URI, LONG])


def test_an_export_of_google_s_in_parts() -> None:
    text = export({"secret": SECRET, "name": "Example:a", "issuer": "Example"})
    (made,) = whole(enrolled.from_picture(beside(*parts(text, 2))), incomplete=False)
    assert made.account.secret == SECRET


# --- several pictures -------------------------------------------------------------------


def test_any_order_and_copies() -> None:
    files = [saved(each) for each in parts(LONG, 3)]
    for order in permutations(files):
        with Reader() as reader:
            assert read(reader, *order) == [LONG]
    with Reader() as reader:
        first, second, third = files
        assert read(reader, first, first, third, second, first, third) == [LONG]


def test_two_sets_at_once() -> None:
    other = LONG.replace("alice", "carol")
    with Reader() as reader:
        pairs = zip(parts(LONG, 2), parts(other, 2), strict=True)
        assert read(reader, *(saved(each) for pair in pairs for each in pair)) == [LONG, other]


def test_two_sets_that_cannot_be_told_apart() -> None:
    """Of one parity: the bytes of the text are the same, in another order."""
    other = LONG.replace("alice", "ecila")
    with Reader() as reader:
        assert read(reader, saved(parts(LONG, 2)[0])) == []
        with pytest.raises(SourceError, match="two different codes 1 of 2"):
            reader.read(saved(parts(other, 2)[0]))


def test_parts_of_two_texts_are_not_put_together() -> None:
    """Two halves whose sets have one parity, by chance: it is not that of both together."""
    sets = Sets()
    half = Content((Run(None, b"otpauth://totp/a?secret=GEZDG"),), Place(0, 2, 0))
    rest = Content((Run(None, b"NBVGY3TQOJQ"),), Place(1, 2, 0))
    assert sets.take([Code("", (), half)]) == []
    with pytest.raises(SourceError, match="checksum"):
        sets.take([Code("", (), rest)])


def test_files_and_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (saved(each) for each in parts(LONG, 2))
    one, two, plain = tmp_path / "1.png", tmp_path / "2.png", tmp_path / "plain.png"
    one.write_bytes(first)
    two.write_bytes(second)
    plain.write_bytes(page(OTHER))
    made = enrolled.from_path(tmp_path)
    assert names(made) == ["alice@example.com", "bob"]
    assert [set(each.origins) for each in made] == [{one, two}, {plain}]
    code, out, _ = dry_run(capsys, str(two), str(one))
    assert code == 0 and '"digits": 8' in out
    for alone in (one, two):
        code, out, err = dry_run(capsys, str(plain), str(alone))
        missing = 2 if alone == one else 1
        assert (code, out) == (3, "") and f"code {missing} is missing" in err
    two.unlink()
    with pytest.raises(PartOfSet, match="code 2 is missing"):
        enrolled.from_path(tmp_path)
    plain.unlink()
    with pytest.raises(PartOfSet, match="code 2 is missing"):
        enrolled.from_path(tmp_path)


def test_incomplete_does_not_allow_a_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = tmp_path / "1.png"
    one.write_bytes(saved(parts(LONG, 2)[0]))
    code, out, err = dry_run(capsys, "--incomplete", "--guess", "--keep-going", str(one))
    assert (code, out) == (3, "") and "code 2 is missing" in err
    assert "GEZDG" not in err


def test_a_picture_that_holds_something_else_besides_is_not_the_origin(tmp_path: Path) -> None:
    first, second = parts(LONG, 2)
    (tmp_path / "1.png").write_bytes(beside(first, picture(segno.make("WIFI:S:x;;", micro=False))))
    (tmp_path / "2.png").write_bytes(saved(second))
    (made,) = enrolled.from_path(tmp_path)
    assert made.origins == ()
