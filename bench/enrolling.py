"""Enrolments as generators write them: how many are read correctly.

Correct is what the generator was given, or a refusal if a part is missing; "zxing-cpp alone" is a
plain program that takes its text. segno makes the codes. The payloads of exports are written here
byte by byte, without Google's protobuf.
"""

import base64
import io
import random
from collections.abc import Iterator
from urllib.parse import quote

import segno
from PIL import Image

from bench.decoders import available
from bench.drawing import png, uri
from bench.figure import Figure, share
from tokenctl.enrol import merging, pipeline, sources
from tokenctl.errors import SourceError
from tokenctl.pictures.decoder import decode
from tokenctl.pictures.structured_append import Sets

_GROUP = "Enrolments as generators write them"
_NAMES = (
    "\u00c4\u00d6\u00dc",
    "Caf\u00e9",
    "gr\u00f6\u00dfe",
    "\u3042\u3044",
    "\u8336\u306e\u6e6f",
    "\u0414\u043e\u043c",
    "\U0001f600",
)
_ENCODINGS = ("latin-1", "utf-8", "shift_jis")


def figures() -> Iterator[Figure]:
    """Measure parts of a text, character sets, and exports of both versions."""
    alone = next(iter(available(lambda why: None).values()))
    for name, tried in (("structured append", list(_parts())), ("character set", list(_sets()))):
        ours = plain = 0
        for pictures, text in tried:
            ours += _ours(pictures) == text
            plain += {each for one in pictures for each in alone(one)} == (
                {text} if text else set()
            )
        yield share(_GROUP, f"{name}: right of {len(tried)} tried", ours, len(tried), 100)
        yield share(_GROUP, f"{name}: zxing-cpp alone", plain, len(tried))
    exports = list(_exports())
    right = sum(_names(texts) == names for texts, names in exports)
    yield share(
        _GROUP, f"Google's exports: right of {len(exports)} tried", right, len(exports), 100
    )


def _ours(pictures: list[Image.Image]) -> str | None:
    """Return the text of the pictures by tokenctl, or None if none is complete."""
    sets = Sets()
    codes = [code for each in pictures for code in decode(png(each)).codes]
    whole = [code.text for code, _ in sets.take(codes)]
    return whole[0] if len(whole) == 1 else None


def _drawn(code: segno.QRCode) -> Image.Image:
    file = io.BytesIO()
    code.save(file, kind="png", scale=4)
    return Image.open(file).convert("L")


def _parts() -> Iterator[tuple[list[Image.Image], str | None]]:
    """Yield the pictures of structured-append sets in random order, some with one missing."""
    for number in range(24):
        dice = random.Random(number)
        text, count = uri(dice, 40), dice.randrange(2, 6)
        pictures = [_drawn(code) for code in segno.make_sequence(text, symbol_count=count)]
        dice.shuffle(pictures)
        yield pictures, text
        yield pictures[1:], None


def _sets() -> Iterator[tuple[list[Image.Image], str]]:
    """Yield names in character sets that have their letters, without declaring the set."""
    for name in _NAMES:
        text = f"otpauth://totp/{name}:alice?secret=GEZDGNBVGY3TQOJQ&issuer={name}"
        for encoding in _ENCODINGS:
            try:
                data = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            yield [_drawn(segno.make(data, mode="byte", micro=False))], text


def _exports() -> Iterator[tuple[list[str], list[str]]]:
    """Yield the codes of exports and the names in them."""
    for version, batch in ((1, 77), (1, 0), (2, 0), (3, 0)):
        for size in (1, 2, 3):
            names = [f"account {number}" for number in range(size)]
            codes = [_export(version, batch, size, n, name) for n, name in enumerate(names)]
            yield codes[::-1], names
    yield [_export(2, 0, 1, 0, "a"), _export(2, 0, 1, 0, "b")], ["a", "b"]


def _export(version: int, batch: int, size: int, index: int, name: str) -> str:
    account = (
        b"\x0a\x14" + bytes(range(20)) + _field(2, name.encode()) + b"\x20\x01\x28\x01\x30\x02"
    )
    if version > 1:
        account += _field(8, b"0a1b2c1726000000000")
    payload = _field(1, account) + bytes([0x10, version, 0x18, size])
    payload += bytes([0x20, index]) if index else b""
    payload += bytes([0x28, batch]) if batch else b""
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(payload), safe="")


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def _names(texts: list[str]) -> list[str]:
    try:
        drafts = pipeline.parse([sources.text_sheet(text) for text in texts])
        found = pipeline.result(pipeline.finish(drafts))
        return [each.account.name for each in merging.whole(found, incomplete=False)]
    except SourceError:
        return []
