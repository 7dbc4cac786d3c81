"""No secret in what tokenctl prints, whatever happens, nor in the arguments of what is started."""

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from e2e.commandline import HOLD, INTERRUPT, NO, CommandLine, Result
from unit.exports import export

from tokenctl import pictures
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokenctl.enrol import enrolment, secret_text, sources
from tokenctl.enrol.uri import google_export, otpauth

SECRET = b"SeCrEt*NoBoDy*SeEs*This!"
BASE32 = base64.b32encode(SECRET).decode().rstrip("=")
URI = f"otpauth://totp/Bank:me?secret={BASE32}&issuer=Bank"
HAND = f"Bank\nme\n{BASE32}\n"
PIECE = 8  # characters of the secret in a row are a leak


def spellings() -> set[str]:
    """The secret as it could be printed, in lower case."""
    texts = [BASE32, SECRET.hex(), SECRET.decode(), base64.b64encode(SECRET).decode()]
    texts += [base64.urlsafe_b64encode(SECRET).decode(), repr(SECRET), str(list(SECRET))[1:-1]]
    return {text.lower() for text in texts}


def leaks(text: str) -> list[str]:
    """Return the pieces of the secret that `text` holds."""
    squeezed = text.lower().replace(" ", "").replace("-", "").replace("\n", "")
    pieces = {
        each[start : start + PIECE] for each in spellings() for start in range(len(each) - PIECE)
    }
    return [piece for piece in pieces if piece.replace(" ", "").replace("-", "") in squeezed]


@pytest.fixture
def started() -> Iterator[list[str]]:
    """The arguments of every program that is started while a test runs."""
    seen: list[str] = []
    watching = [True]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching[0] and event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            seen.append(repr(arguments))

    sys.addaudithook(hook)  # it stays, but looks away
    yield seen
    watching[0] = False


def test_this_test_sees_a_leak():
    for text in (BASE32, BASE32[4:14].lower(), " ".join(BASE32), SECRET.hex(), repr(SECRET)):
        assert leaks(f"Error: what is '{text}'?"), text
    assert not leaks("Error: the secret is not base32; the key check value is d2182ec0.")


def everything(run: CommandLine, folder: Path) -> Iterator[Result]:
    """Run all commands and their refusals, with the secret wherever a user may put it."""
    picture, text, broken = folder / "code.png", folder / "uris.txt", folder / "broken.txt"
    segno.make(URI).save(str(picture), scale=4, border=4)
    text.write_text(URI + "\n" + URI.replace("Bank", "Door").replace("totp", "hotp") + "&counter=3")
    broken.write_text(f"{URI}\n{URI}1\n")
    for source in (str(picture), str(text), URI, "-"):
        for flags in ((), ("--dry-run",), ("--json", "--dry-run"), ("--all", "--json")):
            yield run("provision", *flags, source, stdin=URI)
    for damage in ({}, {"batch_size": 2}, {"version": 2}, {"batch_index": 7}):
        for fields in ({}, {"algorithm": 4}, {"digits": 0}, {"name": BASE32 * 3}):
            text = export({"secret": SECRET, "name": "Exp:x"} | fields, **damage)
            yield run("provision", "--replace", "-", stdin=text)
            yield run("provision", text[:-3])
    (folder / "pictures").mkdir()
    for name, data in (("a.png", picture.read_bytes()), ("b.png", picture.read_bytes()[:300])):
        (folder / "pictures" / name).write_bytes(data)
    for flags in (("--dry-run",), ("--replace", "--delete-pictures")):
        yield run("provision", *flags, str(folder / "pictures"))
    for text in (f"duo://{BASE32}", f"phonefactor://activate_account?code={BASE32}",
                 f"oktaverify://{BASE32}", f"https://m-1.duosecurity.com/{BASE32}",
                 f"otpauth://pipush/x?secret={BASE32}", f"FIDO:/{BASE32}"):  # fmt: skip
        yield run("provision", "-", stdin=text)
        yield run("provision", text)
    yield run("provision", "--replace", str(picture))
    yield run("provision", "--replace", "--json", stdin=HAND)
    yield run("sync", "--json")
    for command in (("list",), ("status",), ("code", "Bank"), ("move", "Door", "1")):
        yield run(*command)
        yield run(*command, "--json")
    yield run("rename", "Bank", "--issuer", "Other")
    for answer in (NO, INTERRUPT):
        yield run("remove", "Other", answer=answer)
        yield run("provision", "-", stdin=URI, answer=answer)
    yield run("remove", "Other", "--json")
    yield run("wipe", answer=HOLD)
    for bad in (BASE32 + "1", BASE32 + "A", "", BASE32 + BASE32 * 8, BASE32 + "&digits=3"):
        wrong = f"otpauth://totp/Bank:me?secret={bad}"
        for source in (wrong, "-"):
            yield run("provision", source, stdin=wrong)
        yield run("provision", stdin=f"Bank\nme\n{bad}\n")
    yield run("provision", str(broken))
    # A URI that is spelled wrong, and a secret in a place where it does not belong.
    for wrong in (
        URI.replace("?", "&"),
        URI.replace("secret=", "secret"),
        URI.replace("secret=", "digits="),
        URI.replace("secret=", "algorithm="),
        URI.replace("totp", BASE32),
        URI.replace("otpauth:", "otpath:"),
        URI.replace("otpauth://", "otpauth/"),
        BASE32,
        BASE32.lower(),
        " ".join(BASE32[n : n + 4] for n in range(0, len(BASE32), 4)),
    ):
        yield run("provision", wrong)
        yield run("provision", "-", stdin=wrong)
        yield run(wrong, port=False)
        yield run("list", wrong)
        if "://" in wrong:  # in the place of a name
            yield run("code", wrong)
            yield run("rename", wrong, "--issuer", "x")
        yield run("provision", "--digits", wrong)
        yield run("provision", f"--period={wrong}")
        yield run("provision", "--type", wrong)
        yield run("move", "Bank", wrong)
        yield run(f"--{wrong}", port=False)


def test_nothing_that_is_printed_holds_the_secret(commandline, tmp_path, started):
    codes = set()
    for result in everything(commandline, tmp_path):
        codes.add(result.code)
        assert not leaks(result.out + result.err), result
        assert "Traceback" not in result.err and "RuntimeError" not in result.err
    assert codes >= {0, 2, 3, 6, 7, 130}
    assert not any(leaks(each) for each in started)


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (secret_text, "decode"),
        (otpauth, "unwrap"),
        (sources, "content"),
        (google_export, "read_names"),
        (pictures.Reader, "read"),
        (enrolment, "Account"),
        (secret_text, "readings"),
        (Token, "add"),
        (Token, "accounts"),
        (Link, "request"),
        (Link, "_send"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_a_fault_of_ours_prints_no_secret(commandline, monkeypatch, tmp_path, where, name):
    picture = tmp_path / "code.png"
    segno.make(URI).save(str(picture), scale=4, border=4)

    def fault(*arguments: Any, **more: Any) -> None:
        secret = (SECRET, BASE32, arguments, more)
        raise RuntimeError(f"{secret} {URI}", BASE32, SECRET)

    monkeypatch.setattr(where, name, fault)
    results = [
        commandline("provision", URI),
        commandline("provision", "-", stdin=URI),
        commandline("provision", stdin=HAND),
        commandline("provision", "-", stdin=export({"secret": SECRET, "name": "Bank:x"})),
        commandline("provision", str(picture)),
    ]
    assert 1 in {result.code for result in results}
    for result in results:
        assert not leaks(result.out + result.err), result
        assert "Traceback" not in result.err
        if result.code == 1:
            assert "failed with RuntimeError at " in result.err


def test_the_process_list_has_no_secret_unless_the_user_put_it_there(commandline, started):
    """The interpreter that runs the firmware is the only program that is started."""
    commandline("provision", "-", stdin=URI)
    commandline.token.reset()
    commandline.token.wait(2)
    assert len(commandline.stored()) == 1
    assert all("prototype_process" in each or "micropython_run" in each for each in started)
    assert not any(leaks(each) for each in started)
