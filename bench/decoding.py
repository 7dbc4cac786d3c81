"""How many codes in difficult pictures are found, and what finding them costs.

Compared are tokenctl, which uses zxing-cpp and tries further images if that finds
nothing, and plain programs with zxing-cpp alone and with other decoders. The pictures
are generated (see difficult.py): the public sets of zxing and jsQR are not in the
project.
"""

import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from bench import difficult
from bench.decoders import ZXING, Decoder, available
from bench.figure import Figure, ratio, share
from tokenctl.errors import NoQRCode
from tokenctl.pictures.decoder import decode
from tokenctl.pictures.pages import pages

_GROUP = "Difficult pictures (made here, {} of each of {} classes)"
_DARK = "Codes without a quiet zone on a dark page"
_OURS = "ours"
_AIM = 96  # per cent
_ROUNDS = 5


def figures(count: int = 4) -> Iterator[Figure]:
    """Measure `count` pictures of each class, and a 4K page without a code."""
    plain = available(lambda why: print(why, file=sys.stderr))
    readers = {_OURS: _ours} | {name: _alone(decoder) for name, decoder in plain.items()}
    samples = list(difficult.samples(count))
    group = _GROUP.format(count, len(difficult.CLASSES))
    found: dict[str, Counter[str]] = {name: Counter() for name in readers}
    times: dict[str, list[float]] = defaultdict(list)
    wrong = 0
    for sample in samples:
        for name, read in readers.items():
            texts, seconds = _timed(read, sample.data)
            times[name].append(seconds)
            found[name][sample.kind] += texts == sample.texts
            if name == _OURS:
                wrong += len(texts - sample.texts)
    yield share(group, "all codes found", found[_OURS].total(), len(samples), _AIM)
    yield Figure(group, "texts that are in no code", wrong, "", at_most=0)
    for kind in difficult.CLASSES:
        ours, alone = found[_OURS][kind], found[ZXING][kind]
        if min(ours, alone) < count:
            name = f"{kind} (alone: {100 * alone / count:.0f} %)"
            yield share(group, name, ours, count)
    own_median = statistics.median(times[_OURS])
    for name in plain:
        median = statistics.median(times[name])
        yield share(group, f"{name} alone", found[name].total(), len(samples))
        yield Figure(group, f"median time, ours / {name}", own_median / median, "x")
    yield from _empty_page(group, readers[ZXING])


def dark_pages(count: int = 12) -> Iterator[Figure]:
    """Measure the codes without a quiet zone on a dark page, by the distance of its text."""
    alone = _alone(available(lambda why: None)[ZXING])
    for kind in difficult.DARK:
        tried = list(difficult.samples(count, (kind,)))
        ours = sum(_ours(each.data) == each.texts for each in tried)
        plain = sum(alone(each.data) == each.texts for each in tried)
        yield share(_DARK, f"{kind} (alone: {100 * plain / count:.0f} %)", ours, count, 100)


def _empty_page(group: str, alone: Callable[[bytes], frozenset[str]]) -> Iterator[Figure]:
    page = difficult.page_without_code()
    looked, glanced = [], []
    for _ in range(_ROUNDS):
        looked.append(_timed(_ours, page)[1])
        glanced.append(_timed(alone, page)[1])
    yield ratio(group, "4K page without a code / zxing-cpp alone", looked, glanced)
    yield Figure(group, "4K page without a code", statistics.median(looked), "s", at_most=2)


def _ours(data: bytes) -> frozenset[str]:
    try:
        return frozenset(decode(data).texts)
    except NoQRCode:
        return frozenset()


def _alone(decoder: Decoder) -> Callable[[bytes], frozenset[str]]:
    """Return a function that loads a file as tokenctl does, and calls a decoder once."""
    return lambda data: decoder(next(next(pages(data))))


def _timed(read: Callable[[bytes], frozenset[str]], data: bytes) -> tuple[frozenset[str], float]:
    start = time.process_time()
    texts = read(data)
    return texts, time.process_time() - start
