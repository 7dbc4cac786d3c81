"""The board of a token that is hardened: in its loader, and with what is burnt confirmed."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from tokenctl.cli import terminal
from tokenctl.cli.output import Output
from tokenctl.cli.session import Session
from tokenctl.errors import HardeningRefused, NoToken, TokenctlError

if TYPE_CHECKING:
    from tokenctl.flashing.loader import Board, Loader
    from tokenctl.hardening.burning import Finding

_Reached = TypeVar("_Reached", bound="Loader")
TRIED = (
    "burning an eFuse is permanent, and was tried with virtual eFuses only, never on a real chip"
)


@contextmanager
def reach(kind: Callable[[str], _Reached], port: str) -> Iterator[_Reached]:
    """Give a board in its loader, and start it again, whatever came of it."""
    try:
        opened = kind(port)
    except NoToken as error:
        raise NoToken(f"{error}; a loader that was burnt off never answers") from None
    with opened:
        try:
            yield opened
        finally:
            with suppress(TokenctlError):
                opened.reset()


def check_serial(session: Session, loader: "Loader") -> None:
    """Raise NoToken when the options mean another board."""
    if session.serial is not None and session.serial.upper() != loader.mac:
        number = f"has the serial number {loader.mac}" if loader.mac else "gives no serial number"
        raise NoToken(f"the board at {loader.port} {number}")


def confirm(output: Output, board: "Board", chosen: Sequence["Finding"]) -> None:
    """Have the measures and the serial number typed; a pipe can do it, too."""
    for each in chosen:
        output.note(f"{each.measure.name}: {each.measure.title} ({each.efuse})")
        output.note(f"  buys: {each.measure.buys}")
        output.note(f"  costs: {each.measure.costs}")
    output.warn(TRIED)
    names = " ".join(each.measure.name for each in chosen)
    if not typed(f"burn {names} {board.mac}"):
        raise HardeningRefused("nothing was burnt, because nobody confirmed it")


def typed(phrase: str) -> bool:
    """Tell whether somebody types this phrase, which a prompt asks for."""
    terminal.say(f"Type {phrase} to go on: ", newline=False)
    return sys.stdin.readline().strip() == phrase
