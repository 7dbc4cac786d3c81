"""Where enrolments come from, and what is said when there is none."""

import io
import os
from pathlib import Path

import pytest
import segno
from PIL import Image
from support import enrolled

from tokenctl.enrol import sources
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.not_otp import NOT_OTP, explain
from tokenctl.errors import (
    BadEnrolment,
    NoName,
    NoQRCode,
    NotAnEnrolment,
    NotAPicture,
    SourceError,
)

SAMPLES = Path(__file__).parents[1] / "data" / "pictures"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example:alice?secret={SECRET}&issuer=Example"
OTHER = "otpauth://totp/Other:bob?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def page(*texts: str) -> bytes:
    """A picture with these codes side by side."""
    codes: list[Image.Image] = []
    for text in texts:
        file = io.BytesIO()
        segno.make(text, micro=False).save(file, kind="png", scale=4)
        codes.append(Image.open(file).convert("L"))
    row = Image.new("L", (sum(each.width for each in codes), 400), 255)
    left = 0
    for each in codes:
        row.paste(each, (left, 0))
        left += each.width
    file = io.BytesIO()
    row.save(file, "PNG")
    return file.getvalue()


def names(enrolments: list[Enrolment]) -> list[str]:
    return [each.account.name for each in enrolments]


# --- the samples -------------------------------------------------------------


def test_the_example_picture() -> None:
    (made,) = enrolled.from_path(SAMPLES / "example-totp.png")
    assert made.describe() | {"key_check_value": ""} == {
        "type": "totp", "issuer": "Example Bank", "name": "alice@example.com",
        "algorithm": "SHA1", "digits": 6, "period": 30, "key_check_value": "", "warnings": [],
    }  # fmt: skip


def test_the_microsoft_picture() -> None:
    (made,) = enrolled.from_argument(str(SAMPLES / "microsoft.png"))
    assert made.account.issuer == "Microsoft (Contoso Sample)"
    assert made.account.name == "alice@contoso.example"
    assert len(made.account.secret) == 10


def test_the_picture_with_several() -> None:
    made = enrolled.from_path(SAMPLES / "several.png")
    assert [each.account.issuer for each in made] == ["Example Bank", "Example VPN", "Example Door"]


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("web-address.png", NotAnEnrolment, "web address"),
        ("wifi.png", NotAnEnrolment, "Wi-Fi"),
        ("no-code.png", NoQRCode, "no QR code"),
    ],
)
def test_the_samples_that_are_refused(name: str, error: type[SourceError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        enrolled.from_path(SAMPLES / name)
    assert name in str(caught.value)
    assert caught.value.exit_code == 3


# --- pictures ----------------------------------------------------------------


def test_what_stands_beside_an_enrolment_is_a_warning() -> None:
    made = enrolled.from_picture(page("https://example.com/x", URI, OTHER))
    assert names(made) == ["alice", "bob"]
    assert [w for w in made[0].warnings if "web address" in w]
    assert made[1].warnings == ()


def test_a_bad_enrolment_among_good_ones_is_refused_and_counted() -> None:
    with pytest.raises(BadEnrolment, match="QR code 2.*MD5"):
        enrolled.from_picture(page(URI, OTHER + "&algorithm=MD5"))


def test_several_codes_and_none_an_enrolment() -> None:
    with pytest.raises(NotAnEnrolment, match="web address"):
        enrolled.from_picture(page("https://example.com/x", "WIFI:S:x;;"))


# --- text, standard input, arguments -------------------------------------------


def test_lines_of_uris() -> None:
    assert names(enrolled.from_text(f"\n{URI}\r\n\n  '{OTHER}'  \n")) == ["alice", "bob"]


def test_the_link_for_iphones() -> None:
    (made,) = enrolled.from_text("apple-" + URI)
    (usual,) = enrolled.from_text(URI)
    assert made.describe() == usual.describe() and made.account.secret == usual.account.secret
    assert names(enrolled.from_picture(page("apple-" + URI))) == ["alice"]


def test_comments_and_blank_lines_in_a_list() -> None:
    text = f"# mine\n\n  # and\n{URI}\n#{OTHER}\n"
    assert names(enrolled.from_text(text)) == ["alice"]
    assert names(enrolled.from_stream(io.BytesIO(b"\xef\xbb\xbf" + text.encode()))) == ["alice"]
    with pytest.raises(SourceError, match="it is empty"):
        enrolled.from_text(f"# {URI}\n")
    with pytest.raises(BadEnrolment, match="line 3: "):
        enrolled.from_text(f"# a\n\n{URI}&digits=3\n")


def test_a_bad_line_is_named_and_nothing_is_taken() -> None:
    with pytest.raises(BadEnrolment, match="line 3: the digits must be from 4 to 10, not 3"):
        enrolled.from_text(f"{URI}\n\n{OTHER}&digits=3\n")
    with pytest.raises(NotAnEnrolment, match="line 2"):
        enrolled.from_text(f"{URI}\nhello\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_standard_input_of_text(encoding: str) -> None:
    stream = io.BytesIO(f"{URI}\r\n{OTHER}\r\n".encode(encoding))
    assert names(enrolled.from_stream(stream)) == ["alice", "bob"]


def test_standard_input_of_a_picture() -> None:
    assert names(enrolled.from_stream(io.BytesIO(page(URI, OTHER)))) == ["alice", "bob"]


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", SourceError, "it is empty"),
        (b"\r\n \n", SourceError, "neither"),
        (b"hello\n", NotAPicture, "neither"),
        (SECRET.encode(), NotAnEnrolment, "only a secret"),
        (b"https://example.com", NotAnEnrolment, "web address"),
        (b"otpauth:totp/x", BadEnrolment, "otpauth://"),
        (b"\x89PNG\r\n\x1a\n\0\0", NotAPicture, "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture, "SVG"),
        (b"\xff\xfeabc", NotAPicture, "not a picture"),
    ],
)
def test_standard_input_refused(data: bytes, error: type[SourceError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        enrolled.from_stream(io.BytesIO(data))
    assert "standard input" in str(caught.value)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(URI.encode())))
    assert names(enrolled.from_argument("-")) == ["alice"]


def test_an_argument_is_a_uri_or_a_path(tmp_path: Path) -> None:
    assert names(enrolled.from_argument(URI)) == ["alice"]
    picture = tmp_path / "a code.jpg"
    picture.write_bytes(page(URI))
    assert names(enrolled.from_argument(str(picture))) == ["alice"]
    text = tmp_path / "uris.txt"
    text.write_text(f"{URI}\n{OTHER}\n")
    assert names(enrolled.from_argument(str(text))) == ["alice", "bob"]


def test_is_uri() -> None:
    assert sources.is_uri(f" '{URI}'")
    assert sources.is_uri("steam://JBSWY3DPEHPK3PXP")
    assert not sources.is_uri("C:\\codes\\a.png")
    assert not sources.is_uri("otp.png")
    assert not sources.is_uri("-")


def test_names_are_handed_on() -> None:
    nameless = f"otpauth://totp/?secret={SECRET}"
    with pytest.raises(NoName):
        enrolled.from_text(nameless)
    for made in (
        enrolled.from_text(nameless, account="me"),
        enrolled.from_stream(io.BytesIO(nameless.encode()), account="me"),
        enrolled.from_picture(page(nameless), account="me"),
        enrolled.from_argument(nameless, account="me"),
    ):
        assert names(made) == ["me"]


# --- files that cannot be used ---------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file .*gone.png"):
        enrolled.from_argument(str(tmp_path / "gone.png"))


def test_a_file_that_is_no_picture(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("To do:\n- bread\n")
    with pytest.raises(NotAPicture, match="notes.txt: this is neither a picture, nor"):
        enrolled.from_argument(str(notes))


def test_a_folder_without_a_picture(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(URI)
    (tmp_path / "notes.txt").write_text("the code is at https://example.com/\nhttps://x.example\n")
    with pytest.raises(NoQRCode, match="has no picture with a setup code"):
        enrolled.from_argument(str(tmp_path))


def test_a_folder_of_pictures_and_of_folders(tmp_path: Path) -> None:
    inner = tmp_path / "more"
    for folder in (inner, tmp_path / ".hidden"):
        folder.mkdir()
    (tmp_path / "b.png").write_bytes(page(OTHER))
    (tmp_path / "a.PNG").write_bytes(page(URI))
    (tmp_path / "notes.txt").write_text("https://example.com")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "wifi.png").write_bytes((SAMPLES / "wifi.png").read_bytes())
    (tmp_path / ".hidden" / "c.png").write_bytes(page(URI))
    (inner / "c.png").write_bytes(page(URI.replace("alice", "carol")))
    made = enrolled.from_argument(str(tmp_path))
    assert names(made) == ["alice", "bob", "carol"]
    left_out = made[0].remarks
    assert len(left_out) == 2 and set(left_out) <= set(made[0].describe()["warnings"])
    assert "scan.pdf: this PDF document is damaged" in left_out[0]
    assert "wifi.png: this code is for a Wi-Fi network" in left_out[1]
    assert [each.origins for each in made] == [
        (tmp_path / "a.PNG",), (tmp_path / "b.png",), (inner / "c.png",)
    ]  # fmt: skip


def test_lists_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b.TXT").write_text(f"# to be moved\n\n{URI}\n")
    (tmp_path / "a.png").write_bytes(page(OTHER))
    (tmp_path / "c.txt").write_bytes(f"  {OTHER}".encode("utf-16"))
    (tmp_path / ".hidden.txt").write_text(URI)
    (tmp_path / "d.txt").write_text("nothing")
    (tmp_path / "e.txt").write_bytes(b"\xff\0otpauth://")
    assert names(enrolled.from_path(tmp_path)) == ["bob", "alice", "bob"]
    (tmp_path / "f.txt").write_text(f"{URI}\n# a comment counts as a line\n{OTHER}&digits=3\n")
    with pytest.raises(BadEnrolment, match=r"in .*f\.txt: line 3: .*digits"):
        enrolled.from_path(tmp_path)


def test_a_bad_enrolment_in_a_folder_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(page(URI))
    (tmp_path / "b.png").write_bytes(page(OTHER + "&algorithm=MD5"))
    with pytest.raises(BadEnrolment, match="b.png: .*MD5"):
        enrolled.from_path(tmp_path)


def test_a_folder_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenctl.enrol.files.FILES_MAX", 2)
    for name in "abc":
        (tmp_path / name).touch()
    with pytest.raises(SourceError, match="more than 2 files"):
        enrolled.from_path(tmp_path)


def test_a_picture_is_the_origin_of_what_it_holds_and_nothing_else(tmp_path: Path) -> None:
    """A picture that holds something else besides is not to be deleted."""
    for name, texts, expected in (
        ("a.png", (URI, OTHER), 1),
        ("b.png", (URI, "https://example.com"), 0),
    ):
        path = tmp_path / name
        path.write_bytes(page(*texts))
        assert [each.origins for each in enrolled.from_path(path)] == [(path,) * expected] * len(
            [text for text in texts if text.startswith("otp")]
        )
    text = tmp_path / "uris.txt"
    text.write_text(URI)
    assert enrolled.from_path(text)[0].origins == ()
    assert enrolled.from_path(text)[0].lists == (text,)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(SourceError, match=r"empty.png: it is empty"):
        enrolled.from_argument(str(tmp_path / "empty.png"))


def test_a_huge_file(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(sources.BYTES_MAX + 1)
    with pytest.raises(SourceError, match="64 MB"):
        enrolled.from_argument(str(huge))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    shut = tmp_path / "shut.png"
    shut.touch(0)
    with pytest.raises(SourceError, match="permission denied"):
        enrolled.from_argument(str(shut))


def test_a_file_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(SourceError, match="not a directory"):
        enrolled.from_argument(str(tmp_path / "a" / "b.png"))


@pytest.mark.parametrize("argument", ["", "a\0b", "x" * 300, "x" * 5000, "a\udcffb", "a\nb"])
def test_an_argument_that_can_be_no_path(argument: str) -> None:
    with pytest.raises(SourceError) as caught:
        enrolled.from_argument(argument)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "argument",
    [
        SECRET,
        SECRET.lower(),
        "JBSW Y3DP EHPK 3PXP",
        "jbswy3dpehpk",
        "3132333435363738393031323334353637383930",
        f"otpauth//totp/Example:alice?secret={SECRET}",
        f"tpauth:totp/Example:alice?Secret={SECRET}",
    ],
)
def test_a_secret_given_for_a_path_is_not_repeated(argument: str) -> None:
    with pytest.raises(SourceError) as caught:
        enrolled.from_argument(argument)
    assert argument[:8] not in str(caught.value)


# --- codes that are no enrolment -------------------------------------------------

NOT_OTP_TEXTS = [
    ("phonefactor://activate_account?code=ABCDEF&url=https%3A%2F%2Fx", "different authenticator"),
    ("https://login.microsoftonline.com/authenticatorApp/activateAccount?accountType=mfa"
     "&source=qrCode&code=ABCDEF", "different authenticator"),
    ("HTTPS://LOGIN.MICROSOFTONLINE.US/authenticatorapp/activateAccount?code=ABCDEF",
     "different authenticator"),
    ("https://login.chinacloudapi.cn/authenticatorApp/activateAccount?code=ABCDEF",
     "different authenticator"),
    ("https://login.microsoftonline.com/authenticatorApp/activateAccount?accountType=msa"
     "&code=M.C5_ABCDEF&uaid=x&expires=1", "personal"),
    ("ms-msa://code=M.C5_ABCDEF&uaid=x", "personal"),
    ("https://login.microsoftonline.com/authenticatorApp/activateAccount?accountType=mfa"
     "&code=ABCDEF", "Ik wil een andere verificator-app gebruiken"),
    ("phonefactor://activate_account?code=ABCDEF", "I want to use a different authenticator app"),
    ("ms-msa://code=M.C5_ABCDEF", "een andere verificator-app"),
    ("msauth://code/ABCDEF", "Microsoft"),
    ("microsoft-authenticator://activatePhoneSignIn?code=ABCDEF", "different authenticator"),
    ("authy://account?token=ABCDEF", "Authy"),
    ("FIDO:/123456789012345678901234567890", "passkey"),
    ("https://m-12345678.duosecurity.com/android/ABCDEF", "Duo"),
    ("com.rsa.securid://ctf?ctfData=123456", "RSA"),
    ("wc:ABCDEF@1?bridge=x", "wallet"),
    ("tel:+123456789", "contact"),
    ("0123456789abcdef0123456789abcdef", "only a secret"),
    ("duo://ABCDEFGHIJKLMNOPQRST-YXBpLTEyMzQ1Njc4LmR1b3NlY3VyaXR5LmNvbQ", "Duo"),
    ("ABCDEFGHIJKLMNOPQRST-YXBpLTEyMzQ1Njc4LmR1b3NlY3VyaXR5LmNvbQ", "Duo"),
    ("https://m-12345678.duosecurity.com/activate/ABCDEF", "Duo"),
    ("https://api-12345678.duosecurity.com/push/v2/activation/ABCDEF", "Duo"),
    ("oktaverify://alice@example.com/?t=ABCDEF&f=x&s=https", "Okta"),
    ("onelogin-otpauth://ABCDEF", "OneLogin"),
    ("otpauth://pipush/label?url=https%3A//x&ABCDEF", "privacyIDEA"),
    ("pushauth://push/x:y?a=ABCDEF", "push"),
    ("mfauth://totp/x?ABCDEF", "push"),
    ("com.rsa.securid.iphone://ctf?ctfData=123456", "RSA"),
    ("http://127.0.0.1/securid/ctf?ctfData=123456", "RSA"),
    ("https://s.team/q/1/123456", "Steam"),
    ("https://discord.com/ra/ABCDEF", "Discord"),
    ("tg://login?token=ABCDEF", "Telegram"),
    ("sgnl://linkdevice?uuid=ABCDEF", "Signal"),
    ("2@ABCDEF,x,y", "WhatsApp"),
    ("WIFI:T:WPA;S:home;P:ABCDEF;;", "Wi-Fi"),
    ("https://example.com/?q=ABCDEF", "web address"),
    ("mailto:ABCDEF@example.com", "contact"),
    ("bitcoin:ABCDEF", "wallet"),
    ("12345678901", "serial number"),
    ("ABCDEFGHIJKLMNOP", "only a secret"),
    ("ABCDEF and so on", "otpauth://"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), NOT_OTP_TEXTS)
def test_what_a_code_is_that_is_no_enrolment(text: str, words: str) -> None:
    with pytest.raises(NotAnEnrolment) as caught:
        enrolled.from_text(text)
    assert words in str(caught.value)
    assert "ABCDEF" not in str(caught.value)
    assert "123456" not in str(caught.value)


def test_every_row_of_the_table_can_be_reached() -> None:
    texts = [text for text, _ in NOT_OTP_TEXTS] + ["msauth://code/x", "BEGIN:VCARD"]
    first = {
        next((n for n, (pattern, _clause, _app) in enumerate(NOT_OTP) if pattern.match(text)), None)
        for text in texts
    }
    assert first >= set(range(len(NOT_OTP)))


def test_enrolments_are_no_such_thing() -> None:
    for text in (URI, OTHER, f"steam://{SECRET}", f"OTPAUTH://HOTP/a?secret={SECRET}&counter=1"):
        assert explain(text) is None
