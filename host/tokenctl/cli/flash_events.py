"""What happens to a board, as it is shown: JSON, one object a line, or words and a bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tokenctl.cli.output import Output

Words = dict[str, Callable[[dict[str, Any]], str]]


class Events:
    """Shows events. `words` gives each its sentence; an empty one is not said."""

    def __init__(self, output: Output, words: Words) -> None:
        self._output = output
        self._words = words
        self._bar: Callable[[str, int], None] = lambda name, percent: None
        self._last: tuple[str, int] | None = None

    @contextmanager
    def bar(self) -> Iterator[None]:
        """Show progress as a bar, where there is a terminal."""
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
    """Return what an event says of a region."""
    return f"{event['name']}, {event['size']} bytes at {event['offset']:#x}"


_SOURCES = {"file": "from the file", "cache": "from the cache", "download": "downloaded"}
_VOUCHED = {
    "tls": "whole by its own hash; only TLS vouches for it.",
    "nobody": "whole by its own hash; nobody vouches for where it is from.",
}


def _micropython(event: dict[str, Any]) -> str:
    named = f"MicroPython {event['version']} {_SOURCES[event['source']]}"
    if event["pinned"]:
        return f"{named}, the released image."
    return f"{named}, {_VOUCHED[event['vouched']]} SHA-256 {event['sha256']}"


# Of what happens whatever the board is wanted for.
WORDS: Words = {
    "board": lambda event: (
        f"{event['chip']} {event['serial']} with {event['flash'] // 1024 // 1024} MB of flash "
        f"at {event['port']}."
    ),
    "waiting": lambda event: "Another tokenctl is downloading the same image; waiting for it.",
    "damaged": lambda event: f"The image in the cache is damaged or another one: {event['path']}.",
    "download": lambda event: f"Downloading {event['url']} …",
    "downloaded": lambda event: f"Kept for the next time at {event['path']}.",
    "cached": lambda event: "",
    "micropython": _micropython,
}
