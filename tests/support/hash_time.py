"""How fast simulated chips hash.

What is derived from a PIN takes two seconds on any board, and on a slower chip fewer iterations:
that is what most tests have, which are about other things than those iterations.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tokensim.board.board import Board

CHIP, SLOW = 1, 8  # times as long as on an ESP32


@contextmanager
def hash_time(times: int) -> Iterator[None]:
    """Have the boards that are made meanwhile take `times` as long as an ESP32 for a hash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Board, "hash_time", times)
        yield


@pytest.fixture(scope="module", autouse=True)
def chip_hashes() -> Iterator[None]:
    """Have the simulated chips of a module that imports this hash as fast as an ESP32."""
    with hash_time(CHIP):
        yield
