"""Watching a camera until an enrolment has been seen, with all its codes if it has several.

The codes are read in the background, in the process that reads pictures: the preview
does not wait for it. Anything that is not an enrolment is reported once and ignored.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, Self

from tokenctl.capture.camera import Camera, Frame
from tokenctl.enrol import merging, pipeline
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.faults import is_fault
from tokenctl.enrol.sources import picture_sheet
from tokenctl.errors import (
    IncompleteExport,
    NoCounter,
    NoName,
    NoQRCode,
    PartOfSet,
    SourceError,
)
from tokenctl.language import _, marked
from tokenctl.pictures import Reader, Reading

PATIENCE = 60.0  # seconds without anything new
_NOTHING = marked(
    "the camera found no setup code in {seconds:.0f} seconds; hold the code flat and still, so "
    "that it fills half of the picture, and avoid reflections"
)


class SeenCodes:
    """The distinct good codes that were seen; `tell` reports about others.

    A code that lacks a name or a counter is good: the user can supply it.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.complete = False
        self.refusal: SourceError | None = None  # of the last one that was no good
        self._good: dict[str, list[Enrolment]] = {}
        self._refused: set[str] = set()
        self._tell = tell

    @property
    def texts(self) -> list[str]:
        """The good ones, in the order in which they were seen."""
        return list(self._good)

    def take(self, codes: list[str]) -> bool:
        """Take the codes of a frame; return whether one of them is new."""
        new = [each for each in codes if each not in self._refused and each not in self._good]
        for code in new:
            try:
                self._good[code] = _checked(code)
            except SourceError as error:
                self._refused.add(code)
                self.refusal = error
                self._tell(error.sentence)
        if any(code in self._good for code in new):
            self._look_for_missing()
        return bool(new)

    def _look_for_missing(self) -> None:
        try:
            merging.whole([each for code in self._good.values() for each in code], False)
        except IncompleteExport as error:
            self._tell(_too(error.missing))
            return
        except SourceError:
            pass  # whoever takes all of them together says so
        self.complete = True


def _too(missing: str) -> str:
    """Return what to say about missing codes that belong to those seen."""
    sentence = _("{missing}: show it to the camera too.").format(missing=missing)
    return sentence[:1].upper() + sentence[1:]


def _checked(code: str) -> list[Enrolment]:
    """Return the enrolments in a code, except incomplete ones; raise SourceError."""
    outcomes = pipeline.finish(pipeline.parse([picture_sheet(Reading([code]))]))
    return pipeline.result([each for each in outcomes if not is_fault(each, NoName, NoCounter)])


class Decoder(Protocol):
    """Reads the codes in frames in the background."""

    def exchange(self, frame: Frame) -> list[str]:
        """Accept a frame, if idle; return the codes of an earlier frame, once."""
        ...


class BackgroundDecoder:
    """A Decoder in a thread of its own, over `reader`; a context manager that ends it."""

    def __init__(self, reader: Reader, tell: Callable[[str], None] = lambda text: None) -> None:
        """`tell` is told which codes of a split text are missing."""
        self._reader = reader
        self._tell = tell
        self._thread = ThreadPoolExecutor(1)
        self._codes: Future[Reading | PartOfSet | None] | None = None
        self._missing = ""
        self.assumptions: dict[str, tuple[str, ...]] = {}  # on codes that were seen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()  # ends what is being read
        self._thread.shutdown()

    def exchange(self, frame: Frame) -> list[str]:
        """See Decoder."""
        codes: list[str] = []
        if self._codes is not None and self._codes.done():
            reading, self._codes = self._codes.result(), None
            if isinstance(reading, PartOfSet):
                self._tell_missing(reading.missing)
            elif reading is not None:
                codes = reading.texts
                self.assumptions |= reading.assumptions
        if self._codes is None:
            self._codes = self._thread.submit(self._read, frame)
        return codes

    def _tell_missing(self, missing: str) -> None:
        if missing != self._missing:
            self._missing = missing
            self._tell(_too(missing))

    def _read(self, frame: Frame) -> Reading | PartOfSet | None:
        try:
            return self._reader.read(frame.file())
        except PartOfSet as error:
            return error
        except SourceError:
            return None


def scan(
    camera: Camera,
    decoder: Decoder,
    tell: Callable[[str], None],
    show: Callable[[Frame], None] = lambda frame: None,
    clock: Callable[[], float] = time.monotonic,
) -> list[str]:
    """Return the codes of an enrolment; of an export, those seen until no new ones came.

    Each frame is shown. Raises NoQRCode if no enrolment was seen in time, or the fault of the
    last code; NoCamera.
    """
    seen = SeenCodes(tell)
    last = clock()
    while not seen.complete and clock() - last <= PATIENCE:
        frame = camera.frame()
        show(frame)
        if seen.take(decoder.exchange(frame)):
            last = clock()
    if not seen.texts:
        raise seen.refusal or NoQRCode(_(_NOTHING).format(seconds=PATIENCE))
    return seen.texts
