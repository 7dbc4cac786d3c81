"""The releases that the tests keep are those of the sources as they are."""

import ast
import os
import shutil
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import kept_release

from tokenctl.payload import firmware_folder
from tokenctl.release import build as module
from tokenctl.release.build import Release
from tokenctl.release.written import Main, Written
from tokensim.port import compiled

SAMPLE = Release({"main.py": b"x"}, {}, {}, {}, {}, {})
WRITTEN = Written({"0": "x"}, {}, {}, {}, [], {}, Main(ast.parse("x"), b"", b"", {}))


@pytest.fixture
def builds(tmp_path: Path):
    """Return what makes what builds, a firmware for it, and the list of what was built."""
    firmware, kept, asked = tmp_path / "firmware", tmp_path / "kept", []
    firmware.mkdir()
    kept.mkdir()
    (firmware / "main.py").write_text("1")

    def build(folder: Path, arch: str, instead: Mapping[str, bytes], development: bool) -> Release:
        asked.append((folder.name, arch))
        time.sleep(0.01)  # so that others come while it builds
        return SAMPLE

    return lambda: kept_release.keeping(build, kept), firmware, asked


def test_it_is_built_once_for_each_architecture_whoever_asks(builds):
    new, firmware, asked = builds
    first, second = new(), new()
    for build in (first, second, first):
        assert build(firmware, "x64") == SAMPLE
        assert build(firmware, "xtensawin") == SAMPLE
    assert asked == [("firmware", "x64"), ("firmware", "xtensawin")]


def test_what_is_the_same_for_each_chip_is_written_once_for_each_kind(builds, tmp_path):
    _, firmware, _ = builds
    asked = []

    def write(folder: Path, instead: Mapping[str, bytes], development: bool) -> Written:
        asked.append(development)
        return WRITTEN

    one, other = (kept_release.keeping_written(write, tmp_path / "kept") for _ in range(2))
    for kept in (one, one, other):
        for development in (False, True):
            assert kept(firmware, {}, development)[:-1] == WRITTEN[:-1]
    assert asked == [False, True]
    other(firmware, {"main.py": b"3"}, False)
    assert len(asked) == 3


@pytest.mark.slow
def test_a_release_of_what_was_kept_is_the_one_that_is_built_at_once(tmp_path):
    """The shipped firmware's; for a second chip, too: in main.py is the identity of an archive."""
    write = kept_release.keeping_written(module.write, tmp_path)
    arguments = firmware_folder(), compiled.replacements(firmware_folder()), False
    write(*arguments)
    written = write(*arguments)
    module._compiled(written, "xtensawin")
    assert module._compiled(written, compiled.ARCH) == kept_release.as_simulated(firmware_folder())


def test_a_changed_source_is_built_anew(builds):
    new, firmware, asked = builds
    build = new()
    build(firmware, "x64")
    (firmware / "main.py").write_text("2")
    build(firmware, "x64")
    new()(firmware, "x64")
    build(firmware, "x64", {"main.py": b"3"})
    assert len(asked) == 3


def test_another_folder_is_built_where_its_sources_differ(builds, tmp_path):
    new, firmware, asked = builds
    same, other = tmp_path / "same", tmp_path / "other"
    for folder in (same, other):
        shutil.copytree(firmware, folder)
    (other / "more.py").write_text("")
    (same / "board.json").write_text("{}")  # which no release has in it
    for folder in (firmware, same, other, other):
        new()(folder, "x64")
    assert asked == [("firmware", "x64"), ("other", "x64")]


def test_who_wants_one_that_another_is_building_waits_for_it(builds):
    new, firmware, asked = builds
    workers = 4
    every = threading.Barrier(workers)  # as they are on a cold cache

    def work(_):
        build = new()
        every.wait(100)
        return build(firmware, "x64")

    with ThreadPoolExecutor(workers) as pool:
        assert list(pool.map(work, range(workers))) == [SAMPLE] * workers
    assert asked == [("firmware", "x64")]


def test_the_ones_that_nobody_wants_go(builds, tmp_path, monkeypatch):
    new, firmware, asked = builds
    monkeypatch.setattr(kept_release, "KEPT", 2)
    for day, arch in enumerate(("x64", "rv32imc", "xtensawin")):
        new()(firmware, arch)
        (kept,) = (tmp_path / "kept").glob(f"{arch}-*")
        os.utime(kept, (day, day))
    new()(firmware, "rv32imc")
    new()(firmware, "x64")
    assert [arch for _, arch in asked] == ["x64", "rv32imc", "xtensawin", "x64"]


def test_workers_that_delete_what_others_want_are_not_in_their_way(builds, monkeypatch):
    """As on a cold cache that is full of those of other days."""
    new, firmware, _ = builds
    monkeypatch.setattr(kept_release, "KEPT", 1)
    architectures = [f"arch{number}" for number in range(8)]

    def work(arch: str) -> list[Release]:
        return [new()(firmware, arch) for _ in range(20)]

    with ThreadPoolExecutor(len(architectures)) as pool:
        for made in pool.map(work, architectures):
            assert made == [SAMPLE] * 20


def test_who_changes_the_files_changes_only_their_own(builds):
    new, firmware, _ = builds
    build = new()
    build(firmware, "x64").files["main.py"] = b"changed"
    assert build(firmware, "x64") == SAMPLE
