"""What generators and servers really write, and what a person would read in it.

privacyIDEA's two steps, Okta's own codes, Yandex' encoder, names of parameters from older
libraries, secrets in hex or of a length that base32 does not have.
"""

import io

import pytest
from support.enrolled import from_uri
from unit.test_otpauth import SECRET, SHORT, totp, warned

from otpcore.base32 import decode
from tokenctl.cli.enrolling.manual import ask
from tokenctl.errors import BadEnrolment, NoCounter

KEY = b"12345678901234567890"  # RFC 4226, appendix D


def assumed(uri: str, *words: str) -> None:
    assumptions = from_uri(uri).assumptions
    assert any(all(word in each for word in words) for each in assumptions), assumptions


# --- HOTP without a counter ---------------------------------------------------------------

HOTP = [
    # google-authenticator -c of Debian, and speakeasy.otpauthURL as its documentation shows it.
    f"otpauth://hotp/root@server?{SHORT}&issuer=server",
    "otpauth://hotp/label?secret=GEZDGNBVGY3TQOJQ",
]


@pytest.mark.parametrize("uri", HOTP)
def test_a_counter_that_is_not_there(uri: str) -> None:
    with pytest.raises(NoCounter, match="no counter.*--counter N"):
        from_uri(uri)
    assert from_uri(uri, counter=1).account.counter == 1
    assert from_uri(uri + "&counter=7", counter=9).account.counter == 9


def test_a_counter_for_what_has_none() -> None:
    for uri in (f"otpauth://totp/a?{SHORT}", f"steam://{SECRET}", f"otpauth://steam/a?{SHORT}"):
        with pytest.raises(BadEnrolment, match="only an HOTP account"):
            from_uri(uri, counter=0)
    with pytest.raises(BadEnrolment, match="18446744073709551615"):
        from_uri(HOTP[0], counter=2**64)


# --- what cannot be enrolled -------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        "&2step_salt=8&2step_output=20&2step_difficulty=10000",
        "&2step_output=20",
        "&2STEP_DIFFICULTY=1",
    ],
)
def test_two_steps_are_refused_with_what_to_ask_for(more: str) -> None:
    with pytest.raises(BadEnrolment, match="two-step.*administrator"):
        from_uri(f"otpauth://totp/privacyIDEA:TOTP0001?{SHORT}&period=30&digits=6{more}")


def test_okta_s_own_code_has_no_secret() -> None:
    uri = (
        "otpauth://totp/company.okta.com:alice%40company.example?issuer=company.okta.com"
        "&t=XYXYXYXYXYXYXYXYXYXY&f=ABABABABABABABABABAB&s=https%3A%2F%2Fcompany.okta.com"
        "&touchIdRequired=false"
    )
    with pytest.raises(BadEnrolment, match="no secret.*choose 'Google Authenticator'") as caught:
        from_uri(uri)
    assert "XYXY" not in str(caught.value)


def test_yandex_is_named() -> None:
    with pytest.raises(BadEnrolment, match="Yandex"):
        totp(f"a?{SHORT}&encoder=yandex")


# --- parameters of other names -------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [
        ("&digest=sha256", "algorithm", "SHA256"),
        ("&algo=SHA512", "algorithm", "SHA512"),
        ("&hash=hmac-sha-256", "algorithm", "SHA256"),
        ("&interval=60", "period", 60),
        ("&Step=45", "period", 45),
        ("&digest=sha256&interval=60", "period", 60),
    ],
)
def test_older_names_are_read_and_are_a_doubt(more: str, field: str, value: object) -> None:
    made = totp(f"a?{SHORT}{more}")
    assert made.account.describe()[field] == value
    assert made.assumptions and set(made.assumptions) <= set(made.warnings)
    name = more.split("&")[-1].partition("=")[0].lower()
    assumed(f"otpauth://totp/a?{SHORT}{more}", f"has {name},", field)


@pytest.mark.parametrize(
    "more",
    [
        "&digest=sha1",
        "&interval=30",
        "&digest=HMAC-SHA1",
        "&algorithm=SHA256&digest=sha256",
        "&period=60&interval=60",
        "&image=https%3A%2F%2Fx&color=e0e0e0&lock=true&logo=x&icon=y&codeDisplay=1",
        "&type=totp",
        "&pin=true",
        "&app_pin=False",
        "&serial=TOTP001&creator=privacyidea&tags=a&note=b&group=c",
    ],
)
def test_what_changes_nothing_is_no_doubt(more: str) -> None:
    assert totp(f"a?{SHORT}{more}").assumptions == ()


@pytest.mark.parametrize("more", ["&algorithm=SHA1&digest=sha256", "&period=30&interval=60"])
def test_two_names_that_differ_are_refused(more: str) -> None:
    with pytest.raises(BadEnrolment, match="but they differ"):
        totp(f"a?{SHORT}{more}")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("&t0=100", "t0"),
        ("&epoch=0", "epoch"),
        ("&hashfunction=SHA256", "hash"),
        ("&timestepsize=60", "timestep"),
        ("&pin=1234", "pin"),
        ("&type=hotp", "type"),
        ("&codelength=8", "length"),
        ("&offset=5", "offset"),
    ],
)
def test_an_unknown_parameter_that_could_change_the_code_is_a_doubt(more: str, word: str) -> None:
    made = totp(f"a?{SHORT}{more}")
    if word == "timestep":
        word = "step"
    assert any(f"'{word}'" in doubt or "'time'" in doubt for doubt in made.assumptions), (
        made.assumptions
    )


def test_the_issuer_twice_and_the_same_is_the_issuer() -> None:
    assert totp(f"a?{SHORT}&issuer=X&issuer=X").account.issuer == "X"
    assert totp(f"a?{SHORT}&issuer=My+Bank&issuer=My%20Bank").account.issuer == "My Bank"
    with pytest.raises(BadEnrolment, match="the issuer twice"):
        totp(f"a?{SHORT}&issuer=X&issuer=Y")


# --- secrets -------------------------------------------------------------------------------


def test_a_secret_in_hex_is_read_as_hex_and_is_a_doubt() -> None:
    uri = f"otpauth://totp/a?secret={KEY.hex()}"
    assert from_uri(uri).account.secret == KEY
    assumed(uri, "in hex")


def test_a_secret_that_is_hex_and_base32_is_a_doubt() -> None:
    both = "ABCDEF234567ABCDEF234567ABCDEF23"
    assert totp(f"a?secret={both}").account.secret == decode(both)
    assumed(f"otpauth://totp/a?secret={both}", "also hex digits")


@pytest.mark.parametrize(("size", "bytes_read"), [(17, 10), (19, 11), (22, 13), (25, 15), (30, 18)])
def test_a_length_that_base32_does_not_have(size: int, bytes_read: int) -> None:
    """As Google's app reads it, which drops the bits that are left over."""
    text = ("GEZDGNBVGY3TQOJQ" * 2)[:size]
    made = totp(f"a?secret={text}")
    assert made.account.secret == (KEY[:10] * 2)[:bytes_read]
    assumed(f"otpauth://totp/a?secret={text}", f"{size} characters", "Google", "Aegis rejects")


def test_a_length_that_base32_does_not_have_typed_by_hand_is_a_slip() -> None:
    with pytest.raises(BadEnrolment, match="17 characters"):
        ask("a", "b", keyboard=io.StringIO("GEZDGNBVGY3TQOJQG\n"))


@pytest.mark.parametrize("blank", ["\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u2003",
                                   "\u3000", "\u2011", "\u2013"])  # fmt: skip
def test_what_is_not_seen_in_a_secret_is_passed_over(blank: str) -> None:
    typed = blank.join(("JBSWY3DP", "EHPK3PXP", "JBSWY3DPEHPK3PXP")) + blank
    assert totp(f"a?secret={typed}").account.secret == decode(SECRET)
    assert ask("a", "b", keyboard=io.StringIO(typed + "\n")).account.secret == decode(SECRET)
    hexadecimal = blank.join((KEY.hex()[:9], KEY.hex()[9:]))
    assert ask("a", "b", keyboard=io.StringIO(hexadecimal + "\n")).account.secret == KEY


@pytest.mark.parametrize("typed", ["123456789", "123 456 789", "123-456-789"])
def test_microsoft_s_push_code_gets_its_own_sentence(typed: str) -> None:
    with pytest.raises(BadEnrolment, match="I want to use a different authenticator app"):
        ask("Microsoft", "a", keyboard=io.StringIO(typed + "\n"))


# --- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "issuer", "names"),
    [
        ("Example%2520Bank:john", "", ("Example Bank", "john")),
        ("Example%2520Bank%253Ajohn%2540example.com", "", ("Example Bank", "john@example.com")),
        ("Example:John%2520Doe", "Example", ("Example", "John Doe")),
        ("john", "Example%2520Bank", ("Example Bank", "john")),
        ("Caf%25C3%25A9:john", "", ("Caf\u00e9", "john")),
        ("John/", "", ("", "John")),
        ("Example:John/", "Example", ("Example", "John")),
        ("Example:a%2F", "", ("Example", "a/")),
        ("Cafe%CC%81:john", "Caf%C3%A9", ("Caf\u00e9", "john")),
        ("Caf%C3%A9:john", "Cafe%CC%81", ("Caf\u00e9", "john")),
        ("Cafe\u0301:john", "Caf\u00e9", ("Caf\u00e9", "john")),
        ("Example:100%2541", "", ("Example", "100%41")),
        ("Example:50%25", "", ("Example", "50%")),
    ],
)
def test_names_as_a_person_reads_them(label: str, issuer: str, names: tuple[str, str]) -> None:
    made = totp(f"{label}?{SHORT}" + (f"&issuer={issuer}" if issuer else ""))
    assert (made.account.issuer, made.account.name) == names
    assert made.assumptions == ()
    twice = "%25" in label + issuer and names[1] not in ("100%41", "50%")
    assert warned(made, "encoded twice") == twice
