"""What a rule finds in a board's wiring."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tokenctl.boards.chips import Pins
from tokenctl.boards.definition import Definition
from tokenctl.language import _


@dataclass(frozen=True)
class Finding:
    """`text` says, without a full stop, what is wrong with `key` by `rule`; `pin` or None."""

    rule: str
    key: str
    pin: int | None
    text: str
    refused: bool = True

    def __str__(self) -> str:
        where = self.key if self.pin is None else f"{self.key}, GPIO {self.pin}"
        return f"{where} ({_(self.rule)}): {self.text}"


Rule = Callable[[Definition, Pins], Iterator[Finding]]
