"""What a script may say, and that a bad one is refused with the line and no secret."""

from datetime import UTC, datetime

import pytest

from tokensim.play.script import BadScript, Order, next_moment, parse

SECRET = "KNSUG4SFOQVE432CN5CHSKSTMVCXGKSU"
URI = f"otpauth://totp/Bank:me?secret={SECRET}"
NOON = int(datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC).timestamp())


def words(orders: tuple[Order, ...]) -> list[tuple[str, object]]:
    return [(order.word, order.value) for order in orders]


def test_an_order_a_line():
    script = parse("press\nhold\npress 3\nhold 3.3\nsecond-press\nsecond-hold\nwait 0.5\nlock\n")
    assert words(script.orders) == [
        ("press", 1), ("hold", 1.2), ("press", 3), ("hold", 3.3),
        ("second-press", 1), ("second-hold", 1.2), ("wait", 0.5), ("lock", None),
    ]  # fmt: skip
    assert [order.line for order in script.orders] == list(range(1, 9))


def test_what_is_indented_belongs_to_the_request_above():
    script = parse(f"provision {URI}#x\n  wait 1\n\n# no order\n\tpress\nsync  # now\nwait 2")
    provision, sync, wait = script.orders
    assert words(provision.block) == [("wait", 1.0), ("press", 1)]
    assert (sync.word, sync.block, sync.line) == ("sync", (), 6)
    assert (wait.word, wait.line) == ("wait", 7)
    assert (provision.value.issuer, provision.value.name) == ("Bank", "me")


def test_the_top_says_when_and_on_what():
    script = parse("panel ssd1306-32\nat 2026-11-24 12:00:05\npress")
    assert (script.start, script.panel) == (NOON, "ssd1306-32")
    assert words(script.orders) == [("press", 1)]
    assert parse("press").panel is None


def test_a_time_without_a_date_is_of_the_day():
    script = parse(
        "at 2026-11-24 12:00:05\npress\nat 12:01:00\nat 2026-11-25 00:00:00\nat 00:00:07"
    )
    _, first, second, third = script.orders
    assert next_moment(first.value, script.start) == NOON + 55
    midnight = next_moment(second.value, NOON)
    assert midnight == NOON + 12 * 3600 - 5
    assert next_moment(third.value, midnight) == midnight + 7


def test_screenshots_in_their_order():
    script = parse("screenshot b\nsync\n  screenshot c-2\nscreenshot a")
    assert script.screenshots() == ["b", "c-2", "a"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no commands"),
        ("# nothing\n", 1, "no commands"),
        ("at 12:00:00", 1, "no command"),
        ("press\nfoo", 2, "no command foo"),
        ("press\n\n\x1b[2J", 3, "no command this"),
        ("Press", 1, "no command Press"),
        ("press 0", 1, "1 to 1000"),
        ("press -1", 1, "1 to 1000"),
        ("press ²", 1, "1 to 1000"),
        ("press 99999999999999999999", 1, "1 to 1000"),
        ("hold nan", 1, "seconds"),
        ("hold 1e9", 1, "seconds"),
        ("hold 61", 1, "60"),
        ("wait", 1, "seconds"),
        ("wait -1", 1, "seconds"),
        ("clock", 1, "seconds"),
        ("lock now", 1, "no argument"),
        ("pin", 1, "set or clear"),
        ("pin 1234", 1, "set or clear"),
        ("power cut", 1, "off or on"),
        ("enter 123", 1, "4 to 32"),
        ("enter 12x4", 1, "4 to 32"),
        ("enter " + "1" * 33, 1, "4 to 32"),
        ("screenshot", 1, "name"),
        ("screenshot ../x", 1, "name"),
        ("screenshot a.png", 1, "name"),
        ("screenshot a\nwait 1\nscreenshot a", 3, "already"),
        ("sync\n  screenshot a\nscreenshot a", 3, "already"),
        ("press\nat noon", 2, "12:00:05"),
        ("at 2026-02-30 00:00:00", 1, "12:00:05"),
        ("at 2019-12-31 23:59:59\npress", 1, "2020"),
        ("at 2100-01-01 00:00:00\npress", 1, "2099"),
        ("press\npanel ssd1306", 2, "top"),
        ("panel st7920\npress", 1, "sh1106"),
        ("  press", 1, "indented"),
        ("press\n  press", 2, "indented"),
        ("sync\n  sync", 2, "while"),
        ("sync\n  panel ssd1306", 2, "top"),
        ("provision", 1, "otpauth"),
        ("provision https://example.com", 1, "otpauth"),
    ],
)
def test_a_bad_script_is_refused(text, line, words):
    with pytest.raises(BadScript) as refused:
        parse(text)
    sentence = str(refused.value)
    assert sentence.startswith(f"line {line}: ") and words in sentence
    assert sentence.isprintable()


def test_no_secret_is_in_a_refusal_or_a_repr():
    with pytest.raises(BadScript) as refused:
        parse(f"provision {URI}1")
    assert SECRET[:8] not in str(refused.value)
    with pytest.raises(BadScript) as refused:
        parse(URI)
    assert SECRET[:8] not in str(refused.value)
    with pytest.raises(BadScript) as refused:
        parse(f"{SECRET[:18]} x")
    with pytest.raises(BadScript) as refused:
        parse("enter 314159265x")
    assert "3141" not in str(refused.value)
    script = parse(f"provision {URI}\nenter 3141")
    assert SECRET[:8] not in repr(script) and "3141" not in repr(script.orders[1])
