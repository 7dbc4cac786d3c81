"""Finds the parts of a new file that an old one has, by the hashes of its blocks, like rsync."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator

BLOCK = 128  # bytes
HASH = 6  # bytes of a block's SHA-256; these suffice, since the whole result is compared, too

Step = tuple[int, int] | bytes  # offset and length in the old file, or new data


def hashes(old: bytes) -> list[bytes]:
    """Return the hash of each whole block of a file, as the board computes them."""
    starts = range(0, len(old) - BLOCK + 1, BLOCK)
    return [_hash(old[start : start + BLOCK]) for start in starts]


def steps(old: list[bytes], new: bytes) -> Iterator[Step]:
    """Yield the steps that make the new file from an old one with these hashes."""
    places: dict[bytes, list[int]] = defaultdict(list)
    for number, each in enumerate(old):
        places[each].append(number * BLOCK)
    start = length = 0  # of the part of the old file that is not yielded yet
    at = fresh = 0  # how far the new file was searched, and the start of new data
    while at + BLOCK <= len(new):
        found = places.get(_hash(new[at : at + BLOCK]))
        if found is None:
            at += 1
            continue
        goes_on = length and fresh == at and start + length in found
        if not goes_on:
            if length:
                yield start, length
            if fresh < at:
                yield new[fresh:at]
            start, length = found[0], 0
        length += BLOCK
        at = fresh = at + BLOCK
    if length:
        yield start, length
    if fresh < len(new):
        yield new[fresh:]


def _hash(block: bytes) -> bytes:
    return hashlib.sha256(block).digest()[:HASH]
