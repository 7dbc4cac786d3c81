"""What somebody reviews at a real terminal comes from a list that a stranger wrote."""

from pathlib import Path
from urllib.parse import quote

import pytest
from attacks.hostile_text import HOSTILE, obeyed
from e2e.processes import Terminal, running

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NAMES = ("bidi", "unseen", "separators", "private", "markup")  # the others no name may hold


def uri(name: str) -> str:
    text = quote(HOSTILE[name])
    return (
        f"otpauth://totp/{text}:{name}{text}?secret={SECRET}&issuer={text}&x{text}={text}"
        f"&image={quote('https://evil.example/')}{text}"
    )


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("token")
    with running(folder / "t", "--link", str(folder / "port")) as token:
        yield token.port


def plain(shown: str) -> str:
    """Return what a terminal showed without its own ends of lines, and the line of a slow token."""
    return shown.replace("\r\n", "\n").replace("\rReading the accounts …\r", "")


@pytest.mark.slow
def test_nothing_in_a_review_is_obeyed(port: str, tmp_path: Path):
    # The name of the file is hostile as well, as far as a file system takes it.
    source = tmp_path / f"list {HOSTILE['colour']} {HOSTILE['bidi']} {HOSTILE['unseen']}.txt"
    source.write_text("".join(uri(name) + "\n" for name in NAMES))
    with Terminal("--port", port, "provision", str(source)) as terminal:
        terminal.until("Enter adds all")
        terminal.type("q\n")
        _, out = terminal.finish()
    for text in (plain(terminal.shown), out):
        assert not obeyed(text.encode()), text
    for name in NAMES:
        assert name in terminal.shown  # each was there to be seen


@pytest.mark.slow
def test_a_refusal_at_a_terminal_is_not_obeyed(port: str, tmp_path: Path):
    for name in HOSTILE.keys() - {*NAMES, "surrogates"}:
        source = tmp_path / f"{name}.txt"
        source.write_text(uri(name) + "\n")
        with Terminal("--port", port, "provision", str(source)) as terminal:
            code, out = terminal.finish()
        assert code == 3 and out == ""
        assert not obeyed(plain(terminal.shown).encode()), name
