"""From the modules of a QR code to what it says: segno writes, in every version and level."""

import random
from typing import Any

import pytest
import segno
from segno import consts

from tokenctl.pictures import charsets, reed_solomon, symbol
from tokenctl.pictures.codes import UNSURE, code_of
from tokenctl.pictures.segments import Content, Place, content
from tokenctl.pictures.symbol import Unreadable, alignment_places, data_of

pytestmark = pytest.mark.slow


def modules(code: segno.QRCode) -> list[bytes]:
    return [bytes(row) for row in code.matrix]


def read(code: segno.QRCode, rows: list[bytes] | None = None) -> Content:
    version = code.version
    assert isinstance(version, int) and code.error is not None
    return content(data_of(rows or modules(code), code.error, code.mask), version)


def text(code: segno.QRCode) -> str:
    return charsets.text_of(read(code).runs)[0]


def flipped(code: segno.QRCode, count: int, dice: random.Random) -> list[bytes]:
    """The modules with so many of them the wrong way round."""
    rows = [bytearray(row) for row in code.matrix]
    for x, y in dice.sample([(x, y) for x in range(len(rows)) for y in range(len(rows))], count):
        rows[y][x] ^= 1
    return [bytes(row) for row in rows]


def test_the_blocks_of_the_standard() -> None:
    levels = {
        "L": "ERROR_LEVEL_L",
        "M": "ERROR_LEVEL_M",
        "Q": "ERROR_LEVEL_Q",
        "H": "ERROR_LEVEL_H",
    }
    standard: dict[Any, Any] = consts.ECC
    for level, name in levels.items():
        for version in range(1, 41):
            blocks = standard[version][getattr(consts, name)]
            checks = int(symbol._CHECKS[level].split()[version - 1])
            assert {each.num_total - each.num_data for each in blocks} == {checks}
            count = int(symbol._BLOCKS[level].split()[version - 1])
            assert sum(each.num_blocks for each in blocks) == count


@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_with_errors_and_in_a_mirror(version: int) -> None:
    dice = random.Random(version)
    for level in "LMQH" if version < 10 else "LMQH"[version % 4]:
        said = "".join(dice.choice("abcXYZ0189") for _ in range(dice.randrange(1, 8)))
        mask = dice.randrange(8)  # else segno tries all, which takes longest
        code = segno.make(
            said, version=version, error=level, mask=mask, boost_error=False, micro=False
        )
        assert text(code) == said
        rows = flipped(code, 2, dice)  # version 1-L can put two codewords right
        assert charsets.text_of(read(code, rows).runs) == (said, False)
        mirrored = [bytes(column) for column in zip(*rows, strict=True)]
        assert charsets.text_of(read(code, mirrored).runs) == (said, False)


def test_a_full_code_of_many_blocks() -> None:
    said = "".join(random.Random(1).choice("abcdefgh") for _ in range(1260))
    code = segno.make(said, error="h", boost_error=False, micro=False)
    assert code.version == 40 and text(code) == said


def test_the_alignment_patterns_of_the_standard() -> None:
    for version, places in enumerate(consts.ALIGNMENT_POS, 2):
        assert alignment_places(version) == list(places)


@pytest.mark.parametrize(
    "said",
    ["0", "12", "0123456789", "A", "AB", "HTTP://X.Y/ $%*+-./:9", "lower", "\u9ed2\u767d"],
)
def test_the_modes(said: str) -> None:
    assert text(segno.make(said, micro=False)) == said


def test_chinese_characters_have_a_mode_of_their_own() -> None:
    code = segno.make("\u4e66\u8bfb\u767e\u904d", mode="hanzi", micro=False)
    assert code.mode == "hanzi" and text(code) == "\u4e66\u8bfb\u767e\u904d"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-5", "iso-8859-15", "cp1251", "shift_jis"])
def test_a_character_set_that_is_said(encoding: str) -> None:
    said = "\u0414\u043e\u043c" if encoding != "iso-8859-15" else "5 \u20ac"
    code = segno.make(said, encoding=encoding, eci=True, mode="byte", micro=False)
    assert charsets.text_of(read(code).runs) == (said, False)


def test_what_is_put_right_is_what_reedsolo_puts_right() -> None:
    """Against another Reed-Solomon: reedsolo's, with the standard's field and first root."""
    reedsolo = pytest.importorskip("reedsolo")
    dice = random.Random(3)
    for checks in (7, 10, 17, 30):
        coder = reedsolo.RSCodec(checks, fcr=0, prim=0x11D)
        data = dice.randbytes(40)
        block = bytearray(coder.encode(data))
        for count in range(checks // 2 + 1):
            wrong = bytearray(block)
            for place in dice.sample(range(len(block)), count):
                wrong[place] ^= dice.randrange(1, 256)
            assert reed_solomon.corrected(bytes(wrong), checks) == data


def test_too_many_errors_are_not_put_right_into_something_else() -> None:
    dice = random.Random(4)
    code = segno.make("otpauth", version=1, error="h", boost_error=False, micro=False)
    for _ in range(200):
        rows = flipped(code, 120, dice)
        try:
            said = charsets.text_of(read(code, rows).runs)[0]
        except Unreadable:
            continue
        assert said != "otpauth"


@pytest.mark.parametrize(
    ("rows", "level", "mask"),
    [
        ([], "L", 0),
        ([b"\0" * 20] * 20, "L", 0),
        ([b"\0" * 21] * 20 + [b"\0"], "L", 0),
        ([b"\0" * 21] * 21, "X", 0),
        ([b"\0" * 21] * 21, "L", 8),
        ([b"\0" * 21] * 21, "L", -1),
        ([b"\0" * 181] * 181, "L", 0),
    ],
)
def test_what_is_no_code(rows: list[bytes], level: str, mask: int) -> None:
    with pytest.raises(Unreadable):
        data_of(rows, level, mask)


@pytest.mark.parametrize(
    "data",
    [
        b"\x70\x7f\xff",  # an ECI that nobody has given out
        b"\xe0",  # a mode that is none
        b"\x41\x01",  # 16 bytes, and one is there
        b"\x31\x10\x04",  # part 2 of 1
        b"\x10\x0f\xff",  # three digits that are over 999
    ],
)
def test_data_that_says_nothing(data: bytes) -> None:
    with pytest.raises(Unreadable):
        content(data, 1)


def test_the_place_in_a_set() -> None:
    codes = segno.make_sequence("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ", symbol_count=3)
    places = [read(code).place for code in codes]
    parity = 0
    for byte in b"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ":
        parity ^= byte
    assert places == [Place(0, 3, parity), Place(1, 3, parity), Place(2, 3, parity)]


def test_a_code_that_cannot_be_read_again_is_a_doubt() -> None:
    code = segno.make("otpauth://totp/a", micro=False)
    rows, level, mask = modules(code), code.error or "", code.mask
    assert code_of("x", b"otpauth://totp/a", rows, level, mask).assumptions == ()
    assert code_of("x", b"something else", rows, level, mask).assumptions == (UNSURE,)
    assert code_of("x", b"otpauth://totp/a", rows, level, mask ^ 1).assumptions == (UNSURE,)


# What a name's bytes are when the code does not say, and whether it may be something else.
NAMES = [
    ("\u00c4\u00d6\u00dc", "latin-1", False),
    ("Caf\u00e9", "latin-1", False),
    ("gr\u00f6\u00dfer", "latin-1", False),
    ("\u3042\u3044", "utf-8", False),
    ("\u3042\u3044", "shift_jis", False),
    ("\u0414\u043e\u043c", "utf-8", False),
    ("\u00c4\u00d6\u00dc", "utf-8", False),
    ("\U0001f600", "utf-8", False),
]


@pytest.mark.parametrize(("name", "encoding", "assumed"), NAMES)
def test_bytes_without_a_character_set(name: str, encoding: str, assumed: bool) -> None:
    said = f"otpauth://totp/{name}:a?secret=GEZDGNBVGY3TQOJQ"
    code = segno.make(said.encode(encoding), mode="byte", micro=False)
    assert charsets.text_of(read(code).runs) == (said, assumed)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("\u0414\u043e\u043c\u0430", "cp1251"),  # as Latin-1: four letters with accents
        ("\u9bc6", "shift_jis"),  # of which Latin-1 has letters, too
        ("\u4e2d\u56fd\u4e66", "gb2312"),
        ("100 \u00a3", "latin-1"),
        ("\u201cBank\u201d", "cp1252"),
    ],
)
def test_bytes_that_may_be_in_several_character_sets_are_a_doubt(name: str, encoding: str) -> None:
    code = segno.make(f"otpauth://totp/{name}".encode(encoding), mode="byte", micro=False)
    assert charsets.text_of(read(code).runs)[1]
