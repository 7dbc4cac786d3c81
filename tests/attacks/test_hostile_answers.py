"""A token whose answers are wrong: exit code 5 or 9 in a sentence, and nothing obeyed."""

import random
from collections import Counter
from typing import Any

import pytest
from attacks.conftest import COMMANDS, Run
from attacks.hostile_text import ALL, HOSTILE
from attacks.hostile_token import HONEST, HostileToken, Raw, honest
from attacks.lies import MISUNDERSTOOD, PLAUSIBLE, Liar, cases, changed, one_sentence, places

from otpcore.messages import MESSAGE_MAX
from tokenctl.capture.clipboard import lend
from tokenctl.device import accounts, methods, models
from tokenctl.device.answer import validators_of


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
    some = random.Random(14).sample(every, min(25, len(every)))
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
@pytest.mark.parametrize("both", [False, pytest.param(True, marks=pytest.mark.long)])
def test_hostile_text_in_every_field(run: Run, name: str, both: bool):
    """Every string that each answer has, at once and one by one; raw bytes are searched.

    With --json and without in turn, or `both` for each.
    """
    arguments, stdin = COMMANDS[name]
    asked = HostileToken()
    run(asked, *arguments, stdin=stdin)
    number = 0
    for method, answer in ((method, HONEST[method]) for method in dict.fromkeys(asked.methods)):
        paths = [path for path in places(answer) if isinstance(_at(answer, path), str)]
        for path in paths:
            for text in (ALL[:60], *list(HOSTILE.values())[:: 1 if name == "list" else 5]):
                number += 1
                for as_json in (False, True) if both else (number % 2 == 0,):
                    token = HostileToken(Liar(method, changed(answer, path, text)))
                    outcome = run(token, *(["--json"] * as_json), *arguments, stdin=stdin)
                    one_sentence(outcome, PLAUSIBLE)
            number += 1


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


def test_every_method_and_every_field_has_its_form():
    assert set(methods.METHODS) == set(HONEST)
    for each in (
        *(models.Identity, accounts.StoredAccount, models.Code, models.Status),
        models.BackupState,
    ):
        assert set(validators_of(each)) == set(each.__dataclass_fields__)
