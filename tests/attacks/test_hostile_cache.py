"""A cache folder that others may write, and images that somebody planted in it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.flashing import images
from support.flashing.imageserver import ImageServer

from tokenctl.errors import DownloadFailed
from tokenctl.flashing import file_ownership, image_cache, micropython_source, releases
from tokenctl.flashing.chips import CHIPS
from tokenctl.flashing.micropython_source import Choice, Obtained

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no such rights")

IMAGE = images.micropython("v1.27.0", filling=bytes(range(256)) * 100)
PLANTED = images.micropython("v1.27.0", filling=bytes(range(255, -1, -1)) * 100)
IMAGES_MD = {  # ../shared/images.md: bytes that were at hand, or a pointer with the hash
    ("ESP32_GENERIC", "v1.24.0"): "648e655fdaa8c31e",
    ("ESP32_GENERIC", "v1.26.1"): "6b5272b6edd15fc4",
    ("ESP32_GENERIC_S3", "v1.26.1"): "d6c48687f684cc7c",
    ("ESP32_GENERIC_S3", "v1.27.0"): "f533115edca66086",
    ("ESP32_GENERIC_C3", "v1.24.1"): "8e081c262c90b1f6",
}


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("TOKENCTL_CACHE", str(folder))
    return folder


@dataclass
class Obtaining:
    """Obtains the image of a manifest; `place` is where it is kept."""

    manifest: Path
    place: Path

    def __call__(self) -> Obtained:
        return micropython_source.obtain(CHIPS[0], Choice(None, self.manifest), lambda _: None)


@pytest.fixture
def obtain(tmp_path, cache):
    """Obtain the image of a manifest that has no pin for it."""
    with ImageServer(IMAGE) as server:
        entry = {
            "board": "ESP32_GENERIC",
            "version": "v1.27.0",
            "url": f"{server.url}/v1.27.0.bin",
            "offset": 0x1000,
            "size": None,
            "sha256": None,
        }
        manifest = tmp_path / "releases.json"
        manifest.write_text(json.dumps([entry]))
        yield Obtaining(manifest, image_cache.place(releases.Release(**entry)))


@pytest.mark.parametrize(
    "mode, why", [(0o777, "everyone"), (0o1777, "everyone"), (0o770, "group"), (0o720, "group")]
)
def test_a_folder_that_others_may_write_is_refused(obtain, cache, mode, why):
    cache.mkdir()
    obtain.place.write_bytes(PLANTED)
    cache.chmod(mode)
    with pytest.raises(DownloadFailed, match=why) as error:
        obtain()
    assert str(cache) in error.value.sentence and "TOKENCTL_CACHE" in error.value.sentence
    assert "chmod go-w" in error.value.sentence
    cache.chmod(0o755)
    assert obtain().source == "cache", "now nobody else can have put it there"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(obtain, cache):
    cache.mkdir(mode=0o700)
    os.chown(cache, 65534, -1)
    with pytest.raises(DownloadFailed, match="belongs to another user"):
        obtain()


@pytest.mark.skipif(os.geteuid() == 0, reason="root's own folder is what it is for others")
def test_root_s_folder_will_do(monkeypatch):
    file_ownership.require_own(Path("/"), "X")


@pytest.mark.parametrize("mode", [0o666, 0o622, 0o660])
def test_a_planted_file_is_not_taken_from_a_folder_that_was_open_once(obtain, cache, mode):
    cache.mkdir()
    obtain.place.write_bytes(PLANTED)
    obtain.place.chmod(mode)
    obtained = obtain()
    assert obtained.source == "download"
    assert obtain.place.read_bytes() == IMAGE


def test_a_planted_half_of_a_download_is_not_gone_on_with(obtain, cache):
    obtain()
    part = obtain.place.with_name(obtain.place.name + ".part")
    obtain.place.unlink()
    part.write_bytes(PLANTED)
    part.chmod(0o666)
    note = {"url": "x", "validator": '"etag"', "total": len(PLANTED)}
    part.with_name(part.name + ".json").write_text(json.dumps(note))
    assert obtain().source == "download"
    assert obtain.place.read_bytes() == IMAGE


def test_who_vouches_for_what_was_kept(obtain):
    """Nobody: it is whole by its own hash, which whoever planted it would have made, too."""
    assert obtain().describe()["vouched"] == "nobody"  # plain http from this computer
    obtained = obtain()
    assert (obtained.source, obtained.vouched) == ("cache", "nobody")


def test_a_folder_that_we_make_is_ours_alone(obtain, cache):
    mask = os.umask(0)
    try:
        obtain()
        assert obtain().source == "cache", "and so is the file"
    finally:
        os.umask(mask)
    assert cache.stat().st_mode & 0o077 == 0
    assert obtain.place.stat().st_mode & 0o022 == 0


def test_what_is_known_of_images_is_pinned():
    pins = {(each.board, each.version): each.sha256 for each in releases.releases()}
    for image, digest in IMAGES_MD.items():
        assert (pins[image] or "").startswith(digest), image
    preferred = [releases.find(chip, releases.releases()) for chip in CHIPS]
    assert [each.board for each in preferred if not each.sha256] == ["ESP32_GENERIC_S2"]
