"""tokenctl between two tokens of which one lies: it ends with an error of its own, or well."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from attacks.hostile_token import HONEST, HostileToken, Raw, Say
from attacks.lies import DEEP, JUNK, changed, places

from otpcore.errors import WireError
from tokenctl.device.cloning import clone
from tokenctl.device.token import Token
from tokenctl.errors import TokenctlError

PARTS = [b"OTPB" + bytes(72) + b"\x00\x40" + bytes(64), bytes(32)]
COUNTS = {"added": 0, "replaced": 0, "skipped": 0, "kept": 0, "damaged": 0}


class Side:
    """An honest token in a clone, but for its answer to `method`, which is `told`."""

    def __init__(self, serial: str, method: str = "", told: Any = None) -> None:
        self.serial, self.method, self.told = serial, method, told
        self.lied = False

    def __call__(
        self, token: HostileToken, method: str, parameters: dict[str, Any]
    ) -> Sequence[Say]:
        if method == self.method:
            self.lied = True
            return [Raw(self.told)]
        part = parameters.get("part", 0)
        honest = HONEST | {
            "hello": HONEST["hello"] | {"serial": self.serial},
            "transfer.read": {
                "data": base64.b64encode(PARTS[min(part, 1)]).decode(),
                "more": part == 0,
            },
            "transfer.write": {},
            "transfer.finish": COUNTS,
            "transfer.cancel": {},
        }
        return [{"result": honest[method]}]


def ended(giver: Side, taker: Side) -> str:
    with Token(HostileToken(giver)) as one, Token(HostileToken(taker)) as other:
        try:
            counts = clone(one, other)
        except (TokenctlError, WireError) as error:
            return type(error).__name__
    assert all(isinstance(value, int) for value in counts.values())
    return "done"


def answer(value: Any) -> str:
    return json.dumps({"request_id": "ID", "result": value}).replace('"DEEP"', DEEP)


def test_two_honest_tokens_are_served():
    assert ended(Side("AA"), Side("BB")) == "done"


LIES = [
    ("giver", "clone.offer"),
    ("taker", "clone.accept"),
    ("giver", "clone.meet"),
    ("giver", "clone.give"),
    ("taker", "clone.take"),
]


@pytest.mark.parametrize(("who", "method"), LIES)
def test_values_of_the_wrong_kind_end_it(who, method):
    for path in places(HONEST[method]):
        for junk in (*JUNK, KeyError):
            if not path and junk is KeyError:
                continue
            told = answer(changed(HONEST[method], path, junk))
            if len(told) > 1500:
                continue
            liar = Side("AA" if who == "giver" else "BB", method, told)
            sides = (liar, Side("BB")) if who == "giver" else (Side("AA"), liar)
            ended(*sides)
            assert liar.lied
