"""Scripts played on a simulated token: codes checked by pyotp, and the committed pictures."""

from pathlib import Path

import pyotp
import pytest
from e2e.small_text import shows
from PIL import Image

from tokenctl.payload import firmware_folder
from tokensim import cli
from tokensim.play.play import PlayFailed, Screenshot, play
from tokensim.play.script import parse
from tokensim.view import photograph
from tokensim.view.ocr import CodeReader
from tokensim.view.picture import USUAL

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
SCRIPTS = sorted(SCREENS.glob("*.txt"))
SECRET = "KNSUG4SFOQVE432CN5CHSKSTMVCXGKSU"
NOON = 1_795_521_600  # 2026-11-24 12:00:00 UTC
ADD = f"provision otpauth://totp/Bank:me?secret={SECRET}\n  wait 0.5\n  press\n"
SYNC = "sync\n  wait 0.5\n  press\n"
TOP = "at 2026-11-24 12:00:05\n"


def played(text: str, notes: list[str] | None = None, panel: str | None = None):
    notes = [] if notes is None else notes
    return {shot.name: shot for shot in play(parse(TOP + text), panel, notes.append)}


def code(shot: Screenshot) -> str:
    return CodeReader(firmware_folder()).read(shot.pixels)


def test_a_code_is_that_of_the_time_in_the_script():
    story = ADD + SYNC + "at 12:01:13\npress\nscreenshot a\nat 12:01:45\npress\nscreenshot b\n"
    shots = played(story)
    for name, second in (("a", 74), ("b", 106)):
        assert code(shots[name]) == pyotp.TOTP(SECRET).at(NOON + second)


def test_an_hotp_code_and_its_successor():
    uri = f"otpauth://hotp/Bank:me?secret={SECRET}&counter=7"
    story = f"provision {uri}\n  press\npress\nhold\nscreenshot a\nhold\nscreenshot b\n"
    shots = played(story)
    assert [code(shots[name]) for name in "ab"] == [pyotp.HOTP(SECRET).at(n) for n in (7, 8)]


def test_the_block_happens_while_the_token_asks():
    shots = played(
        "screenshot dark\nprovision otpauth://totp/Bank:me?secret="
        + f"{SECRET}\n  wait 1\n  screenshot asks\n  press\n  wait 1\n  screenshot after\n"
    )
    assert shots["dark"].brightness == 0 and not any(map(any, shots["dark"].pixels))
    assert shots["asks"].brightness > 0.5
    inverted = [bytes(1 - each for each in row) for row in shots["asks"].pixels]
    assert shows(inverted, "Add account?") and shows(shots["asks"].pixels, "press: yes")
    assert not shows(shots["after"].pixels, "press: yes")


@pytest.mark.parametrize(("block", "why"), [("  hold\n", "refused"), ("", "nobody pressed")])
def test_who_refuses_is_noted_and_the_story_goes_on(block, why):
    notes: list[str] = []
    uri = f"otpauth://totp/Bank:me?secret={SECRET}"
    shots = played(f"press\nprovision {uri}\n{block}wait 40\npress\nscreenshot a\n", notes)
    (note,) = notes
    assert note.startswith("line 3: ") and why in note
    assert shows(shots["a"].pixels, "Language")


def test_a_pin_is_set_and_entered_with_the_order_enter():
    story = ADD + SYNC + "pin set\n  wait 9\n  enter 271828\n  wait 1\n  enter 271828\n"
    story += (
        "lock\nat 12:02:02\npress\nscreenshot locked\nenter 271828\nat 12:02:23\nscreenshot open\n"
    )
    shots = played(story)
    inverted = [bytes(1 - each for each in row) for row in shots["locked"].pixels]
    assert shows(inverted, "Unlock")
    assert code(shots["open"]) == pyotp.TOTP(SECRET).at(NOON + 143)


def test_supply_battery_and_clock():
    story = ADD + SYNC + "power off\nscreenshot off\nwait 60\npower on\nwait 1\npress\n"
    story += "screenshot on\nclock -90000\nwait 2\nscreenshot back\n"
    story += "battery out\npower on\nwait 2\npress\nscreenshot stopped\n"
    shots = played(story)
    assert shots["off"].brightness == 0
    assert len(code(shots["on"])) == 6
    for name in ("back", "stopped"):
        assert shows(shots[name].pixels, "Time unknown")


def test_the_second_button_goes_back():
    second = ADD.replace("Bank", "Shop")
    story = ADD + second + SYNC + "at 12:01:31\npress\nscreenshot a\npress\nscreenshot b\n"
    shots = played(story + "second-press\nscreenshot c\n")
    names = [
        next(name for name in ("Bank", "Shop") if shows(shots[each].pixels, name)) for each in "abc"
    ]
    assert names[0] == names[2] != names[1]


def test_the_same_script_gives_the_same_pictures():
    story = (
        ADD + SYNC + "press 2\nscreenshot a\npin set\n  enter 2718\n  screenshot b\nscreenshot c\n"
    )
    first, second = played(story), played(story)
    assert first == second and len(first) == 3


def test_another_panel():
    assert len(played("press\nscreenshot a\n", panel="ssd1306-32")["a"].pixels) == 32


@pytest.mark.parametrize(
    ("story", "line", "why"),
    [
        (ADD + ADD, 5, "already"),
        ("wait 10\nat 12:00:06\n", 3, "passed"),
        ("power off\npress\n", 3, "off"),
        ("power off\nsync\n", 3, "off"),
        ("sync\n  at 11:00:00\n", 3, "passed"),
    ],
)
def test_what_cannot_be_carried_out_is_said_with_its_line(story, line, why):
    with pytest.raises(PlayFailed) as failed:
        played(story)
    assert str(failed.value).startswith(f"line {line}: ") and why in str(failed.value)


# --- the command ------------------------------------------------------------------------


def run(capfd, *arguments: object) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["play", *map(str, arguments)])
    out, err = capfd.readouterr()
    return ended.value.code, out, err


def test_pictures_go_to_a_folder(tmp_path, capfd):
    script, out = tmp_path / "s.txt", tmp_path / "a" / "b"
    script.write_text("press\nscreenshot one\nwait 40\nscreenshot two\n")
    assert run(capfd, script, "--out", out) == (0, f"{out}/one.png\n{out}/two.png\n", "")
    first = [(out / f"{name}.png").read_bytes() for name in ("one", "two")]
    assert run(capfd, script, "--out", out)[0] == 0
    assert first == [(out / f"{name}.png").read_bytes() for name in ("one", "two")]
    assert run(capfd, script, "--out", out, "--scale", "1")[0] == 0
    with Image.open(out / "one.png") as picture:
        assert picture.size == (128, 64)


def test_without_a_folder_they_are_printed(tmp_path, capfd):
    script = tmp_path / "s.txt"
    script.write_text("press\nscreenshot one\n")
    code, out, err = run(capfd, script, "--panel", "ssd1306-32")
    assert (code, err) == (0, "")
    assert out.startswith("one\n┌") and len(out.splitlines()) == 1 + 18


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("press\nfoo\n", 2, "line 2: there is no command foo"),
        ("screenshot a\npower off\npress\n", 1, "line 3: the token is off."),
        ("\0\xff".encode("latin1"), 2, "it is not text."),
    ],
)
def test_a_script_that_fails_writes_nothing(tmp_path, capfd, text, code, words):
    script, out = tmp_path / "s.txt", tmp_path / "out"
    script.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = run(capfd, script, "--out", out)
    assert result[:2] == (code, "") and not out.exists()
    assert words in result[2] and result[2].startswith(f"Error: {script}")
    assert result[2].count("\n") == 1


def test_two_pictures_of_one_name_are_refused(tmp_path, capfd):
    for name in "ab":
        (tmp_path / name).write_text("screenshot one\n")
    code, out, err = run(capfd, tmp_path / "a", tmp_path / "b")
    assert (code, out) == (2, "") and "both have a screenshot called one" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "SCRIPT"), (["/nowhere"], "does not exist"), ([__file__, "--scale", "2"], "--out")],
)
def test_a_wrong_command_line(capfd, arguments, words):
    code, out, err = run(capfd, *arguments)
    assert (code, out) == (2, "") and words in err


# --- the pictures of the documentation ----------------------------------------------------


def dots(image: Image.Image, width: int, height: int) -> list[bytes]:
    """Return how light each display pixel of a picture is, in the middle of its dot."""
    edge, scale = photograph.GLASS + photograph.BEZEL, USUAL
    assert image.size == ((width + 2 * edge) * scale, (height + 2 * edge) * scale)
    grey = image.convert("L").tobytes()
    begin = edge * scale * (image.width + 1) + image.width + 1
    rows = range(begin, begin + height * scale * image.width, scale * image.width)
    return [grey[row : row + width * scale : scale] for row in rows]


def committed(name: str) -> Image.Image:
    path = SCREENS / name
    assert path.exists(), f"{name} is missing: make pictures"
    with Image.open(path) as image:
        image.load()
        return image


def differ(one: list[bytes], other: list[bytes]) -> bool:
    """Tell whether two pictures of dots are others to an eye: a glow may differ a little."""
    pairs = zip(b"".join(one), b"".join(other), strict=True)
    return any(abs(a - b) > 24 for a, b in pairs)


@pytest.mark.usefixtures("hashes_of_a_chip")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_committed_pictures_are_what_the_screens_show(script):
    notes: list[str] = []
    shots = play(parse(script.read_text(encoding="utf-8")), on_note=notes.append)
    assert not notes
    for shot in shots:
        assert any(map(any, shot.pixels)), f"{shot.name} is dark: the script waits too long"
        name = f"{shot.name}.png"
        size = len(shot.pixels[0]), len(shot.pixels)
        now = photograph.taken(shot.pixels, brightness=shot.brightness)
        if differ(dots(committed(name), *size), dots(now, *size)):
            pytest.fail(f"{name} is not what the screen shows now; if it should: make pictures")


def test_every_committed_picture_has_a_script():
    made = {
        f"{name}.png"
        for script in SCRIPTS
        for name in parse(script.read_text(encoding="utf-8")).screenshots()
    }
    assert {path.name for path in SCREENS.glob("*.png")} == made and len(made) > 20


def test_one_pixel_more_is_a_difference():
    pixels = [bytearray(128) for _ in range(64)]
    before = dots(photograph.taken(pixels), 128, 64)
    pixels[10][10] = 1
    after = dots(photograph.taken(pixels), 128, 64)
    assert differ(before, after) and not differ(before, before)
