"""No secret in a message, a repr or a traceback; and errors with their exit codes."""

import base64
import inspect
import io
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import enrolled
from support.enrolled import from_uri

from otpcore.base32 import encode
from tokenctl import errors
from tokenctl.cli.enrolling.manual import ask
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, TokenctlError
from tokenctl.exit_codes import EXIT_CODES

secrets = st.binary(min_size=16, max_size=40).filter(lambda data: len(set(data)) > 10)
# What goes wrong with a URI on its way: pieces put in anywhere.
junk = st.text(max_size=6) | st.sampled_from(
    ["&", "=", "#", "?", "%", "%zz", "%ff", "://", "[", "]", "\n", "\0", "&digits=", "&secret=",
     "&algorithm=", "&issuer=", "&period=", "/", ":", "\ud800", "+", "1", "amp;", "&steam"]
)  # fmt: skip


def leaks(text: str, secret: str) -> bool:
    """Whether six characters of the secret in a row are in the text."""
    text = text.upper()
    return any(secret[place : place + 6] in text for place in range(len(secret) - 5))


def everything_shown(error: BaseException) -> str:
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    return shown + (error.sentence if isinstance(error, TokenctlError) else "")


@st.composite
def mangled_uris(draw: st.DrawFn) -> tuple[str, str]:
    secret = encode(draw(secrets))
    uri = (
        f"otpauth://{draw(st.sampled_from(['totp', 'hotp', 'steam', 'foo', '']))}/"
        f"{draw(st.sampled_from(['Example:alice', '', 'a+b', 'a%3Ab']))}"
        f"?secret={secret}&issuer=Example&digits={draw(st.integers(0, 12))}"
    )
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(uri)))
        if draw(st.booleans()):
            uri = uri[:place] + draw(junk) + uri[place:]
        else:
            uri = uri[:place] + uri[place + draw(st.integers(1, 4)) :]
    return uri, secret


def check(made: list[Enrolment], secret: str) -> None:
    for each in made:
        account = each.account
        # A secret that the damage moved into a name is a name.
        if not leaks(account.issuer + account.name, secret):
            assert not leaks(f"{each!r} {each} {each.describe()} {each.warnings}", secret)


@given(mangled_uris())
def test_a_mangled_uri_never_shows_its_secret(case: tuple[str, str]) -> None:
    uri, secret = case
    for read in (
        lambda: [from_uri(uri)],
        lambda: enrolled.from_text(uri),
        lambda: enrolled.from_argument(uri),
        lambda: enrolled.from_stream(io.BytesIO(uri.encode(errors="surrogatepass"))),
    ):
        try:
            check(read(), secret)
        except TokenctlError as error:
            assert not leaks(everything_shown(error), secret)
            assert str(error).isprintable()
            assert "\n" not in error.sentence


@given(secrets, st.sampled_from("0189!\u00e9\x1b"), st.integers(0, 25))
def test_a_wrong_secret_is_named_by_place_only(data: bytes, wrong: str, place: int) -> None:
    secret = encode(data)
    typed = secret[:place] + wrong + secret[place:]
    for read in (
        lambda: from_uri(f"otpauth://totp/a?secret={quote(typed)}"),
        lambda: from_uri(f"steam://{typed}"),
        lambda: ask("Example", "a", keyboard=io.StringIO(typed + "\n")),
    ):
        with pytest.raises(BadEnrolment, match=f"character {place + 1} ") as caught:
            read()
        shown = everything_shown(caught.value)
        assert not leaks(shown, secret)
        assert "\x1b" not in shown


@given(secrets)
def test_an_enrolment_never_shows_its_secret(data: bytes) -> None:
    secret = encode(data)
    made = from_uri(f"otpauth://totp/Example:alice?secret={secret}")
    shown = f"{made!r} {made} {made.describe()} {made.warnings}"
    assert not leaks(shown, secret)
    assert data.hex() not in shown
    assert repr(data) not in shown
    assert base64.b64encode(data).decode()[:8] not in shown


def classes() -> list[type[TokenctlError]]:
    return [
        each
        for _, each in inspect.getmembers(errors, inspect.isclass)
        if issubclass(each, TokenctlError)
    ]


@pytest.mark.parametrize("each", classes())
def test_every_error_has_an_exit_code_of_the_table(each: type[TokenctlError]) -> None:
    assert each.exit_code in EXIT_CODES
    assert each.exit_code != 0


def test_a_sentence() -> None:
    assert TokenctlError("the vault is full").sentence == "The vault is full."
    assert TokenctlError("a\x1b[2J\nb\u202ec").sentence == "A\\x1b[2J\\nb\\u202ec."
    assert BadEnrolment("digits", "no").at("line 3").sentence == "Line 3: no."


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("the token is locked", "The token is locked."),
        ("élan is short; type more", "Élan is short; type more."),
        ("kept.json is not a file", "kept.json is not a file."),
        ("micropython.org cannot be reached", "micropython.org cannot be reached."),
        ("x/y cannot be written", "x/y cannot be written."),
        ("locked", "Locked."),
    ],
)
def test_a_name_in_front_of_a_sentence_is_not_rewritten(message, sentence):
    assert TokenctlError(message).sentence == sentence
