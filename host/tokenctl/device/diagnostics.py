"""Examining a token: the methods of Token for that. Each tells, and changes nothing."""

from typing import Any

from tokenctl.device.examination import LinkQuality
from tokenctl.device.link import Link
from tokenctl.device.transport import Transport


class Examination:
    """How a token at the other end of a Link is: its board, its vault's flash, its memory."""

    def __init__(self, link: Link, transport: Transport) -> None:
        self._link = link
        self._transport = transport

    def board(self) -> dict[str, Any]:
        """Return what is on its board: see docs/protocol.md, examine.board."""
        return self._link.request("examine.board")

    def flash(self) -> dict[str, Any]:
        """Return how the sectors of its vault are: see docs/protocol.md, examine.flash."""
        return self._link.request("examine.flash")

    def memory(self) -> dict[str, Any]:
        """Return how much memory it has left: see docs/protocol.md, examine.memory."""
        return self._link.request("examine.memory")

    def link(self, rounds: int = 40) -> LinkQuality:
        """Return how good and fast the link is, from so many short questions and a long answer."""
        traffic = self._link.traffic
        lines, again = traffic.lines, traffic.again
        begun = self._transport.monotonic()
        for _round in range(rounds):
            self._link.request("clock.read")
        round_trip = (self._transport.monotonic() - begun) / rounds
        received, begun = traffic.received, self._transport.monotonic()
        self._link.request("status")
        seconds = max(1e-6, self._transport.monotonic() - begun)
        speed = (traffic.received - received) / seconds
        return LinkQuality(
            traffic.lines - lines, traffic.again - again, round_trip * 1000, round(speed)
        )

    def panel(self) -> None:
        """Have it show patterns for some seconds, for somebody to look at."""
        self._link.request("examine.panel")

    def button(self, number: int) -> int | None:
        """Have it ask for a press of a button, by its number from 0; return which one was pressed.

        None if none was, for some seconds.
        """
        return self._link.request("examine.button", {"number": number})["pressed"]
