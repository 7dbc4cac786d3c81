"""Bad input: one sentence on standard error, the exit code of the manual, nothing changed."""

import shutil
from pathlib import Path

import pytest
import segno
from e2e.commandline import NOTHING, CommandLine, unchanged
from PIL import Image

from otpcore.account import Account
from tokenctl.payload import firmware_folder
from tokensim.board.board import Parts
from tokensim.port.runtime import Runtime
from tokensim.token import SimulatedToken

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
THERE = Account("Example", "there", b"x" * 20)


def uri(**parameters: object) -> str:
    fields = {"secret": SECRET} | parameters
    return "otpauth://totp/Bank:me?" + "&".join(f"{k}={v}" for k, v in fields.items())


BAD_URIS = {
    "no secret": ("otpauth://totp/Bank:me?issuer=Bank", ["no secret"]),
    "empty secret": (uri(secret=""), ["secret", "empty"]),
    "bad secret": (uri(secret="JBSWY3DP1HPK3PXP"), ["character 9"]),
    "cut secret": (uri(secret="JBSWY3DPE"), ["9 characters"]),
    "digits 3": (uri(digits=3), ["digits", "3", "4 to 10"]),
    "digits 11": (uri(digits=11), ["digits", "11", "4 to 10"]),
    "digits six": (uri(digits="six"), ["digits"]),
    "period 0": (uri(period=0), ["period", "0"]),
    "algorithm": (uri(algorithm="MD5"), ["algorithm", "MD5", "SHA1, SHA256, SHA512"]),
    "type": (uri().replace("totp", "xotp"), ["type", "xotp"]),
    "no counter": (uri().replace("totp", "hotp"), ["counter"]),
    "issuer": (uri(issuer="i" * 65), ["issuer", "65 bytes", "64"]),
    "issuer in UTF-8": (uri(issuer="%C3%A9" * 33), ["issuer", "66 bytes", "64"]),
    "account": (f"otpauth://totp/Bank:{'a' * 65}?secret={SECRET}", ["account", "65 bytes", "64"]),
    "secret": (uri(secret="A" * 208), ["secret", "130 bytes", "128"]),
    "counter": (f"otpauth://hotp/B:m?secret={SECRET}&counter={1 << 64}", ["counter"]),
}


@pytest.fixture
def filled(commandline: CommandLine) -> CommandLine:
    commandline.put(THERE)
    return commandline


def test_a_bad_uri(filled, tmp_path):
    before = filled.stored()
    picture = tmp_path / "code.png"
    for text, words in BAD_URIS.values():
        segno.make(text, error="l").save(str(picture), scale=4, border=4)
        for source, stdin in ((str(picture), ""), ("-", text)):
            filled("provision", source, stdin=stdin).refused(3, *words)
            filled("provision", "--dry-run", source, stdin=stdin).refused(3, *words)
            assert not filled.asked
    assert filled.stored() == before


def bad_files(folder: Path) -> dict[str, tuple[Path, list[str]]]:
    """Files that are no enrolment, and words that the refusal must have."""
    made = {
        "empty.png": b"",
        "half.png": (PICTURES / "several.png").read_bytes()[:300],
        "text.png": b"this is no picture\n",
        "code.pdf": b"%PDF-1.7\n\x80\x81",
        "noise.jpg": bytes(range(256)) * 9,
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    Image.new("RGB", (200, 200), "white").save(folder / "white.jpg")
    return {
        "no code": (PICTURES / "no-code.png", ["no QR code"]),
        "white": (folder / "white.jpg", ["no QR code"]),
        "web address": (PICTURES / "web-address.png", ["web address"]),
        "Wi-Fi": (PICTURES / "wifi.png", ["Wi-Fi"]),
        "empty": (folder / "empty.png", ["it is empty"]),
        "half": (folder / "half.png", ["cut short"]),
        "text": (folder / "text.png", ["neither a picture"]),
        "pdf": (folder / "code.pdf", ["PDF"]),
        "noise": (folder / "noise.jpg", ["picture"]),
        "folder": (folder, ["folder"]),
        "missing": (folder / "missing.png", ["there is no file"]),
    }


def test_files_that_are_no_enrolment(filled, tmp_path):
    for path, words in bad_files(tmp_path).values():
        unchanged(filled, lambda p=path: filled("provision", str(p))).refused(3, *words)
        assert not filled.asked


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        ((), "Bank\nme\nJBSWY3DP1HPK\n", ["character 9"]),
        ((), "Bank\nme\n\n", ["empty"]),
        ((), "Bank\nme\n", ["ended before the secret"]),
        ((), "", ["ended before the secret"]),
        ((), f"\n\n{SECRET}\n", ["no name"]),
        (("--digits", "3"), f"Bank\nme\n{SECRET}\n", ["digits", "4 to 10"]),
        (("--period", "0"), f"Bank\nme\n{SECRET}\n", ["period"]),
        (("--issuer", "x" * 65), f"me\n{SECRET}\n", ["issuer", "64"]),
        (("--issuer", "\udcff"), f"me\n{SECRET}\n", ["issuer", "Unicode"]),
    ],
)
def test_by_hand(filled, arguments, typed, words):
    result = unchanged(filled, lambda: filled("provision", *arguments, stdin=typed))
    result.refused(3, *words)
    assert not filled.asked


def test_nobody_presses_within_30_seconds(filled):
    result = unchanged(filled, lambda: filled("provision", "-", stdin=uri(), answer=NOTHING))
    result.refused(7, "30 s")
    assert filled("provision", "-", stdin=uri()).code == 0  # and then it works


# --- a full vault -----------------------------------------------------------------


def token_for(capacity: int, folder: Path) -> Path:
    """Return a firmware whose vault holds so many accounts."""
    firmware = folder / "firmware"
    shutil.copytree(firmware_folder(), firmware)
    vault = firmware / "tokenfw" / "vault" / "vault.py"
    source = vault.read_text()
    assert source.count("CAPACITY = 1000") == 1
    vault.write_text(source.replace("CAPACITY = 1000", f"CAPACITY = {capacity}"))
    return firmware


def test_a_full_vault_names_its_limit(tmp_path, monkeypatch, capfd):
    with SimulatedToken(runtime=Runtime(token_for(3, tmp_path))) as token:
        run = CommandLine(token, monkeypatch, capfd)
        run.put(THERE)
        several = ("provision", "--all", str(PICTURES / "several.png"))
        result = unchanged(run, lambda: run(*several))
        result.refused(6, "3 accounts", "room for 2 more")
        assert not run.asked
        assert run("remove", "there").code == 0
        assert run(*several).code == 0
        unchanged(run, lambda: run("provision", "-", stdin=uri())).refused(6, "3 accounts")
        assert not run.asked
        assert run("provision", "--replace", *several[1:]).code == 0  # needs no room


def test_a_vault_full_to_the_last_byte(monkeypatch, capfd, tmp_path):
    """Says after how many accounts, and the token works on with those it has."""
    long = [f"otpauth://totp/{'i' * 60}:{n:060}?secret={'AEMQ' * 50}" for n in range(60)]
    source = tmp_path / "uris.txt"
    source.write_text("\n".join(long))
    with SimulatedToken(parts=Parts(flash_size=32 * 1024)) as token:
        run = CommandLine(token, monkeypatch, capfd)
        run("provision", "--all", str(source)).refused(6, "of 60 accounts", "full")
        stored = run.stored()
        assert 5 < len(stored) < 60
        unchanged(run, lambda: run("provision", "-", stdin=long[-1])).refused(6, "full")
        assert run("remove", stored[0].name).code == 0
        assert len(run.stored()) == len(stored) - 1


def test_every_exit_code_is_in_the_help(commandline):
    from tokenctl.exit_codes import EXIT_CODES

    shown = " ".join(commandline("--help", port=False).out.split())
    for code, each in EXIT_CODES.items():
        assert f"{code} {each.meaning}" in shown
