"""The command `tokensim fault`, which needs the parts of a board that can fail."""

import textwrap
from pathlib import Path

import click

from tokensim.commands.client import state_option
from tokensim.control.orders import send
from tokensim.running.fault_injection import FAULTS

# Whole names: click would break them at their hyphens.
_FAULTS = textwrap.fill(
    ", ".join(FAULTS), 70, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
)


@click.command(
    short_help="Have a part of the token fail.", epilog=f"\b\nFAULT is one of:\n{_FAULTS}"
)
@state_option
@click.argument("name", metavar="FAULT", type=click.Choice([*FAULTS]))
def fault(state: Path, name: str) -> None:
    """Have a part of the token fail, until it is stopped; tokenctl doctor should find it."""
    send(state, {"do": "fault", "fault": name})
