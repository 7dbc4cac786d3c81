"""Android's shared preferences: XML that maps names to texts.

A document type, with which a small file could become a large one, is refused.
"""

import re
import xml.etree.ElementTree as ElementTree  # noqa: S405 - no document type gets there

from tokenctl.enrol.apps.faults import CUT, Unreadable
from tokenctl.enrol.apps.file import File
from tokenctl.language import _

_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")


def looks_like(file: File) -> bool:
    """Return whether a file begins as such preferences do."""
    return file.text is not None and _undeclared(file.text).startswith("<map")


def bare(text: str) -> str:
    """Return an XML text without its declaration; raise Unreadable for a document type."""
    text = _undeclared(text)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable(_("it has a document type declaration, which no app writes"))
    return text


def _undeclared(text: str) -> str:
    text = text.lstrip("\ufeff").strip()
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :].lstrip() if declaration else text


def texts(file: File) -> dict[str, str]:
    """Return the texts by name, in the file's order; raise Unreadable."""
    try:
        root = ElementTree.fromstring(bare(file.text or ""))  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        raise Unreadable(_(CUT)) from None
    return {each.get("name", ""): each.text or "" for each in root if each.tag == "string"}
