"""A token whose answers are wrong: exit code 5 or 9 in a sentence, and nothing obeyed."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from attacks.conftest import COMMANDS, Run
from attacks.hostile_text import ALL, HOSTILE
from attacks.hostile_token import HONEST, HostileToken, Raw, Say, honest

from otpcore.messages import MESSAGE_MAX
from tokenctl.capture.clipboard import lend
from tokenctl.device import models
from tokenctl.errors import CLOCK_WRONG, EXIT_CODES

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


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("as_json", [False, True])
def test_an_honest_token_is_served(run: Run, name: str, as_json: bool):
    """Or else the other tests would see nothing."""
    arguments, stdin = COMMANDS[name]
    outcome = run(HostileToken(), *(["--json"] * as_json), *arguments, stdin=stdin)
    assert outcome.code == 0, outcome


def asked_by() -> dict[str, str]:
    """Return a command for each method that a command asks for."""
    return {
        "hello": "list", "status": "status", "wipe": "wipe",
        "accounts.list": "list", "accounts.find": "code", "accounts.replace": "provision",
        "accounts.rename": "rename", "accounts.move": "move", "accounts.favourite": "favourite",
        "accounts.remove": "remove",
        "accounts.code": "code",
        "vault.set_pin": "pin set", "vault.clear_pin": "pin clear", "vault.lock": "lock",
        "vault.lock_after": "pin lock-after 60", "clock.set": "sync", "clock.probe": "sync",
        "clock.edge": "sync", "clock.log": "clock-log", "clock.read": "code",
        "backup.state": "status",
        "backup.make": "backup", "transfer.read": "backup", "backup.open": "restore",
        "transfer.write": "restore", "transfer.finish": "restore", "backup.compare": "drill",
        "backup.forbid": "forbid",
    }  # fmt: skip


def cases(method: str) -> list[tuple[tuple[Any, ...], Any]]:
    return [(path, junk) for path in places(HONEST[method]) for junk in (*JUNK, KeyError)]


def lie(
    run: Run, method: str, path: tuple[Any, ...], junk: Any, as_json: bool = False
) -> str | None:
    """Tell one lie; return how it ended, None where it cannot be told."""
    if not path and junk is KeyError:
        return None
    liar = Liar(method, changed(HONEST[method], path, junk))
    if len(liar.text) > MESSAGE_MAX - 100:
        return None  # no message holds it
    arguments, stdin = COMMANDS[asked_by()[method]]
    token = HostileToken(liar)
    outcome = run(token, *(["--json"] * as_json), *arguments, stdin=stdin)
    assert liar.told, "the lie was told"
    one_sentence(outcome, PLAUSIBLE)
    if not isinstance(changed(HONEST[method], path, junk), dict):
        assert outcome.code in MISUNDERSTOOD, (method, path, junk, outcome)
    if not outcome.code:
        return "taken"
    return "not understood" if outcome.code in MISUNDERSTOOD else "refused"


@pytest.mark.parametrize("method", asked_by())
def test_some_values_of_the_wrong_kind(run: Run, method: str, record_property):
    """Never a traceback's exit code, whatever is in the place of whatever."""
    every = cases(method)
    some = random.Random(14).sample(every, min(40, len(every)))
    ends = Counter(
        lie(run, method, *each, as_json=each[0] in ((), ("unix_time",))) for each in some
    )
    record_property("attack", ["answers of a token, changed", counts(ends)])


@pytest.mark.long
@pytest.mark.parametrize("method", asked_by())
def test_every_value_of_every_wrong_kind(run: Run, method: str, record_property):
    every = [(*each, as_json) for each in cases(method) for as_json in (False, True)]
    ends = Counter(lie(run, method, *each) for each in every)
    record_property("attack", ["answers of a token, changed", counts(ends)])


def counts(ends: Counter[str | None]) -> dict[str, int]:
    return {end: count for end, count in ends.items() if end is not None}


def typed() -> list[tuple[str, tuple[Any, ...]]]:
    """Return every place whose type decides whether the answer is understood."""
    return [(m, p) for m in asked_by() for p in places(HONEST[m]) if p and p[0] != "pin_length"
            or m == "status" and p]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), typed(), ids=str)
def test_a_field_of_another_type_is_not_understood(run: Run, method: str, path: tuple[Any, ...]):
    """A number for a text, a text for a number, a list for either: exit code 5."""
    value: Any = HONEST[method]
    for each in path:
        value = value[each]
    if method == "hello" and path == ("protocol",):
        wrong: list[Any] = ["1", None, [1], True]
    elif isinstance(value, str) or value is None:
        wrong = [7, ["x"], {"a": 1}]
    else:
        wrong = ["7", {"a": "b"}, 1.5]
    for junk in wrong:
        liar = Liar(method, changed(HONEST[method], path, junk))
        arguments, stdin = COMMANDS[asked_by()[method]]
        outcome = run(HostileToken(liar), *arguments, stdin=stdin)
        assert outcome.code == 5, (junk, outcome)
        one_sentence(outcome, {5})


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("as_json", [False, True])
def test_hostile_text_in_every_field(run: Run, name: str, as_json: bool):
    """Every string that each answer has, at once and one by one; raw bytes are searched."""
    arguments, stdin = COMMANDS[name]
    asked = HostileToken()
    run(asked, *arguments, stdin=stdin)
    for method, answer in ((method, HONEST[method]) for method in dict.fromkeys(asked.methods)):
        paths = [path for path in places(answer) if isinstance(_at(answer, path), str)]
        for path in paths:
            for text in (ALL[:60], *list(HOSTILE.values())[:: 1 if name == "list" else 5]):
                token = HostileToken(Liar(method, changed(answer, path, text)))
                outcome = run(token, *(["--json"] * as_json), *arguments, stdin=stdin)
                one_sentence(outcome, PLAUSIBLE)


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for each in path:
        value = value[each]
    return value


@pytest.mark.parametrize("name", COMMANDS)
def test_hostile_text_in_what_the_token_refuses_with(run: Run, name: str):
    arguments, stdin = COMMANDS[name]
    for code, reason in (("busy", ALL), (ALL, "x"), (ALL[:20], ALL), ("busy", ALL[:30])):

        def refuse(token, method, parameters, code=code, reason=reason):
            if method == "hello":
                return honest(token, method, parameters)
            return [{"error": {"code": code, "reason": reason, "value": reason[:30]}}]

        one_sentence(run(HostileToken(refuse), *arguments, stdin=stdin), {5, 6})


@pytest.mark.parametrize(
    "error", [5, "busy", [], None, {}, {"code": 5}, {"code": "busy", "reason": [1]},
              {"code": "x" * 33}, {"code": "busy", "reason": "x" * 33},
              {"code": "busy", "reason": "x", "value": []}],
)  # fmt: skip
def test_a_refusal_of_no_form(run: Run, error: Any):
    def refuse(token, method, parameters):
        if method == "hello":
            return honest(token, method, parameters)
        return [{"error": error, "result": 1}]

    one_sentence(run(HostileToken(refuse), "list"), {5})


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "5",
        '"x"',
        "{",
        '{"request_id":"ID"}',
        '{"request_id":"ID","result":{}',
        "[" * 1900,
    ],
)
def test_what_is_no_answer(run: Run, raw: str):
    def answer(token, method, parameters):
        return honest(token, method, parameters) if method == "hello" else [Raw(raw)]

    one_sentence(run(HostileToken(answer), "list"), {5})


@pytest.mark.parametrize(
    "code",
    ["", "12345678901", "123", "12345\n", "rm -rf ~", "12 345", "١٢٣٤٥٦", "1234;ls", "ABCDE",
     "0OI1L", "BCDFG\n", "123456\x1b[A", 123456, None, ["123456"]],
)  # fmt: skip
def test_only_a_code_gets_to_the_clipboard(run: Run, monkeypatch, code: Any):
    lent: list[str] = []
    monkeypatch.setattr("tokenctl.capture.clipboard.require", lambda: None)
    monkeypatch.setattr("tokenctl.capture.clipboard.lend", lambda text: lent.append(text) is None)
    token = HostileToken(Liar("accounts.code", {"code": code, "seconds_left": 20}))
    outcome = run(token, "code", "alice", "--copy")
    one_sentence(outcome, {5})
    assert not lent and lend is not None


@pytest.mark.parametrize("code", ["1234", "0123456789", "BCDFG", "2345Y"])
def test_a_code_gets_there(run: Run, monkeypatch, code: str):
    lent: list[str] = []
    monkeypatch.setattr("tokenctl.capture.clipboard.require", lambda: None)
    monkeypatch.setattr("tokenctl.capture.clipboard.lend", lambda text: lent.append(text) is None)
    token = HostileToken(Liar("accounts.code", {"code": code, "seconds_left": 20}))
    assert run(token, "code", "alice", "--copy").code == 0
    assert lent == [code]


def test_a_newer_protocol_is_exit_code_9(run: Run):
    """Nothing else of its hello is looked at: it may have another form then."""
    outcome = run(HostileToken(Liar("hello", {"protocol": 2, "firmware": 7})), "list")
    one_sentence(outcome, {9})


EXAMINED = ("examine.board", "examine.flash", "examine.memory", "status", "clock.read", "clock.log")


def test_an_honest_token_is_examined(run: Run):
    report = json.loads(run(HostileToken(), "doctor", "--json").out)
    assert [each["check"] for each in report["checks"] if each["state"] == "fail"] == []


def test_a_token_of_an_older_firmware_is_examined_as_far_as_it_goes(run: Run):
    def older(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method.startswith("examine."):
            return [{"error": {"code": "unknown_method"}}]
        return honest(token, method, parameters)

    outcome = run(HostileToken(older), "doctor", "--json")
    assert (outcome.code, outcome.sentences) == (0, [])
    found = {each["check"]: each for each in json.loads(outcome.out)["checks"]}
    assert found["bus"]["state"] == "skipped" and "tokenctl flash" in found["bus"]["advice"]
    assert found["clock_offset"]["state"] == found["link"]["state"] == "ok"
    assert "flash" not in found and "memory" not in found


@pytest.mark.parametrize(("code", "exit_code"), [("busy", 6), ("failed", 19)])
def test_a_token_that_refuses_to_be_examined(run: Run, code: str, exit_code: int):
    """One that is busy is not ill: the command failed, and says so."""

    def refuse(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        if method == "examine.flash":
            return [{"error": {"code": code}}]
        return honest(token, method, parameters)

    outcome = run(HostileToken(refuse), "doctor", "--json")
    assert outcome.code == exit_code and len(outcome.sentences) == (code == "busy"), outcome
    assert bool(outcome.out) == (code != "busy")


@pytest.mark.parametrize("method", EXAMINED)
def test_the_doctor_takes_no_answer_on_trust(run: Run, method: str):
    """What is not understood is a finding among the others, and the report is whole."""
    every = [(path, junk) for path, junk in cases(method) if path or junk is not KeyError]
    for path, junk in random.Random(18).sample(every, min(25, len(every))):
        liar = Liar(method, changed(HONEST[method], path, junk))
        if len(liar.text) > MESSAGE_MAX - 100:
            continue
        outcome = run(HostileToken(liar), "doctor", "--json")
        assert liar.told and outcome.code in {0, 19}, (path, junk, outcome)
        assert outcome.sentences == [], outcome
        report = json.loads(outcome.out)
        assert report["wrong"] == (outcome.code == 19)
        if not isinstance(changed(HONEST[method], path, junk), dict):
            assert any("not valid" in each["text"] for each in report["checks"])


def test_every_method_and_every_field_has_its_form():
    assert set(models.METHODS) == set(HONEST)
    for each in (
        *(models.Identity, models.StoredAccount, models.Code, models.Status),
        models.BackupState,
    ):
        assert set(models.validators_of(each)) == set(each.__dataclass_fields__)
