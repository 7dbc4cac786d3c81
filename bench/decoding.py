"""How many codes of the difficult pictures are found, and what the looking costs.

zxing-cpp alone, at a page as it is, stands for what a plain program does; ours is
zxing-cpp with the looks that follow where it sees nothing. The pictures are made
here (see difficult): the public sets of zxing and jsQR are not in the project.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator

import zxingcpp
from PIL import Image

from bench import difficult
from bench.figure import Figure, ratio, share
from tokenctl.errors import NoQRCode
from tokenctl.pictures.decoder import decode
from tokenctl.pictures.pages import pages

_GROUP = "Difficult pictures (made here, {} of each of {} classes)"
_AIM = 96  # per cent
_ROUNDS = 5


def figures(count: int = 4) -> Iterator[Figure]:
    """Measure `count` pictures of each class, and a 4K page without a code."""
    samples = list(difficult.samples(count))
    group = _GROUP.format(count, len(difficult.CLASSES))
    ours, alone = Counter[str](), Counter[str]()
    times: list[tuple[float, float]] = []
    wrong = 0
    for sample in samples:
        texts, seconds = _timed(_ours, sample.data)
        plain, plain_seconds = _timed(_zxing, sample.data)
        times.append((seconds, plain_seconds))
        ours[sample.kind] += texts == sample.texts
        alone[sample.kind] += plain == sample.texts
        wrong += len(texts - sample.texts)
    yield share(group, "all codes found", ours.total(), len(samples), _AIM)
    yield share(group, "zxing-cpp alone", alone.total(), len(samples))
    yield Figure(group, "texts that are in no code", wrong, "", at_most=0)
    for kind in difficult.CLASSES:
        if min(ours[kind], alone[kind]) < count:
            name = f"{kind} (alone: {100 * alone[kind] / count:.0f} %)"
            yield share(group, name, ours[kind], count)
    medians = (statistics.median(side) for side in zip(*times, strict=True))
    yield Figure(group, "median time / zxing-cpp alone", next(medians) / next(medians), "x")
    page = difficult.page_without_code()
    looked, glanced = [], []
    for _ in range(_ROUNDS):
        looked.append(_timed(_ours, page)[1])
        glanced.append(_timed(_zxing, page)[1])
    yield ratio(group, "4K page without a code / zxing-cpp alone", looked, glanced)
    yield Figure(group, "4K page without a code", statistics.median(looked), "s", at_most=2)


def _ours(data: bytes) -> frozenset[str]:
    try:
        return frozenset(decode(data).texts)
    except NoQRCode:
        return frozenset()


def _zxing(data: bytes) -> frozenset[str]:
    """Return what one call of zxing-cpp sees, with the file loaded in the same way."""
    grey: Image.Image = next(next(pages(data)))
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormat.QRCode,  # pyright: ignore[reportArgumentType]
        text_mode=zxingcpp.TextMode.Plain,
    )
    return frozenset(code.text for code in found if code.text)


def _timed(read: Callable[[bytes], frozenset[str]], data: bytes) -> tuple[frozenset[str], float]:
    start = time.process_time()
    texts = read(data)
    return texts, time.process_time() - start
