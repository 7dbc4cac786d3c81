"""Answers that an honest token would not give: any value in the place of any other."""

import json
from collections.abc import Sequence
from typing import Any

from attacks.hostile_text import ALL
from attacks.hostile_token import HONEST, HostileToken, Raw, Say, honest

from tokenctl.exit_codes import CLOCK_WRONG, EXIT_CODES

# In the place of any value. The last three are what json.loads makes of 1e999 and of nesting.
JUNK = (
    None, True, False, 0, 1, -1, 1.5, 1 << 31, 1 << 64, 10**1000, -(10**400), "", "x", "\ud800",
    ALL, "1" * 1500, [], [[]], {}, {"a": {}}, [None], float("inf"), float("nan"), "DEEP",
)  # fmt: skip
DEEP = "[" * 400 + "]" * 400
MISUNDERSTOOD = {5, 9}
# What a computer can make of an answer of the right form that does not fit its request.
PLAUSIBLE = MISUNDERSTOOD | {0, 2, 4, 6, 7, 8, 19, CLOCK_WRONG, 21}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to every value inside a value, and to itself."""
    found = [path]
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, each in inner:
        found += places(each, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """Return a value with `junk` at a place; KeyError there takes it away."""
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    if junk is KeyError and len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(copy[path[0]], path[1:], junk)
    return copy


class Liar:
    """Answers one method otherwise than an honest token would."""

    def __init__(self, method: str, result: Any) -> None:
        self.method = method
        self.told = 0
        self.text = json.dumps({"request_id": "ID", "result": result}).replace('"DEEP"', DEEP)

    def __call__(
        self, token: HostileToken, method: str, parameters: dict[str, Any]
    ) -> Sequence[Say]:
        if method != self.method:
            return honest(token, method, parameters)
        self.told += 1
        return [Raw(self.text)]


def one_sentence(outcome: Any, codes: set[int]) -> None:
    assert outcome.code in codes, outcome
    assert outcome.code in EXIT_CODES
    if outcome.code not in (0, CLOCK_WRONG):  # that one has a warning instead
        (sentence,) = outcome.sentences
        assert sentence.startswith("Error: ") and sentence.endswith((".", "?")), sentence
        assert len(sentence) < 1200, "it can be read"


def cases(method: str) -> list[tuple[tuple[Any, ...], Any]]:
    return [(path, junk) for path in places(HONEST[method]) for junk in (*JUNK, KeyError)]
