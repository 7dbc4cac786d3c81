"""A camera, and what it sees. OpenCV is a stand-in with as much of its interface as is used."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from rich.console import Console
from unit.exports import export
from unit.test_migration import ALICE, BOB
from unit.test_sources import OTHER, URI, page

from tokenctl.capture import camera
from tokenctl.capture.camera import Camera, Frame
from tokenctl.capture.camera_scan import PATIENCE, BackgroundDecoder, SeenCodes, scan
from tokenctl.cli import main
from tokenctl.cli.preview import preview, scaled
from tokenctl.errors import BadEnrolment, NoCamera, NoQRCode, NotAnEnrolment
from tokenctl.pictures import Reader

pytestmark = pytest.mark.slow

FIRST, SECOND = (
    export(account, batch_size=2, batch_index=index, batch_id=-77)
    for index, account in enumerate((ALICE, BOB))
)
MICROSOFT = "phonefactor://activate_account?code=123&url=x"
NAMELESS = "otpauth://totp/?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BAD = "otpauth://totp/Example:a?secret=JBSWY3DPEHPK3PXP1"


class Picture:
    """As much of a numpy array as is used: in colour, or grey."""

    def __init__(self, image: Image.Image, colour: bool = True) -> None:
        self.image = image.convert("L")
        size = (image.height, image.width)
        self.shape = (*size, 3) if colour else size

    def tobytes(self) -> bytes:
        assert len(self.shape) == 2, "it was not made grey"
        return self.image.tobytes()


class Capture:
    """A cv2.VideoCapture that gives these pictures, the last one for ever; None is a failure."""

    def __init__(self, pictures: list[Picture | None]) -> None:
        self.pictures = pictures
        self.released = False
        self.asked: dict[int, int] = {}

    def isOpened(self) -> bool:  # noqa: N802
        return bool(self.pictures)

    def set(self, what: int, value: int) -> None:
        self.asked[what] = value

    def read(self) -> tuple[bool, Picture | None]:
        picture = self.pictures[0]
        if len(self.pictures) > 1:
            del self.pictures[0]
        return picture is not None, picture

    def release(self) -> None:
        self.released = True


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Capture]:
    """Return what plugs a camera in that gives some pictures."""

    def plug(*pictures: Picture | None) -> Capture:
        capture = Capture(list(pictures))
        numbers = ("COLOR_BGR2GRAY", "CAP_PROP_FRAME_WIDTH", "CAP_PROP_FRAME_HEIGHT")
        stand_in = SimpleNamespace(
            VideoCapture=lambda number: capture,
            cvtColor=lambda picture, how: Picture(picture.image, colour=False),
            CAP_PROP_BUFFERSIZE=38,
            **{name: place for place, name in enumerate(numbers)},
        )
        monkeypatch.setitem(sys.modules, "cv2", stand_in)
        return capture

    return plug


def photograph(code: str, size: tuple[int, int] = (640, 480)) -> Picture:
    """Return a QR code in the middle of something grey."""
    image = Image.new("L", size, 90)
    shown = Image.open(io.BytesIO(page(code)))
    image.paste(shown, ((size[0] - shown.width) // 2, (size[1] - shown.height) // 2))
    return Picture(image)


WALL = Picture(Image.new("L", (640, 480), 120))


# --- what was seen ------------------------------------------------------------------------


class Decoder:
    """Reads each frame at once: `codes` for one after the other, then none."""

    def __init__(self, *codes: list[str]) -> None:
        self._codes = iter(codes)

    def exchange(self, frame: Frame) -> list[str]:
        return next(self._codes, [])


class Clock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def watched(plug: Callable[..., Capture], *codes: list[str]) -> tuple[list[str], list[str]]:
    """Return what `scan` returns, and what it told."""
    plug(WALL)
    with camera.opened(0) as eye:
        told: list[str] = []
        found = scan(eye, Decoder(*codes), told.append, clock=Clock())
    return found, told


def test_the_first_frame_with_an_enrolment_ends_it(plug) -> None:
    found, told = watched(plug, [], [], [URI, OTHER], [NAMELESS])
    assert (found, told) == ([URI, OTHER], [])


def test_one_without_a_name_is_one(plug) -> None:
    assert watched(plug, [NAMELESS])[0] == [NAMELESS]


def test_what_is_none_is_said_once_and_passed_over(plug) -> None:
    found, (told,) = watched(plug, [MICROSOFT], [], [MICROSOFT], [MICROSOFT, URI])
    assert found == [URI]
    assert "different authenticator app" in told and "123" not in told


def test_an_export_is_watched_until_all_of_it_is_there(plug) -> None:
    found, (told,) = watched(plug, [SECOND], [SECOND], [], [FIRST])
    assert found == [SECOND, FIRST]
    assert "2 codes" in told and "code 1 is missing" in told and "--incomplete" not in told


def test_of_an_export_what_is_there_when_nothing_new_comes(plug) -> None:
    assert watched(plug, [SECOND])[0] == [SECOND]


def test_nothing_in_a_minute(plug) -> None:
    with pytest.raises(NoQRCode, match="found no setup code in 60 seconds"):
        watched(plug)
    nothing = [[]] * int(PATIENCE - 10)
    assert watched(plug, *nothing, [MICROSOFT], *nothing, [URI])[0] == [URI], "it began anew"


def test_what_was_wrong_with_the_last_code_is_why(plug) -> None:
    with pytest.raises(NotAnEnrolment):
        watched(plug, [MICROSOFT])
    with pytest.raises(BadEnrolment) as raised:
        watched(plug, [BAD])
    assert "JBSW" not in str(raised.value)


def test_a_code_is_new_once() -> None:
    seen = SeenCodes(lambda text: None)
    assert [seen.take(codes) for codes in ([], [FIRST], [FIRST], [BAD], [BAD])] == [
        False, True, False, True, False,
    ]  # fmt: skip


# --- the camera ---------------------------------------------------------------------------


def test_frames_are_grey_pictures_in_memory(plug) -> None:
    capture = plug(None, photograph(URI), Picture(Image.new("L", (3, 2), 7), colour=False))
    with camera.opened(0) as eye:
        with Reader() as reader:
            assert reader.read(eye.frame().file()).texts == [URI]
        assert eye.frame() == Frame(3, 2, bytes([7] * 6))
        assert not capture.released
    assert capture.released and 1280 in capture.asked.values()


def test_a_camera_that_is_unplugged(plug) -> None:
    capture = plug(WALL, None)
    gone = pytest.raises(NoCamera, match="camera 0 no longer delivers pictures")
    with gone, camera.opened(0) as eye:
        while True:
            eye.frame()
    assert capture.released


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(NoCamera, match=r"pip install 'otptoken\[camera\]'"), camera.opened(0):
        pass


@pytest.mark.parametrize(
    ("files", "number", "words"),
    [
        ([], 0, "this computer has no camera; take a picture"),
        (["video2", "video-codec", "video0"], 1, "no camera 1; there is --camera 0, --camera 2"),
        (["video0"], 0, "video0 delivers no picture; close the program that is using it"),
        (["video0", "video1"], 0, "or use another one: --camera 1"),
    ],
)
def test_why_there_is_none_on_linux(plug, tmp_path, monkeypatch, files, number, words) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in files:
        (tmp_path / name).touch()
    plug()
    with pytest.raises(NoCamera, match=words), camera.opened(number, tmp_path):
        pass


def test_a_camera_that_one_may_not_use(plug, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (tmp_path / "video0").touch()
    plug()
    with pytest.raises(NoCamera, match="usermod -aG video"), camera.opened(0, tmp_path):
        pass


@pytest.mark.parametrize(
    ("system", "words"), [("darwin", "System Settings"), ("win32", "desktop apps")]
)
def test_where_the_system_asks(plug, monkeypatch, system, words) -> None:
    monkeypatch.setattr(sys, "platform", system)
    plug()
    with pytest.raises(NoCamera, match=words), camera.opened(0):
        pass


# --- all of it ----------------------------------------------------------------------------


def provisioned(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main.run(["provision", "--dry-run", "--json", "--camera", *arguments])
    out, err = capfd.readouterr()
    return code, str(out), str(err)


def test_from_the_camera_to_the_account(plug, capfd) -> None:
    capture = plug(WALL, WALL, photograph(URI, (1280, 720)))
    code, out, err = provisioned(capfd)
    assert code == 0, err
    assert [(each["issuer"], each["name"]) for each in json.loads(out)] == [("Example", "alice")]
    assert err.startswith("Looking for a QR code through camera 0") and "No picture is kept" in err
    assert capture.released


def test_its_names_may_be_given(plug, capfd) -> None:
    plug(photograph(NAMELESS))
    code, out, _ = provisioned(capfd, "7", "--issuer", "Example")
    assert code == 0 and json.loads(out)[0]["issuer"] == "Example"
    code, out, err = provisioned(capfd)
    assert (code, out) == (3, "") and "in front of the camera" in err.lower()


def test_no_camera_ends_with_18(capfd, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    code, out, err = provisioned(capfd)
    assert (code, out) == (18, "")
    assert json.loads(err)["error"].startswith("--camera needs OpenCV")


@pytest.mark.parametrize("number", ["code.png", "-1", "x", "9999"])
def test_what_is_no_number(number, capfd) -> None:
    code, _, err = provisioned(capfd, number)
    assert code == 2
    if number == "code.png":
        assert "put SOURCE before --camera" in err


def test_ctrl_c_ends_it_at_once(plug, capfd, monkeypatch) -> None:
    capture = plug(WALL)
    frames = iter(range(3))

    def interrupted(self: BackgroundDecoder, frame: Frame) -> list[str]:
        if next(frames, None) is None:
            raise KeyboardInterrupt
        return exchange(self, frame)

    exchange = BackgroundDecoder.exchange
    monkeypatch.setattr(BackgroundDecoder, "exchange", interrupted)
    assert provisioned(capfd)[:2] == (130, "")
    assert capture.released


@pytest.mark.long
def test_a_film_through_opencv_itself(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2", reason="the extra camera is not installed")
    numpy = pytest.importorskip("numpy")
    path = str(tmp_path / "film.avi")
    film = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 10, (640, 480))
    for picture in (WALL, photograph(URI)):
        film.write(numpy.asarray(picture.image.convert("RGB")))
    film.release()
    eye = Camera(cv2.VideoCapture(path), "a film")
    with Reader() as reader:
        with pytest.raises(NoQRCode):
            reader.read(eye.frame().file())
        assert reader.read(eye.frame().file()).texts == [URI]
    with pytest.raises(NoCamera, match="a film no longer delivers pictures"):
        eye.frame()


# --- the preview --------------------------------------------------------------------------


@pytest.fixture
def half() -> Frame:
    """Dark on the left, light on the right."""
    return Frame(64, 48, (b"\0" * 32 + b"\xff" * 32) * 48)


def test_it_is_a_looking_glass(half) -> None:
    rows = scaled(half, 40, 100)
    assert {len(row) for row in rows} == {40} and len(rows) == 30
    assert set(rows) == {b"\xff" * 20 + b"\0" * 20}
    assert len(scaled(half, 1000, 12)) == 24, "it fits the terminal's height"
    assert scaled(Frame(1, 1, b"x"), 40, 12) == [b"x", b"x"]


def drawn(frames: list[Frame], clock: Iterator[float], **options) -> str:
    screen = io.StringIO()
    console = Console(file=screen, width=40, height=20, **options)
    with preview(console, lambda: next(clock)) as show:
        for frame in frames:
            show(frame)
    return screen.getvalue()


def test_half_blocks_in_greys(half) -> None:
    shown = drawn([half], iter([0.0]), force_terminal=True, color_system="truecolor")
    assert "38;2;255;255;255;48;2;255;255;255m\u2580" in shown
    assert "38;2;0;0;0;48;2;0;0;0m\u2580" in shown


def test_characters_where_there_are_no_colours(half) -> None:
    shown = drawn([half], iter([0.0]), force_terminal=True, no_color=True, color_system=None)
    assert "@@@@@     " in shown


def test_no_more_than_ten_pictures_a_second(half) -> None:
    times = iter([0.0, 0.01, 0.05, 0.2])
    shown = drawn([half] * 4, times, force_terminal=True, color_system=None)
    one = drawn([half], iter([0.0]), force_terminal=True, color_system=None)
    assert one.count("@") % 2 == 0, "once more at the end"
    assert shown.count("@") == one.count("@") // 2 * 3


def test_no_preview_where_there_is_no_terminal(half) -> None:
    assert drawn([half], iter([0.0]), force_terminal=False) == ""
