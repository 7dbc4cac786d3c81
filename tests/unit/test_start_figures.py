"""What a start reads until its first picture is what is written down, and no more."""

import sys
from pathlib import Path

import pytest
from support.hash_time import chip_hashes

sys.path.append(str(Path(__file__).parents[2]))  # bench/ is not installed

from bench import figures, start  # noqa: E402

__all__ = ["chip_hashes"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured():
    return start.written()


def test_a_start_reads_no_more_than_is_written_down(measured):
    kept = figures.read()
    assert set(measured) <= set(kept)
    assert figures.grown(measured, kept) == []


def test_a_start_reads_a_tenth_of_what_it_did(measured):
    """The aim of issue 13, for a token with ten accounts: 54,380 reads were 3 MB."""
    assert 0 < measured["start: flash reads to the first picture"] < 0.1 * 54_380
    assert measured["wake: flash reads to the picture"] < 0.1 * 54_380


def test_what_is_loaded_is_read(measured):
    """The release at rest is some 60 KB, which are read to be checked and again to be loaded."""
    assert measured["wake: bytes of them"] > 2 * 50_000
    assert measured["wake: flash reads to the picture"] > measured["wake: bytes of them"] / 512


def test_growth_is_said():
    kept = {"reads": 1000.0, "bytes": 5.0}
    assert figures.grown({"reads": 1004.0, "bytes": 4.0}, kept) == []
    (line,) = figures.grown({"reads": 1006.0, "bytes": 5.0}, kept)
    assert line.startswith("reads: 1,006.0 after 1,000.0")
    assert figures.grown({"new": 1.0}, kept)
