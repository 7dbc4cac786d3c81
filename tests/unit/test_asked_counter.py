"""At a terminal the counter that a source leaves out is asked for, until it is a number."""

import pytest

from tokenctl.cli.enrolling import collect
from tokenctl.cli.enrolling.collect import Collector
from tokenctl.cli.enrolling.exports import Exports
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.output import Output
from tokenctl.errors import NoCounter
from tokenctl.pictures import Reader

URI = "otpauth://hotp/server:root?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def collector(asking: bool) -> Collector:
    options, output = Options(asking=asking, source=(URI,)), Output(as_json=False)
    return Collector(options, output, Exports(options, output))


def test_the_counter_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one", "", "1"])
    monkeypatch.setattr(collect, "ask", lambda question: next(answers))
    (made,) = collector(asking=True).collect(Reader()).enrolments
    assert made.account.counter == 1
    assert next(answers, None) is None


def test_nobody_is_asked_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "ask", lambda question: pytest.fail("it asked"))
    with pytest.raises(NoCounter):
        collector(asking=False).collect(Reader())
