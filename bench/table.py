"""Figures as text: one line each, under a heading for each group."""

from collections.abc import Iterable, Iterator

from bench.figure import Figure

_NAME = 46  # columns
_VALUE = 14


def lines(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield the table's lines, each as soon as its figure is measured."""
    group = None
    for figure in figures:
        if figure.group != group:
            group = figure.group
            yield f"\n{group}"
        yield _row(figure)


def _row(figure: Figure) -> str:
    row = f"  {figure.name:<{_NAME}}{_number(figure.value, figure.unit):>{_VALUE}}"
    if figure.low is not None and figure.high is not None:
        row += f"  ({figure.low:.2f} to {figure.high:.2f})"
    if figure.met is not None:
        limit = figure.at_most if figure.at_most is not None else figure.at_least
        words = "at most" if figure.at_most is not None else "at least"
        row += f"  aim: {words} {limit:g} {figure.unit}: {'met' if figure.met else 'MISSED'}"
    return row


def _number(value: float, unit: str) -> str:
    digits = 0 if unit in ("", "bytes", "%") else 2 if unit == "x" else 1
    return f"{value:.{digits}f} {unit:<5}"
