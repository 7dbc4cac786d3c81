"""Secrets as sites show them for typing: base32 or hex, in groups, with a slip in them.

The values are those of RFC 4648 (section 10), RFC 4226 (appendix D) and Python's base64.
"""

import base64
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokenctl.enrol.secret_text import BASE32, HEX, readings
from tokenctl.errors import BadEnrolment

RFC4226 = b"12345678901234567890"
RFC4226_HEX = "3132333435363738393031323334353637383930"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MZXW6YTBOI======", {BASE32: b"foobar"}),
        ("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", {BASE32: RFC4226}),
        (RFC4226_HEX, {HEX: RFC4226}),
        ("3132 3334 3536 3738 3930 3132 3334 3536 3738 3930", {HEX: RFC4226}),
        ("31:32:33:34:35:36:37:38:39:30:31:32:33:34:35:36:37:38:39:30", {HEX: RFC4226}),
        ("0x" + RFC4226_HEX, {HEX: RFC4226}),
        ("DEAD-BEEF-DEAD-BEE0", {HEX: bytes.fromhex("deadbeefdeadbee0")}),
        ("", {BASE32: b""}),
        # Short, and base32 all the same: nobody is asked about 12 hex digits.
        ("ABCDEF234567ABCD"[:8], {BASE32: base64.b32decode("ABCDEF23")}),
    ],
)
def test_what_can_be_one_thing_only(text: str, expected: dict[str, bytes]) -> None:
    assert readings(text) == expected


@pytest.mark.parametrize("text", ["ABCDEF234567ABCD", "abcd ef23 4567 abcd", "22" * 20])
def test_what_may_be_either(text: str) -> None:
    squeezed = text.replace(" ", "").upper()
    assert readings(text) == {
        BASE32: base64.b32decode(squeezed), HEX: bytes.fromhex(squeezed)
    }  # fmt: skip


@given(st.binary(min_size=8, max_size=64))
@example(b"\x08" * 8)
def test_every_secret_is_read_in_the_encoding_it_was_written_in(secret: bytes) -> None:
    """It may be readable as the other one as well; then both are there, for somebody to choose."""
    assert readings(secret.hex())[HEX] == secret
    assert readings(base64.b32encode(secret).decode())[BASE32] == secret


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("JBSW1", "character 5 ('1') is not base32.*perhaps it is I or L$"),
        ("JBSW Y3D1 EHPK", "character 9 ('1') .*; that is character 4 of group 2$"),
        ("JBSW-Y3DP-EHPK-3PX8", "character 19 ('8') .*; that is character 4 of group 4$"),
        ("31323334353637383930313233343536373839G0", r"character 39 ('G') is not a hex digit"),
        (
            "3132 3334 3536 37o8 3930",
            r"character 18 ('o') is not a hex digit.*perhaps it is 0; .*character 3 of group 4$",
        ),
        ("0x3132 3334 353g", r"character 16 ('g') .*character 4 of group 3$"),
        (RFC4226_HEX[:-1], "39 hex digits: one is missing, or there is one too many"),
        ("ABC", "3 characters is not a valid base32 length"),
        ("0189", "character 1 ('0') is not base32"),  # a slip in base32, and no secret in hex
        ("GEZDGNBV\u00e9", "character 9 ('\u00e9') is not base32"),
    ],
)
def test_what_is_wrong_is_said_by_its_place(text: str, words: str) -> None:
    pattern = re.sub(r"\('(.)'\)", r"\\('\1'\\)", words)
    with pytest.raises(BadEnrolment, match=pattern) as caught:
        readings(text)
    assert caught.value.field == "secret"
    assert not re.search(r"[A-Z2-7]{4}|[0-9a-f]{4}", str(caught.value).replace("base32", ""))
