"""What make deploy sends of a file that lies on the board already."""

import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))  # tools/ is not installed

from tools import difference  # noqa: E402

BLOCK = difference.BLOCK
OLD = random.Random(1).randbytes(40 * BLOCK + 17)
HASHES = difference.hashes(OLD)


def made(steps: list[difference.Step], old: bytes = OLD) -> bytes:
    return b"".join(
        each if isinstance(each, bytes) else old[each[0] : each[0] + each[1]] for each in steps
    )


@pytest.mark.parametrize(
    ("new", "most"),
    [
        (OLD, 17),
        (b"", 0),
        (OLD[:5], 5),
        (OLD[: 3 * BLOCK], 0),
        (b"new" + OLD, 3 + 17),
        (OLD[:1000] + b"!" + OLD[1000:], 1 + BLOCK + 17),
        (OLD[:1000] + b"!" + OLD[1001:], BLOCK + 17),
        (OLD[2000:] + OLD[:2000], 3 * BLOCK),
        (OLD[:BLOCK] * 5, 0),
        (bytes(3000), 3000),
    ],
    ids=lambda each: str(each)[:12],
)
def test_what_is_made_is_the_new_file_and_little_of_it_is_sent(new, most):
    steps = list(difference.steps(HASHES, new))
    assert made(steps) == new
    assert sum(len(each) for each in steps if isinstance(each, bytes)) <= most


def test_what_lies_on_is_taken_in_one_piece():
    assert list(difference.steps(HASHES, OLD)) == [(0, 40 * BLOCK), OLD[-17:]]
    same = bytes(8 * BLOCK)
    assert list(difference.steps(difference.hashes(same), same)) == [(0, 8 * BLOCK)]


def test_of_nothing_all_is_new():
    assert list(difference.steps([], OLD)) == [OLD]
