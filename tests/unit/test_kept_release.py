"""The release that the tests keep is that of the firmware as it is, and of no other folder."""

import shutil
from pathlib import Path

import pytest
from support import kept_release

from tokenctl.release.build import Release

SAMPLE = Release({"main.py": b"x"}, {}, {}, {}, {}, {})


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what builds, our own firmware for it, and the list of what was built."""
    firmware, kept, asked = tmp_path / "firmware", tmp_path / "kept", []
    firmware.mkdir()
    kept.mkdir()
    (firmware / "main.py").write_text("1")
    monkeypatch.setattr(kept_release, "firmware_folder", lambda: firmware)

    def build(folder: Path, arch: str) -> Release:
        asked.append((folder.name, arch))
        return SAMPLE

    return lambda: kept_release.keeping(build, kept), firmware, asked


def test_it_is_built_once_for_each_architecture_whoever_asks(builds):
    new, firmware, asked = builds
    first, second = new(), new()
    for build in (first, second, first):
        assert build(firmware, "x64") == SAMPLE
        assert build(firmware, "xtensawin") == SAMPLE
    assert asked == [("firmware", "x64"), ("firmware", "xtensawin")]


def test_a_changed_source_is_built_anew(builds):
    new, firmware, asked = builds
    build = new()
    build(firmware, "x64")
    (firmware / "main.py").write_text("2")
    build(firmware, "x64")
    new()(firmware, "x64")
    assert len(asked) == 2


def test_another_folder_is_always_built(builds, tmp_path):
    new, firmware, asked = builds
    other = tmp_path / "other"
    shutil.copytree(firmware, other)
    for _ in range(2):
        new()(other, "x64")
    assert asked == [("other", "x64")] * 2


def test_who_changes_the_files_changes_only_their_own(builds):
    new, firmware, _ = builds
    build = new()
    build(firmware, "x64").files["main.py"] = b"changed"
    assert build(firmware, "x64") == SAMPLE
