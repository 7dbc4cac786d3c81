"""transfer.* in a random order, against a model of what docs/protocol.md says."""

import random
from typing import Any

import pytest
from attacks.hostile import HostileComputer
from attacks.test_dialogs_exchanged import ALICE
from attacks.transfers import MINE, OVER, PARTS, begin, computer, names, write

__all__ = ["computer"]


def walk(sim, computer: HostileComputer, seed: int, steps: int) -> dict[str, int]:
    """Send transfer.* in a random order; a model of the page says what must come of each.

    Returns how many were taken and how many were refused.
    """
    dice = random.Random(seed)
    whole = {ALICE.issuer, *(each.issuer for each in MINE)}
    transfer: dict[str, Any] = {"transfer_id": "AAAAAAAA"}
    upcoming, over = 0, True
    older = transfer
    there = set(names(computer))
    ends = {"taken": 0, "refused": 0}
    for _ in range(steps):
        kind = dice.choices(
            ("open", "write", "next", "finish", "cancel", "read"), (1, 4, 8, 2, 1, 1)
        )
        named = dice.choice((transfer, transfer, transfer, older))
        mine = named is transfer and not over
        if kind == ["open"]:
            older = transfer
            sim.wait(4)
            transfer, upcoming, over = begin(sim, computer), 0, False
            continue
        if kind in (["write"], ["next"]):
            part = upcoming if kind == ["next"] else dice.randrange(len(PARTS))
            part = min(part, len(PARTS) - 1)
            right = mine and part in (upcoming, upcoming - 1)
            answer = write(computer, named, part)
            assert answer == ({} if right else OVER), (part, upcoming, answer)
            upcoming += right and part == upcoming
        elif kind == ["finish"]:
            right = mine and upcoming == len(PARTS)
            answer = computer.do("transfer.finish", 6.0, **named)
            assert isinstance(answer, dict) == right, (answer, upcoming)
            if right:
                over, there = True, whole
        elif kind == ["cancel"]:
            right = True
            assert computer.do("transfer.cancel", 3.0, **named) == {}
            over = over or named is transfer
        else:
            right = False
            assert computer.do("transfer.read", part=dice.randrange(3), **named) == OVER
        ends["taken" if right else "refused"] += 1
        assert set(names(computer)) == there
    return ends


@pytest.mark.parametrize(
    ("seed", "steps"), [(14, 25), *(pytest.param(n, 250, marks=pytest.mark.long) for n in range(3))]
)
def test_transfers_in_any_order(sim, computer, record_property, seed: int, steps: int):
    record_property("attack", ["transfers, in any order", walk(sim, computer, seed, steps)])
