"""Shows what happens to a board: as JSON, one object per line, or as words and a bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tokenctl.cli.output import Output
from tokenctl.language import _, marked

Words = dict[str, Callable[[dict[str, Any]], str]]


class Events:
    """Shows events. `words` gives each its sentence; empty ones are not printed."""

    def __init__(self, output: Output, words: Words) -> None:
        self._output = output
        self._words = words
        self._bar: Callable[[str, int], None] = lambda name, percent: None
        self._last: tuple[str, int] | None = None

    @contextmanager
    def bar(self) -> Iterator[None]:
        """Show progress as a bar, if there is a terminal."""
        with self._output.percentages() as self._bar:
            yield

    def report(self, event: dict[str, Any]) -> None:
        """Show an event."""
        if event["event"] == "progress":
            here = (event["name"], event["percent"])
            if here == self._last:
                return
            self._last = here
        if self._output.as_json:
            self._output.event(event)
        elif event["event"] == "progress":
            self._bar(event["name"], event["percent"])
        else:
            text = self._words[event["event"]](event)
            if text:
                self._output.note(text)


def place(event: dict[str, Any]) -> str:
    """Return the name of the region in an event."""
    return _("{name}, {size} bytes at {offset:#x}").format(
        name=_(event["name"]), offset=event["offset"], size=event["size"]
    )


_SOURCES = {
    "file": marked("from the file"),
    "cache": marked("from the cache"),
    "download": marked("downloaded"),
}
_VOUCHED = {
    "tls": marked("intact according to its own hash; only TLS vouches for its origin."),
    "nobody": marked("intact according to its own hash; nothing vouches for its origin."),
}


def _micropython(event: dict[str, Any]) -> str:
    named = _("MicroPython {version} {origin}").format(
        origin=_(_SOURCES[event["source"]]), version=event["version"]
    )
    if event["pinned"]:
        return _("{named}, the pinned release.").format(named=named)
    return _("{named}, {vouched} SHA-256 {sha256}").format(
        named=named, sha256=event["sha256"], vouched=_(_VOUCHED[event["vouched"]])
    )


# Of what happens whatever the board is wanted for.
WORDS: Words = {
    "board": lambda event: _("{chip} {serial} with {megabytes} MB of flash at {port}.").format(
        chip=event["chip"],
        megabytes=event["flash"] // 1024 // 1024,
        port=event["port"],
        serial=event["serial"],
    ),
    "waiting": lambda event: _("Another tokenctl is downloading the same image; waiting for it."),
    "damaged": lambda event: _(
        "The cached image is damaged or is not the expected one: {path}."
    ).format(path=event["path"]),
    "download": lambda event: _("Downloading {url} …").format(url=event["url"]),
    "downloaded": lambda event: _("Saved for next time in {path}.").format(path=event["path"]),
    "cached": lambda event: "",
    "micropython": _micropython,
}
