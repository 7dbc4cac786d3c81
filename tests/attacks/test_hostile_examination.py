"""tokenctl doctor with a token whose answers are wrong: a finding among the others."""

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from attacks.conftest import Run
from attacks.hostile_token import HONEST, HostileToken, Say, honest
from attacks.lies import Liar, cases, changed

from otpcore.messages import MESSAGE_MAX

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
