"""At a terminal the counter that a source leaves out is asked for, until it is a number."""

import pytest

from tokenctl.cli.enrolling import collect
from tokenctl.cli.enrolling.collect import Wishes
from tokenctl.enrol import sources
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import NoCounter

URI = "otpauth://hotp/server:root?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def parse(issuer: str | None, account: str | None, counter: int | None = None) -> list[Enrolment]:
    return sources.from_text(URI, issuer, account, counter)


def wishes(asking: bool) -> Wishes:
    return Wishes(False, False, None, None, None, None, False, False, False, False, asking)


def test_the_counter_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one", "", "1"])
    monkeypatch.setattr(collect, "ask", lambda question: next(answers))
    (made,) = collect._read(parse, wishes(asking=True), may_ask=True)
    assert made.account.counter == 1
    assert next(answers, None) is None


def test_nobody_is_asked_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "ask", lambda question: pytest.fail("it asked"))
    with pytest.raises(NoCounter):
        collect._read(parse, wishes(asking=False), may_ask=False)
