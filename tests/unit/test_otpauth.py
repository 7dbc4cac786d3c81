"""otpauth URIs: the rules and tricky examples collected from specifications and real issuers."""

import hashlib
import hmac

import pytest
from support.enrolled import from_uri

from otpcore.account import NAME_MAX
from otpcore.base32 import decode
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, NoName

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SHORT = "secret=" + SECRET


def totp(rest: str) -> Enrolment:
    return from_uri("otpauth://totp/" + rest)


def warned(enrolment: Enrolment, word: str) -> bool:
    return any(word in warning for warning in enrolment.warnings)


# The numbers are those of the list of examples. Issuer and account, as stored.
NAMES = [
    ("1", "Test+Und%2BFirma%3Atest%40firma.onmicrosoft.com?secret=frjlnxsknymgykjx"
     "&issuer=Microsoft", "Microsoft (Test Und+Firma)", "test@firma.onmicrosoft.com"),
    ("2", "Petrsnd.Org%3Atest2fa%40petrsnd.org?secret=cskm2nmg5cvbcjzx&issuer=Microsoft",
     "Microsoft (Petrsnd.Org)", "test2fa@petrsnd.org"),
    ("3", f"Some+Company%3ame%40somecompany.net?{SHORT}", "Some Company", "me@somecompany.net"),
    ("4", f"CompanyName%3Ait377%40example.com?{SHORT}&issuer=Microsoft",
     "Microsoft (CompanyName)", "it377@example.com"),
    ("5", "Google%3Apetrsnd%40gmail.com?secret=falgabcdefghijkl&issuer=Google",
     "Google", "petrsnd@gmail.com"),
    ("6", "employee@DEMO1.FREEIPA.ORG:Phone%20Authenticator"
     f"?issuer=employee%40DEMO1.FREEIPA.ORG&{SHORT}",
     "employee@DEMO1.FREEIPA.ORG", "Phone Authenticator"),
    ("8", f"ACME%3FCo%3D192.168.1.1%3A8080:%CE%B1ccount?{SHORT}"
     "&issuer=ACME%3fCo%3d192.168.1.1%3a8080", "ACME?Co=192.168.1.1:8080", "\u03b1ccount"),
    ("9", f"Example:ACME&Co%3dfoo@google.com?{SHORT}", "Example", "ACME&Co=foo@google.com"),
    ("10", f"Example:%20%20%20alice@google.com?{SHORT}", "Example", "alice@google.com"),
    ("13", f"test-issuer:alice?{SHORT}&issuer=other-test-issuer",
     "other-test-issuer (test-issuer)", "alice"),
    ("17", f"alice?{SHORT}&issuer=My+TOTP+Code", "My TOTP Code", "alice"),
    ("18", f"Capawesome%20Cloud:alice?{SHORT}&issuer=Capawesome+Cloud",
     "Capawesome Cloud", "alice"),
    ("19", f"Realm:john+doe?{SHORT}", "Realm", "john doe"),
    ("20", f"alice?{SHORT}&issuer=test 123&digits=6", "test 123", "alice"),
    ("21", f"Mongo Atlas:Acc !@#444?algorithm=sha1&digits=6&{SHORT}",
     "Mongo Atlas", "Acc !@#444"),
    ("22a", f"%E6%A9%A1:alice?{SHORT}", "\u6a61", "alice"),
    ("22b", f"%F0%9F%98%80%3Ausername?{SHORT}", "\U0001f600", "username"),
    ("23", f"%3Acool%40ente.com?{SHORT}&issuer=%2Fe%2F", "/e/", "cool@ente.com"),
    ("31", f"foo:bar:baz?{SHORT}", "foo", "bar:baz"),
    ("case of the issuer", f"github:alice?{SHORT}&issuer=GitHub", "GitHub", "alice"),
    ("tag in an address", f"Example:alice+work@example.com?{SHORT}",
     "Example", "alice+work@example.com"),
    ("tag beside a form-encoded name", f"Some+Company:alice+work@example.com?{SHORT}",
     "Some Company", "alice+work@example.com"),
    ("plus beside %20", f"Example%20Bank:a+b?{SHORT}", "Example Bank", "a+b"),
    ("plus of the issuer", f"Disney+:a+b?{SHORT}&issuer=Disney%2B", "Disney+", "a+b"),
    ("issuer empty", f"Example:alice?{SHORT}&issuer=", "Example", "alice"),
    ("account alone", f"alice?{SHORT}", "", "alice"),
    ("issuer alone", f"?{SHORT}&issuer=Example", "Example", ""),
    ("a percent sign", f"Example:100%25?{SHORT}", "Example", "100%"),
    ("# in the issuer", f"a?{SHORT}&issuer=B#1&digits=8", "B#1", "a"),
    ("unrelated fragment", f"Example:alice?{SHORT}#top", "Example", "alice"),
]  # fmt: skip


@pytest.mark.parametrize(("uri", "issuer", "account"), [n[1:] for n in NAMES],
                         ids=[n[0] for n in NAMES])  # fmt: skip
def test_names(uri: str, issuer: str, account: str) -> None:
    made = totp(uri).account
    assert (made.issuer, made.name) == (issuer, account)


@pytest.mark.parametrize(
    ("uri", "fields"),
    [
        (f"otpauth://totp/Example:a@b?Algorithm=sha256&Secret={SECRET}&Issuer=Example",
         {"algorithm": "SHA256", "issuer": "Example"}),  # 7
        (f"OTPauth://TOTP/test-account?{SHORT}", {"type": "totp", "name": "test-account"}),  # 11
        (f"otpauth://totp/RuneScape?{SHORT}&algorithm=sha1", {"algorithm": "SHA1"}),  # 14
        (f"otpauth://totp/a?{SHORT}&codeDisplay=00000", {"digits": 6}),  # 15
        (f"otpauth://totp/a?{SHORT}&digits=7", {"digits": 7}),  # 24
        (f"otpauth://totp/a?{SHORT}&digits=9", {"digits": 9}),
        (f"otpauth://totp/a?{SHORT}&digits=4", {"digits": 4}),
        (f"otpauth://totp/a?{SHORT}&digits=10", {"digits": 10}),
        (f"otpauth://totp/a?{SHORT}&algorithm=SHA256&digits=7&period=20",
         {"algorithm": "SHA256", "digits": 7, "period": 20}),  # 25
        (f"otpauth://totp/a?{SHORT}&algorithm=HmacSHA256", {"algorithm": "SHA256"}),  # 32
        (f"otpauth://totp/a?{SHORT}&algorithm=HMAC-SHA-512", {"algorithm": "SHA512"}),
        (f"otpauth://totp/a?{SHORT}&algorithm=Algorithm.sha512", {"algorithm": "SHA512"}),
        (f"otpauth://totp/a?{SHORT}&image=https%3A%2F%2Fx&color=e0e0e0&lock=true&image=y",
         {"name": "a"}),  # 33
        (f"otpauth://totp/a?{SHORT}", {"algorithm": "SHA1", "digits": 6, "period": 30}),
        (f"otpauth://hotp/a?{SHORT}&counter=18446744073709551615",
         {"type": "hotp", "counter": 2**64 - 1}),
        (f"otpauth://hotp/a?{SHORT}&counter=0&period=0", {"type": "hotp", "counter": 0}),
        (f"\ufeff  <otpauth://totp/a?{SHORT}>\r\n", {"name": "a"}),
        (f"'otpauth://totp/a?{SHORT}&issuer=B'", {"issuer": "B"}),
        (f"\u201cotpauth://totp/a?{SHORT}\u201d", {"name": "a"}),
        (f"otpauth://totp/a?{SHORT}&amp;digits=8", {"digits": 8}),
    ],
)  # fmt: skip
def test_fields(uri: str, fields: dict[str, object]) -> None:
    described = from_uri(uri).describe()
    assert {name: described[name] for name in fields} == fields


@pytest.mark.parametrize(
    "uri",
    [
        f"otpauth://steam/Steam:alice?{SHORT}",
        f"otpauth://totp/Steam:alice?{SHORT}&encoder=steam",
        f"otpauth://totp/alice?{SHORT}&steam",
        f"otpauth://totp/Steam:alice?{SHORT}&issuer=Steam&digits=5",
        f"otpauth://totp/Steam:alice?{SHORT}",
        f"steam://{SECRET}",
    ],
)
def test_steam_in_all_its_spellings(uri: str) -> None:
    made = from_uri(uri).account
    assert (made.type, made.digits, made.secret) == ("steam", 5, decode(SECRET))


def test_a_steam_account_with_six_digits_is_no_steam_guard() -> None:
    assert totp(f"Steam:alice?{SHORT}&digits=6").account.type == "totp"


def test_steam_that_is_guessed_is_said() -> None:
    assert warned(totp(f"Steam:alice?{SHORT}"), "Steam Guard")


def test_the_secret_gives_the_code_that_its_example_names() -> None:  # 11
    secret = from_uri("OTPauth://totp/test-account?secret=WQIQ25BRKZYCJVYP").account.secret
    digest = hmac.new(secret, (1_672_531_200 // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    place = digest[19] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    assert number % 1_000_000 == 194506  # 2023-01-01 00:00 UTC


@pytest.mark.parametrize(
    "typed",
    [
        "ljeu 4srr-gu2t eqy=",
        "LJEU%204SRR%2DGU2TEQY%3D",
        "LJEU4SRRGU2TEQY%C2%A0",
        "LJEU4+SRRGU2TEQY",
    ],
)
def test_secret_as_people_write_it(typed: str) -> None:
    assert totp(f"a?secret={typed}").account.secret == decode("LJEU4SRRGU2TEQY")


def test_padding_inside_the_query() -> None:  # 16
    made = totp("a?secret=JBSWY3DPEHPK3PXPJBSWY3DPEE======&algorithm=SHA256").account
    assert (made.secret, made.algorithm) == (decode("JBSWY3DPEHPK3PXPJBSWY3DPEE"), "SHA256")


# URI, the field that is wrong, and words that the sentence must have.
REFUSED = [
    ("otpauth://totp/a?issuer=B", "secret", "no secret"),
    ("otpauth://totp/a?secret=", "secret", "empty"),
    ("otpauth://totp/a?secret=JBSW13DPEHPK3PXP", "secret", "character 5 ('1')"),
    ("otpauth://totp/a?secret=00000000", "secret", "character 1 ('0')"),  # 29
    ("otpauth://totp/a?secret=JBSWY3DPE", "secret", "9 characters"),
    (f"otpauth://totp/a?{SHORT}&{SHORT}", "secret", "twice"),  # 30
    (f"otpauth://totp/a?{SHORT}&digits=6&Digits=6", "digits", "twice"),
    ("otpauth://totp/a?secret=" + "A" * 208, "secret", "128"),
    (f"otpauth://totp/a?{SHORT}&digits=3", "digits", "from 4 to 10"),
    (f"otpauth://totp/a?{SHORT}&digits=11", "digits", "from 4 to 10"),
    (f"otpauth://totp/a?{SHORT}&digits=0", "digits", "from 4 to 10"),
    (f"otpauth://totp/a?{SHORT}&digits=test", "digits", "'test'"),
    (f"otpauth://totp/a?{SHORT}&digits=", "digits", "whole number"),
    (f"otpauth://totp/a?{SHORT}&digits=\u0667", "digits", "whole number"),
    (f"otpauth://totp/a?{SHORT}&digits=-6", "digits", "whole number"),
    (f"otpauth://totp/a?{SHORT}&digits={'6' * 5000}", "digits", "whole number"),
    (f"otpauth://totp/a?{SHORT}&period=0", "period", "not 0"),
    (f"otpauth://totp/a?{SHORT}&period=30.5", "period", "whole number"),
    (f"otpauth://totp/a?{SHORT}&period=4294967296", "period", "4294967295"),
    (f"otpauth://totp/a?{SHORT}&algorithm=MD5", "algorithm", "'MD5'"),  # 28
    (f"otpauth://totp/a?{SHORT}&algorithm=foo", "algorithm", "'foo'"),
    (f"otpauth://totp/a?{SHORT}&algorithm=RIPEMD160", "algorithm", "'RIPEMD160'"),
    (f"otpauth://totp/a?{SHORT}&algorithm=whirlpool", "algorithm", "'whirl...'"),
    (f"otpauth://totp/a?{SHORT}&algorithm=", "algorithm", "SHA256"),
    (f"otpauth://totp/a?{SHORT}&algorithm=SHA", "algorithm", "'SHA'"),
    (f"otpauth://yaotp/a?{SHORT}", "type", "yaotp"),  # 27
    (f"motp://Example:a?{SHORT}", "type", "mOTP"),
    (f"otpauth://foo/a?{SHORT}", "type", "'foo'"),
    (f"otpauth:///a?{SHORT}", "type", "unknown"),
    (f"otpauth://totp/a?{SHORT}&encoder=other", "type", "'other'"),
    (f"otpauth://hotp/a?{SHORT}&counter=1&steam", "type", "Steam"),
    (f"otpauth://steam/a?{SHORT}&digits=6", "type", "five"),
    (f"otpauth://steam/a?{SHORT}&algorithm=SHA256", "type", "SHA1"),
    (f"otpauth://hotp/a?{SHORT}", "counter", "no counter"),
    (f"otpauth://hotp/a?{SHORT}&counter=x", "counter", "whole number"),
    (f"otpauth://hotp/a?{SHORT}&counter=18446744073709551616", "counter", "18446744073709551615"),
    (f"otpauth://totp/a?{SHORT}&issuer=Foodigits=8", "issuer", "missing before digits="),
    (f"otpauth://totp/a?algorithm=SHA1{SHORT}", "algorithm", "missing before secret="),
    (f"otpauth://totp/{'a' * 65}?{SHORT}", "name", str(NAME_MAX)),
    (f"otpauth://totp/{'%C3%A4' * 33}?{SHORT}", "name", str(NAME_MAX)),
    (f"otpauth://totp/a?{SHORT}&issuer={'a' * 65}", "issuer", str(NAME_MAX)),
    (f"otpauth://totp/a%1Bb?{SHORT}", "name", "control character"),
    (f"otpauth://totp/a%E4b?{SHORT}", "name", "UTF-8"),
    (f"otpauth://totp/a?{SHORT}&issuer=%FF", "issuer", "UTF-8"),
    (f"otpauth://totp/a\udcff?{SHORT}", "uri", "Unicode"),
    (f"otpauth:totp/a?{SHORT}", "uri", "otpauth://"),
    (f"http://totp/a?{SHORT}", "uri", "otpauth://"),
    ("", "uri", "otpauth://"),
]


@pytest.mark.parametrize(("uri", "field", "words"), REFUSED)
def test_refused(uri: str, field: str, words: str) -> None:
    with pytest.raises(BadEnrolment) as caught:
        from_uri(uri)
    assert caught.value.field == field
    assert words in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_uri_without_a_name_asks_for_one() -> None:  # 12
    with pytest.raises(NoName, match="--issuer"):
        totp("?secret=WQIQ25BRKZYCJVYP")
    assert from_uri("otpauth://totp/?secret=WQIQ25BRKZYCJVYP", account="a").account.name == "a"


def test_names_that_are_given_replace_those_of_the_uri() -> None:
    uri = f"otpauth://totp/Contoso:alice?{SHORT}&issuer=Microsoft"
    made = from_uri(uri, issuer="Work")
    assert (made.account.issuer, made.display_issuer) == ("Work", "Work")
    assert made.account.name == "alice"
    assert from_uri(uri, account="me").account.issuer == "Microsoft (Contoso)"
    broken = f"otpauth://totp/{'a' * 99}%FF?{SHORT}"
    assert from_uri(broken, issuer="Work", account="me").account.name == "me"


def test_a_tenant_that_does_not_fit_is_left_off_and_said() -> None:
    made = totp(f"{'T' * 60}:alice?{SHORT}&issuer=Microsoft")
    assert made.account.issuer == "Microsoft"
    assert made.display_issuer == f"Microsoft ({'T' * 60})"
    assert warned(made, "64")


@pytest.mark.parametrize(
    ("uri", "word"),
    [
        (f"Realm:john+doe?{SHORT}", "'+'"),
        (f"foo:bar:baz?{SHORT}", "colon"),
        ("a?secret=JBSWY3DP", "only 40 bits"),
        (f"a?{SHORT}&period=20", "20 seconds"),
        (f"a?{SHORT}&period=86401", "more than a day"),
    ],
)
def test_warned(uri: str, word: str) -> None:
    assert warned(totp(uri), word)


@pytest.mark.parametrize(
    "uri",
    [
        f"Example:alice@example.com?{SHORT}&issuer=Example",
        f"Example:alice+tag@example.com?{SHORT}&period=60",
        f"Big+Bank:alice?{SHORT}&issuer=Big+Bank",
        f"Contoso+Sample%3Aalice%40contoso.example?{SHORT}&issuer=Microsoft",
    ],
)
def test_nothing_odd_no_warning(uri: str) -> None:
    assert totp(uri).warnings == ()


def test_describe_has_exactly_the_documented_keys() -> None:
    described = totp(f"Example:alice?{SHORT}").describe()
    assert list(described) == [
        "type", "issuer", "name", "algorithm", "digits", "period", "key_check_value", "warnings",
    ]  # fmt: skip
    check = hmac.new(decode(SECRET), b"key check", hashlib.sha256).hexdigest()[:8]
    assert described["key_check_value"] == check
    counted = from_uri(f"otpauth://hotp/a?{SHORT}&counter=5").describe()
    assert counted["counter"] == 5
    assert "period" not in counted
