"""The time for a text grows as the text does, and a line has a bound.

Times are compared with one another in one run, never with a clock's: eight times the text
must not take more than some sixteen times as long; what is quadratic takes 64 times.
"""

import pytest
from attacks.texts import WORST, duration, export, uri
from support import enrolled

from tokenctl.enrol import pipeline, sources
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.enrol.uri.label import read_names
from tokenctl.errors import SourceError

SMALL, TIMES, MOST = 4_000, 8, 24


@pytest.mark.parametrize("name", WORST)
def test_the_time_is_linear_in_the_text(name: str):
    parser, made = WORST[name]
    short, long = (duration(parser, made(size)) for size in (SMALL, SMALL * TIMES))
    # Below a fifth of a millisecond the clock itself is what was measured.
    assert long < max(short, 0.0002) * MOST, (short, long)


@pytest.mark.long
@pytest.mark.parametrize("name", WORST)
def test_the_time_for_a_megabyte_is_linear(name: str):
    """As much as a list may have; it was ten minutes and more for a quadratic one."""
    parser, made = WORST[name]
    size = sources.TEXT_MAX - 200
    short, long = (duration(parser, made(each), 2) for each in (size // TIMES, size))
    assert long < max(short, 0.001) * MOST, (short, long)


def test_a_line_of_eight_kilobytes_is_read_and_a_longer_one_refused():
    good = uri("a", "&x=" + "y" * (pipeline.URI_MAX - len(uri("a", "&x="))))
    assert len(good) == pipeline.URI_MAX == 8 * 1024
    assert len(enrolled.from_text(good)) == 1
    for text, place in ((good + "y", ""), (f"{uri('a')}\n{good}y", "line 2: ")):
        with pytest.raises(SourceError) as error:
            enrolled.from_text(text)
        assert str(error.value).startswith(f"{place}it is longer than 8192 characters")
        assert "y" * 20 not in str(error.value)


def test_an_export_may_have_more():
    text = export(200)
    assert len(text) > pipeline.URI_MAX
    found = enrolled.from_text(text)
    assert len(found) == 200 and all(isinstance(each, Enrolment) for each in found)


def test_a_plus_in_an_address_is_still_one():
    """What the label parser says has not changed with how it looks for addresses."""
    for label, account in {
        "Bank:me+otp@example.com": "me+otp@example.com",
        "Bank:a+b c@d": "a+b c@d",
        "My+Bank:me+x@y.z": "me+x@y.z",
        "Bank:a@b+c@d+e": "a@b+c@d e",
        "Bank:two+words": "two words",
        "Bank:@x+y": "@x y",
    }.items():
        assert read_names(label, "").account == account, label
