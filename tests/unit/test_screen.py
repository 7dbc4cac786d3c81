"""Looking at the screen where there is no X server: several monitors, Wayland, nothing."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from support import enrolled
from unit.test_sources import OTHER, URI, page

from tokenctl.capture import desktop, screen
from tokenctl.capture.screen import View
from tokenctl.errors import NoDisplay, NoQRCode
from tokenctl.pictures import Reader

GRIM = """#!/bin/sh
[ "$*" = "-t ppm -" ] || exit 3
exec cat "$0.ppm"
"""


def blank() -> bytes:
    file = io.BytesIO()
    Image.new("L", (640, 480), 200).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def monitors(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the monitors show, by their names."""
    shown: dict[str, bytes] = {}

    @contextmanager
    def views() -> Iterator[list[View]]:
        yield [View(name, lambda data=data: data) for name, data in shown.items()]

    monkeypatch.setattr(screen, "views", views)
    return shown


def test_every_monitor_is_looked_at_and_a_code_on_two_is_one(monitors: dict[str, bytes]) -> None:
    monitors |= {"800x400": page(URI), "640x480": blank(), "1600x400": page(OTHER, URI)}
    said: list[str] = []
    with Reader() as reader:
        sheets = desktop.from_screen(reader, said.append)
    assert [each.account.name for each in enrolled.from_sheets(sheets)] == ["alice", "bob"]
    (sentence,) = said
    assert "3 monitors (800x400, 640x480, 1600x400)" in sentence
    assert [
        each.account.name for each in enrolled.from_sheets(sheets, issuer="Bank", account="me")
    ] == ["me", "me"]


def test_a_screen_without_a_code(monitors: dict[str, bytes]) -> None:
    monitors["640x480"] = blank()
    with Reader() as reader, pytest.raises(NoQRCode, match="bring its page to the front"):
        desktop.from_screen(reader, lambda _: None)


# --- Wayland ------------------------------------------------------------------------

linux = pytest.mark.skipif(not os.path.exists("/proc"), reason="Linux has Wayland")


@linux
@pytest.mark.parametrize("name", ["WAYLAND_DISPLAY", "XDG_SESSION_TYPE"])
def test_wayland_without_grim(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DISPLAY is set there, too: for X11's programs, and without the others' windows."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(NoDisplay, match="Wayland.*provision --clipboard"),
        screen.views({name: "wayland", "DISPLAY": ":0"}),
    ):
        pass


@linux
def test_wayland_through_grim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for grim prints a picture in PPM, as grim's manual says of `-t ppm -`."""
    grim = tmp_path / "grim"
    grim.write_text(GRIM)
    grim.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-1")
    with screen.views({"WAYLAND_DISPLAY": "wayland-1"}) as views:
        (view,) = views
        with pytest.raises(NoDisplay, match="does not let grim.*--clipboard"):
            view.grab()  # it fails, as where the compositor knows no wlr-screencopy
        Image.open(io.BytesIO(page(URI))).convert("RGB").save(tmp_path / "grim.ppm")
        with Reader() as reader:
            assert reader.read(view.grab()).texts == [URI]


@linux
@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, "DISPLAY is not set"), ({"DISPLAY": ":9999"}, "does not answer")],
)
def test_no_screen(
    environment: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NoDisplay, match=f"{words}.*as a file"), screen.views(environment):
        pass
