"""Google Authenticator's export, against payloads that Google's protobuf encodes."""

import base64
import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import enrolled
from support.enrolled import from_export
from unit.exports import export, payload, uri
from unit.test_enrolment_errors import everything_shown
from unit.test_sources import page

from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.merging import whole
from tokenctl.enrol.uri import google_export
from tokenctl.errors import BadEnrolment, IncompleteExport, NoName, TokenctlError

SECRET = b"secret of 20 bytes!!"
ALICE = {"secret": SECRET, "name": "Example:alice@example.com", "issuer": "Example"}
BOB = {"secret": SECRET[::-1], "name": "bob", "issuer": "Other"}


def one(**fields: object) -> Enrolment:
    (made,) = from_export(export(ALICE | fields))
    return made


def names(enrolments: list[Enrolment]) -> list[str]:
    return [each.account.name for each in enrolments]


# --- one code ----------------------------------------------------------------------------


def test_an_ordinary_account() -> None:
    made = one()
    assert made.account.secret == SECRET
    assert made.account.describe() == {
        "type": "totp", "issuer": "Example", "name": "alice@example.com",
        "algorithm": "SHA1", "digits": 6, "period": 30,
    }  # fmt: skip
    assert made.assumptions == ()
    assert made.warnings == (google_export.NO_PERIOD,)


@pytest.mark.parametrize(
    ("fields", "described"),
    [
        ({"algorithm": 2, "digits": 2}, {"algorithm": "SHA256", "digits": 8}),
        ({"algorithm": 3}, {"algorithm": "SHA512"}),
        ({"type": 1, "counter": 2**40}, {"type": "hotp", "counter": 2**40}),
        ({"type": 1}, {"type": "hotp", "counter": 0}),  # proto3 leaves a zero out
        ({"counter": 5}, {"type": "totp"}),
        ({"unique_id": "0123-abc"}, {"type": "totp"}),
        ({"name": "alice"}, {"issuer": "Example", "name": "alice"}),
        ({"name": "example: alice"}, {"issuer": "Example", "name": "alice"}),
        ({"name": "Shop:alice", "issuer": ""}, {"issuer": "Shop", "name": "alice"}),
        ({"name": "a+b@example.com"}, {"name": "a+b@example.com"}),
        ({"name": "100%41 #1"}, {"name": "100%41 #1"}),
        ({"name": "\u6a61:\U0001f600", "issuer": ""}, {"issuer": "\u6a61"}),
        ({"name": "Contoso:a@contoso.example", "issuer": "Microsoft"},
         {"issuer": "Microsoft (Contoso)", "name": "a@contoso.example"}),
    ],
)  # fmt: skip
def test_fields(fields: dict[str, object], described: dict[str, object]) -> None:
    said = one(**fields).account.describe()
    assert {name: said[name] for name in described} == described


def test_an_hotp_account_needs_no_word_about_the_period() -> None:
    assert one(type=1).warnings == ()


@pytest.mark.parametrize(
    ("field", "guess"), [("algorithm", "SHA1"), ("digits", "6"), ("type", "totp")]
)
def test_what_is_not_said_is_a_doubt(field: str, guess: str) -> None:
    made = one(**{field: 0})
    (assumed,) = made.assumptions
    assert field in assumed and guess in assumed and assumed in made.warnings


def test_the_names_may_be_given() -> None:
    (made,) = from_export(export(ALICE), issuer="Bank", account="me")
    assert (made.account.issuer, made.account.name) == ("Bank", "me")


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"algorithm": 4}, "algorithm", "MD5"),
        ({"algorithm": 5}, "algorithm", r"number \(5\)"),
        ({"digits": 3}, "digits", r"number \(3\)"),
        ({"type": 3}, "type", r"number \(3\)"),
        ({"type": -1}, "type", r"number \(-1\)"),
        ({"type": 1, "counter": -1}, "counter", "negative"),
        ({"secret": b""}, "secret", "empty"),
        ({"secret": bytes(129)}, "secret", "128"),
        ({"name": "x" * 65}, "name", "64"),
        ({"name": "a\x1bb"}, "name", "control"),
    ],
)
def test_an_account_that_is_refused(fields: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(BadEnrolment, match=f"account 2 of the export: .*{words}") as caught:
        from_export(export(BOB, ALICE | fields))
    assert caught.value.field == field
    assert "alice" not in str(caught.value)


def test_an_account_without_a_name() -> None:
    with pytest.raises(NoName):
        from_export(export({"secret": SECRET}))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no accounts"),
        (payload(), "no accounts"),
        (payload(ALICE | {"later": "new"}, version=3), r"unknown field \(9\)"),
        (payload(ALICE, version=3) + b"\x30\x01", r"unknown field \(6\)"),
        (payload(ALICE, version=-1), "version is not valid"),
        (payload(ALICE, batch_size=2, batch_index=2), "is not valid"),
        (payload(ALICE, batch_size=2, batch_index=-1), "is not valid"),
        (payload(ALICE, batch_size=-1), "is not valid"),
        (payload(ALICE, batch_size=10**6), "is not valid"),
        (payload(ALICE) + b"\0", "unknown field"),
        (payload(ALICE, batch_id=0) + b"\x28", "cut short"),
        (payload(ALICE) + payload(batch_size=3), "twice"),
        (payload(ALICE)[:-1], "cut short"),
        (payload(ALICE)[:20], "cut short"),
        (payload(ALICE | {"later": "new"}), r"unknown field \(9\)"),
        (payload(ALICE, batch_id=0) + b"\x28\x81\x00", "needless extra bytes"),
        (payload(ALICE, batch_id=0) + b"\x28" + b"\xff" * 10 + b"\x01", "too large"),
        (payload(ALICE, batch_id=0) + b"\x28" + b"\xff" * 9 + b"\x02", "too large"),
        (payload(ALICE, batch_id=0) + b"\x28\x80\x80\x80\x80\x10", "too large"),
        (payload(ALICE, batch_id=0) + b"\x2a\x01a", "unexpected kind"),
        (payload(ALICE, batch_id=0) + b"\x2d\0\0\0\0", "unexpected kind"),
        (b"\x0a\x06\x0a\x01a\x0a\x01b", "twice"),
    ],
)
def test_a_payload_that_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BadEnrolment, match=words):
        from_export(uri(data))


def test_base64_as_it_is_found() -> None:
    """With '+' and '/' unescaped (scito's samples have them so), padded or not."""
    data = next(
        data
        for number in range(10**6)
        if {43, 47} <= set(base64.b64encode(data := payload(ALICE, batch_id=number)))
    )
    text = base64.b64encode(data).decode()
    for spelled in (text, text.rstrip("="), text.replace("+", "%2B").replace("/", "%2F"),
                    text.replace("+", " ").replace("=", "%3D")):  # fmt: skip
        (made,) = from_export(f"OTPAUTH-MIGRATION://offline?data={spelled}")
        assert made.account.secret == SECRET


@pytest.mark.parametrize(
    "bad",
    [
        "otpauth-migration://offline",
        "otpauth-migration://offline?data=CAE&data=CAE",
        "otpauth-migration://offline?data=C",
        "otpauth-migration://offline?data=C*E=",
        "otpauth-migration://offline?data=%C3%A9",
    ],
)
def test_a_text_that_is_no_payload(bad: str) -> None:
    with pytest.raises(BadEnrolment):
        from_export(bad)


# --- version 2, which the app writes from 7.0 on ----------------------------------------

V2 = {"unique_id": "0a1b2c1726000000000", "counter": 0}


def second(*accounts: dict[str, Any], size: int = 1, index: int = 0) -> str:
    """A code as it is seen in the wild: no batch id, and each account has a unique id."""
    return export(
        *(each | V2 for each in accounts), version=2, batch_size=size, batch_index=index, batch_id=0
    )


@pytest.mark.parametrize(
    "fields", [{}, {"algorithm": 3, "digits": 2}, {"type": 1, "counter": 7}, {"algorithm": 0}]
)
def test_version_2_gives_what_version_1_gives(fields: dict[str, object]) -> None:
    (old,) = from_export(export(ALICE | fields))
    (new,) = from_export(second(ALICE | {"unique_id": "x"}) if not fields else export(
        ALICE | V2 | fields, version=2, batch_id=0))  # fmt: skip
    assert new.account.to_record() == old.account.to_record()
    assert (new.warnings, new.assumptions) == (old.warnings, old.assumptions)


def test_the_tail_of_version_2_byte_by_byte() -> None:
    """Account fields 1 to 6 and 8, then version 2, size 1, index 0; no batch id."""
    account = (
        b"\x0a\x14" + SECRET + b"\x12\x05alice" + b"\x1a\x07Example"
        + b"\x20\x01\x28\x01\x30\x02" + b"\x42\x130a1b2c1726000000000"
    )  # fmt: skip
    for tail in (b"\x10\x02\x18\x01", b"\x10\x02\x18\x01\x20\x00"):  # a zero may be left out
        (made,) = from_export(uri(b"\x0a" + bytes([len(account)]) + account + tail))
        assert made.account.secret == SECRET and made.account.name == "alice"
        assert names(whole([made], incomplete=False)) == ["alice"]


def test_a_later_version_is_read_with_a_warning_if_all_of_it_is_known() -> None:
    (made,) = from_export(export(ALICE, version=9))
    assert made.account.secret == SECRET and made.assumptions == ()
    assert [warning for warning in made.warnings if "version 9" in warning]


def test_codes_of_size_one_need_no_batch() -> None:
    """An account of each phone, exported by itself: version 1 may lack the id, too."""
    for alice, bob in (
        (export(ALICE, batch_id=0), export(BOB, batch_id=0)),
        (second(ALICE), second(BOB)),
        (export(ALICE, batch_id=5), export(BOB, batch_id=5)),
    ):
        made = whole(read(alice, bob), incomplete=False)
        assert names(made) == ["alice@example.com", "bob"]


def test_without_a_batch_the_size_and_the_place_group() -> None:
    first, third = second(ALICE, size=2), second(BOB, size=2, index=1)
    for order in ((first, third), (third, first), (first, third, first)):
        assert names(whole(read(*order), incomplete=False)) == ["alice@example.com", "bob"]
    with pytest.raises(IncompleteExport, match="code 2 is missing"):
        whole(read(first, first), incomplete=False)


def test_without_a_batch_two_codes_of_one_place_are_two_exports() -> None:
    accounts: list[dict[str, object]] = [{"secret": SECRET, "name": each} for each in "abcd"]
    one = [second(each, size=2, index=n) for n, each in enumerate(accounts[:2])]
    two = [second(each, size=2, index=n) for n, each in enumerate(accounts[2:])]
    assert names(whole(read(*one, *two), incomplete=False)) == ["a", "b", "c", "d"]
    with pytest.raises(IncompleteExport, match="code 2 is missing"):
        whole(read(*one, two[0]), incomplete=False)


# --- several codes --------------------------------------------------------------------------


def codes(size: int, batch: int = -77) -> list[str]:
    """The codes of an export of `size`, with two accounts each: a0 b0, a1 b1, ..."""
    return [
        export(*({"secret": SECRET, "name": f"{each}{index}"} for each in "ab"),
               batch_size=size, batch_index=index, batch_id=batch)
        for index in range(size)
    ]  # fmt: skip


def read(*texts: str) -> list[Enrolment]:
    return [each for text in texts for each in enrolled.from_text(text)]


def test_codes_in_any_order_come_out_in_theirs() -> None:
    first, second, third = codes(3)
    for order in ((first, second, third), (third, first, second), (second, third, first)):
        assert names(whole(read(*order), incomplete=False)) == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_code_that_is_read_twice_counts_once() -> None:
    first, second = codes(2)
    assert names(whole(read(first, second, first), incomplete=False)) == ["a0", "b0", "a1", "b1"]


def test_pictures_of_the_same_code_are_both_remembered() -> None:
    (text,) = codes(1)
    copies = [
        [dataclasses.replace(each, origins=(Path(name),)) for each in read(text)] for name in "xy"
    ]
    made = whole(copies[0] + copies[1], incomplete=False)
    assert [each.origins for each in made] == [(Path("x"), Path("y"))] * 2


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ((0, 1), "has 3 codes, and code 3 is missing"),
        ((1,), "codes 1, 3 are missing"),
        ((2, 2), "codes 1, 2 are missing"),
    ],
)
def test_what_is_missing_is_said(there: tuple[int, ...], words: str) -> None:
    made = read(*(codes(3)[index] for index in there))
    with pytest.raises(IncompleteExport, match=words) as caught:
        whole(made, incomplete=False)
    assert "--incomplete" in str(caught.value) and caught.value.exit_code == 3
    assert len(whole(made, incomplete=True)) == 2 * len(set(there))


def test_two_exports_are_not_taken_for_one() -> None:
    made = read(codes(2, batch=5)[0], codes(2, batch=6)[1])
    with pytest.raises(IncompleteExport, match="code 2 is missing"):
        whole(made, incomplete=False)


def test_two_codes_that_claim_one_place() -> None:
    other = export(BOB, batch_size=2, batch_index=0, batch_id=-77)
    with pytest.raises(BadEnrolment, match="claim the same place"):
        whole(read(codes(2)[0], other), incomplete=True)


def test_what_is_no_export_stays_in_its_place() -> None:
    plain = "otpauth://totp/first?secret=JBSWY3DPEHPK3PXP"
    assert names(whole(read(plain, *codes(1)), incomplete=False)) == ["first", "a0", "b0"]


def test_an_export_in_one_picture_and_beside_other_codes() -> None:
    first, second = codes(2)
    data = page(second, first, "otpauth://totp/c?secret=JBSWY3DPEHPK3PXP")
    made = whole(enrolled.from_picture(data), incomplete=False)
    assert sorted(names(made)) == ["a0", "a1", "b0", "b1", "c"]
    assert names([each for each in made if each.export]) == ["a0", "b0", "a1", "b1"]


# --- fuzz ------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadEnrolment):
        from_export(uri(data))


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadEnrolment):
        from_export("otpauth-migration://offline?" + text)
    with contextlib.suppress(BadEnrolment):
        from_export("otpauth-migration://offline?data=" + text)


HIDDEN = b"qXwZpLmRtYvBnKsD1234"


@given(st.data())
def test_a_damaged_payload_never_shows_its_secret(data: st.DataObject) -> None:
    good = bytearray(payload(BOB | {"secret": b"x" * 16}, ALICE | {"secret": HIDDEN}))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(good) - 1))
        if data.draw(st.booleans()):
            good[place] = data.draw(st.integers(0, 255))
        else:
            del good[place]
    try:
        made = from_export(uri(bytes(good)))
    except TokenctlError as error:
        shown = everything_shown(error)
        assert not any(HIDDEN[n : n + 5].decode() in shown for n in range(len(HIDDEN) - 5))
        assert str(error).isprintable()
    else:
        assert all(each.account.secret for each in made)


accounts = st.fixed_dictionaries(
    {
        "secret": st.binary(min_size=1, max_size=128),
        "name": st.text("abc:@ +%", min_size=1, max_size=30).filter(lambda name: name.strip(": ")),
        "issuer": st.sampled_from(["", "abc", "Example"]),
        "algorithm": st.integers(1, 3),
        "digits": st.integers(1, 2),
        "type": st.integers(1, 2),
        "counter": st.integers(0, 2**63 - 1),
    }
)


@given(st.lists(accounts, min_size=1, max_size=10), st.integers(-(2**31), 2**31 - 1))
def test_whatever_google_encodes_is_read_as_it_was(written: list[dict], batch: int) -> None:
    made = from_export(export(*written, batch_id=batch, batch_size=7, batch_index=6))
    assert len(made) == len(written)
    for each, fields in zip(made, written, strict=True):
        account = each.account
        assert account.secret == fields["secret"]
        assert account.algorithm == ("SHA1", "SHA256", "SHA512")[fields["algorithm"] - 1]
        assert account.digits == (6, 8)[fields["digits"] - 1]
        assert account.type == ("hotp", "totp")[fields["type"] - 1]
        if account.type == "hotp":
            assert account.counter == fields["counter"]
        assert each.export is not None
        assert (each.export.batch or 0, each.export.size, each.export.index) == (batch, 7, 6)
