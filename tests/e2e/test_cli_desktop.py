"""tokenctl provision --screen and --clipboard, on a virtual display."""

import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.processes import BIN, asked, finish, running, start
from PIL import Image
from support.prepared import Command
from support.virtual_display import HEIGHT, WIDTH, Display, display, needs_display
from unit.test_sources import OTHER, URI, page

TIMEOUT = 100
PICTURES = Path(__file__).parents[1] / "data" / "pictures"


@pytest.fixture(scope="module")
def shared() -> Iterator[Display]:
    with display() as screen:
        yield screen


@pytest.fixture
def screen(shared: Display) -> Display:
    """A virtual display with nothing on it."""
    shared.clear()
    return shared


def provision(
    environment: dict[str, str], *options: str, folder: Path | None = None
) -> tuple[int, list[tuple[str, str]], str]:
    """Return exit code, the names that would be added, and what was said."""
    process = Command(
        [BIN / "tokenctl", "provision", "--dry-run", "--json", *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment, cwd=folder,
    )  # fmt: skip
    out, said = process.communicate(timeout=TIMEOUT)
    found = json.loads(out) if out else []
    return process.returncode, [(each["issuer"], each["name"]) for each in found], said


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


# --- the screen -----------------------------------------------------------------------


@needs_display
def test_all_codes_on_the_screen(screen: Display, tmp_path: Path) -> None:
    screen.paint(picture(page(URI)), WIDTH - 260, 40)
    screen.paint(picture(page(OTHER)), 30, HEIGHT - 410)
    screen.paint(picture(page("https://example.com/advertisement")), 500, 30)
    environment = screen.environment | {"TMPDIR": str(tmp_path)}
    code, names, said = provision(environment, "--screen", folder=tmp_path)
    assert code == 0 and sorted(names) == [("Example", "alice"), ("Other", "bob")]
    assert f"{WIDTH}x{HEIGHT}" in said and said.startswith("Looking")
    assert not list(tmp_path.iterdir()), "a picture of the screen was written"


@needs_display
def test_nothing_on_the_screen(screen: Display) -> None:
    code, names, said = provision(screen.environment, "--screen")
    assert (code, names) == (3, [])
    assert "no QR code was found" in said.splitlines()[-1].replace("No", "no")


@needs_display
def test_a_code_on_the_screen_that_is_no_enrolment(screen: Display) -> None:
    screen.paint(picture(page("phonefactor://activate_account?code=123&url=x")), 300, 200)
    code, _, said = provision(screen.environment, "--screen")
    assert code == 3 and "different authenticator app" in said and "123" not in said
    assert "on the screen" in said.lower()


@needs_display
def test_names_for_what_is_on_the_screen(screen: Display) -> None:
    screen.paint(picture(page(URI)))
    options = ("--screen", "--issuer", "Bank", "--account", "me")
    assert provision(screen.environment, *options)[:2] == (0, [("Bank", "me")])


# --- the clipboard --------------------------------------------------------------------


@needs_display
def test_a_picture_in_the_clipboard(screen: Display) -> None:
    screen.copy((PICTURES / "microsoft.png").read_bytes(), "image/png")
    code, names, _ = provision(screen.environment, "--clipboard")
    assert code == 0 and [issuer.split()[0] for issuer, _ in names] == ["Microsoft"]


@needs_display
def test_a_transparent_picture_in_the_clipboard(screen: Display) -> None:
    """Browsers copy dark modules on nothing."""
    code = picture(page(URI))
    clear = Image.new("RGBA", code.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=code.point([255] * 128 + [0] * 128))
    file = io.BytesIO()
    clear.save(file, "PNG")
    screen.copy(file.getvalue(), "image/png")
    assert provision(screen.environment, "--clipboard")[:2] == (0, [("Example", "alice")])


@needs_display
def test_lines_in_the_clipboard(screen: Display) -> None:
    screen.copy(f"# two\n{URI}\n\n{OTHER}\n".encode())
    code, names, _ = provision(screen.environment, "--clipboard")
    assert (code, names) == (0, [("Example", "alice"), ("Other", "bob")])


@needs_display
def test_files_of_a_file_manager_in_the_clipboard(screen: Display) -> None:
    uris = "\r\n".join((PICTURES / name).as_uri() for name in ("microsoft.png", "several.png"))
    screen.copy(uris.encode(), "text/uri-list")
    code, names, _ = provision(screen.environment, "--clipboard")
    assert code == 0 and len(names) == 4


@needs_display
@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", "UTF8_STRING", "neither text nor a picture"),
        (b"hello", "UTF8_STRING", "not a setup code"),
        (b"https://example.com/", "UTF8_STRING", "web address"),
        (b"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "UTF8_STRING", "only a secret"),
        (URI.encode() + b"\n" + OTHER.encode() + b"&digits=3", "UTF8_STRING", "line 2: "),
        (b"\x89PNG\r\n\x1a\ndamaged", "image/png", "neither text nor a picture"),
    ],
)
def test_what_else_the_clipboard_may_hold(
    screen: Display, data: bytes, kind: str, words: str
) -> None:
    screen.copy(data, kind)
    code, names, said = provision(screen.environment, "--clipboard")
    assert (code, names) == (3, []) and words in said
    assert said.count("\n") == 1 and "JBSWY" not in said


@needs_display
def test_a_file_and_the_clipboard(screen: Display) -> None:
    screen.copy(OTHER.encode())
    code, names, _ = provision(
        screen.environment, "--clipboard", str(PICTURES / "example-totp.png")
    )
    assert code == 0 and [issuer for issuer, _ in names] == ["Example Bank", "Other"]


@needs_display
def test_the_clipboard_is_emptied_when_all_of_it_is_on_the_token(
    screen: Display, tmp_path: Path
) -> None:
    screen.copy(f"{URI}\n{OTHER}\n".encode())
    options = ("provision", "--yes", "--json", "--clipboard", "--delete-pictures")
    with running(tmp_path / "t", "--link", str(tmp_path / "port")) as token:
        process = start("tokenctl", "--port", token.port, *options, **screen.environment)
        asked(process)
        assert screen.pasted(), "it goes when the token has it"
        token.press()
        code, out, said = finish(process)
    assert code == 0 and len(json.loads(out)) == 2, said
    assert "clipboard was cleared" in said and screen.pasted() == b""


# --- no desktop -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "words"), [("--screen", "no screen"), ("--clipboard", "no clipboard")]
)
def test_without_a_desktop(option: str, words: str) -> None:
    without = {"DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    code, _, said = provision(environment, option)
    assert code == 18 and words in said and "file" in said and said.count("\n") == 1


def test_digits_are_not_for_what_is_captured() -> None:
    code, _, said = provision(dict(os.environ), "--screen", "--digits", "8")
    assert code == 2 and "--digits" in said
