"""Hostile input: how many frames, pictures and texts are tried, and how time grows with a text.

`make torture` tries many more; these show that the figures are of this version. A frame or
picture that is not handled as it should be would end the run.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure, ratio

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from attacks import frames, mutations, texts  # noqa: E402

_GROUP = "Hostile tokens, files and computers"
_FRAMES, _FRAMES_WHOLE, _PICTURES, _TEXTS = 20_000, 300, 100, 5_000
_ROUNDS = 9
TIMES = 8
_LABEL, _LIST = 8 * 1024, 1024 * 1024 - 200  # characters: the longest that are accepted


def figures() -> Iterator[Figure]:
    """Try them all."""
    for name, ends in (
        ("frames tried in process, on the core", frames.read_frames(_FRAMES, 1)),
        ("frames tried in process, on tokenctl", frames.answer_with_frames(_FRAMES, 1)),
        ("frames tried on a whole token", frames.send_frames(_FRAMES_WHOLE, 1)),
        ("pictures tried, mutated", mutations.read_mutated_pictures(_PICTURES, 1)),
        ("texts tried, mutated", mutations.read_mutated_texts(_TEXTS, 1)),
    ):
        yield Figure(_GROUP, name, sum(ends.values()), "")
    for name, case, size in (
        ("longest label, against an eighth of it", "label, one word", _LABEL),
        ("longest list, against an eighth of it", "list", _LIST),
    ):
        yield growth(name, case, size)


def growth(name: str, case: str, size: int) -> Figure:
    """Return how much longer a text takes than an eighth of it: 8 if time is linear."""
    parser, made = texts.WORST[case]
    long, short = made(size), made(size // TIMES)
    pairs = [
        (texts.duration(parser, long, 1), texts.duration(parser, short, 1)) for _ in range(_ROUNDS)
    ]
    return ratio(_GROUP, name, *zip(*pairs, strict=True), at_most=2 * TIMES)
