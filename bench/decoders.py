"""Decoders of QR codes: one call for a page in grey, as a plain program makes it.

pyzbar and OpenCV are in the extra `bench`. A decoder that is not installed, or lacks a
system library, is left out, and available() says why.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias

import zxingcpp
from PIL import Image

Decoder: TypeAlias = "Callable[[Image.Image], frozenset[str]]"

ZXING = "zxing-cpp"


def available(tell: Callable[[str], None]) -> Mapping[str, Decoder]:
    """Return the decoders by name, zxing-cpp first; `tell` is called for each left out."""
    found: dict[str, Decoder] = {ZXING: _zxing}
    for name, make in (
        ("pyzbar", _pyzbar),
        ("OpenCV", lambda: _opencv("QRCodeDetector")),
        ("OpenCV (Aruco)", lambda: _opencv("QRCodeDetectorAruco")),
    ):
        try:
            found[name] = make()
        except ImportError as error:
            tell(f"{name} is left out: {error}")
    return found


def _zxing(grey: Image.Image) -> frozenset[str]:
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormat.QRCode,  # pyrefly: ignore[bad-argument-type]
        text_mode=zxingcpp.TextMode.Plain,
    )
    return frozenset(code.text for code in found if code.text)


def _pyzbar() -> Decoder:
    pyzbar = import_module("pyzbar.pyzbar")

    def decode(grey: Image.Image) -> frozenset[str]:
        found = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return frozenset(code.data.decode(errors="replace") for code in found)

    return decode


def _opencv(detector: str) -> Decoder:
    numpy, reader = import_module("numpy"), getattr(import_module("cv2"), detector)()

    def decode(grey: Image.Image) -> frozenset[str]:
        found = reader.detectAndDecodeMulti(numpy.asarray(grey))[1]
        return frozenset(text for text in found if text)

    return decode
