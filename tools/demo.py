"""A demonstration on a simulated token: enrol a QR picture, and see the code on the OLED.

Runs the real commands as a user would, and compares the code on the screen
with the one that pyotp computes. Exit code 0 only if everything succeeds.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
from PIL import Image

from tokenctl.payload import firmware_folder
from tokenctl.pictures import read_codes
from tokensim.view import picture
from tokensim.view.ocr import CodeReader, NoCode

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "tests" / "data" / "pictures" / "demo.png"
OUTPUT = ROOT / "build" / "demo"
BIN = Path(sys.executable).parent
_QUESTION = 1.2  # seconds from a command's start until a press on its question counts


def main() -> int:
    """Run the demo; return the exit code."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tokensim-") as folder:
        state = Path(folder)
        say("1. A simulated token starts: the real firmware under MicroPython.")
        with running_token(state) as port:
            say(f"2. tokenctl reads {PICTURE.relative_to(ROOT)} and puts the account on it.")
            with_a_press(state, "--port", port, "provision", "--yes", str(PICTURE))
            say("3. tokenctl sets its clock.")
            with_a_press(state, "--port", port, "sync")
            say("4. The button is pressed. The OLED shows:")
            before = time.time()
            tokensim("press", "--state", str(state))
            screen = tokensim("screen", "--state", str(state))
            after = time.time()
            png = OUTPUT / "screen.png"
            tokensim("screen", "--state", str(state), "--png", str(png))
    say("\n".join(f"   {line}" for line in picture.braille(picture.from_text(screen))))
    say(f"   As a picture: {png.relative_to(ROOT)}")
    return compare(screen, before, after)


def say(text: str) -> None:
    """Print without buffering, in order with the output of the commands."""
    print(text, flush=True)


def compare(screen: str, before: float, after: float) -> int:
    """Print whether pyotp gives the code on the screen; return 0 if so, else 1.

    The code was made between the Unix times `before` and `after`.
    """
    with Image.open(PICTURE):
        (uri,) = read_codes(PICTURE.read_bytes())
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    expected = {pyotp.TOTP(secret).at(int(moment)) for moment in (before - 1, before, after)}
    try:
        shown = CodeReader(firmware_folder()).read(picture.from_text(screen))
    except NoCode as error:
        print(f"5. That is wrong: {error}.")
        return 1
    if shown not in expected:
        print(f"5. That is wrong: the screen shows {shown}, pyotp gives {sorted(expected)}.")
        return 1
    print(f"5. An independent implementation (pyotp) gives the same code: {shown}")
    return 0


@contextmanager
def running_token(state: Path) -> Iterator[str]:
    """Run `tokensim run`, and yield its port."""
    command = [BIN / "tokensim", "run", "--state", state, "--link", state / "port"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                raise SystemExit("tokensim did not start")
            yield port
        finally:
            process.terminate()


def with_a_press(state: Path, *arguments: str) -> None:
    """Run tokenctl, and press the button when it reports that the token asks for that."""
    with subprocess.Popen([BIN / "tokenctl", *arguments], stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        for line in run.stderr:
            print("   " + line, end="")
            if "press" in line:
                say("   (There is nobody to press it: the demo does.)")
                time.sleep(_QUESTION)
                tokensim("press", "--state", str(state))
    if run.returncode:
        raise SystemExit(f"tokenctl {arguments[2]} failed with exit code {run.returncode}")


def tokensim(*arguments: str) -> str:
    """Run a tokensim command and return what it prints."""
    done = subprocess.run(
        [BIN / "tokensim", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
