"""Many accounts from a list of URIs to a token, against a request and a press for each.

End to end as by `tokenctl provision`: the list is parsed, compared with the token, confirmed
with one press, written and verified. Compared with it, each account is added separately, as by
a program without batches. Simulated time includes the wire and the flash; the press comes READ
seconds after each question.
"""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from bench import samples
from bench.figure import Figure
from bench.link import READ
from otpcore import base32
from tokenctl.device.token import Token
from tokenctl.enrol import pipeline, provisioning, sources
from tokenctl.enrol.enrolment import Enrolment
from tokensim.token import SimulatedToken

_PRESS = 0.1  # seconds that the button is down
_GROUP = "Importing {} accounts, end to end, in simulated time"


def figures(count: int = 200) -> Iterator[Figure]:
    """Measure both ways."""
    group = _GROUP.format(count)
    batch, presses = _seconds(count, _in_a_batch)
    single, single_presses = _seconds(count, _one_by_one)
    yield Figure(group, "presses", presses, "")
    yield Figure(group, "presses, one by one", single_presses, "")
    yield Figure(group, "time, presses included", batch, "s")
    yield Figure(group, "time / one by one", batch / single, "x")


def uris(count: int) -> str:
    """Return a list of so many URIs, one a line."""
    lines = ["# made for the benchmark"]
    for each in samples.enrolments(count):
        label = quote(f"{each.account.issuer}:{each.account.name}")
        secret = base32.encode(each.account.secret)
        lines.append(f"otpauth://totp/{label}?secret={secret}&issuer={quote(each.account.issuer)}")
    return "\n".join(lines) + "\n"


def _seconds(count: int, bring: Callable[[Token, str], None]) -> tuple[float, int]:
    """Return the seconds from the list to a verified token, and the number of presses."""
    presses = 0

    def press(notice: str) -> None:
        nonlocal presses
        presses += 1
        board.press(_PRESS, after=READ)

    with SimulatedToken() as board:
        transport = board.transport()
        with Token(transport, press) as token:
            start = transport.monotonic()
            bring(token, uris(count))
            seconds = transport.monotonic() - start
            assert len(token.accounts()) == count
    return seconds, presses


def _enrolments(text: str) -> list[Enrolment]:
    return pipeline.result(pipeline.finish(pipeline.parse([sources.text_sheet(text)])))


def _in_a_batch(token: Token, text: str) -> None:
    steps = provisioning.plan(_enrolments(text), token.accounts(), replace=False)
    provisioning.write(token, steps)


def _one_by_one(token: Token, text: str) -> None:
    for enrolment in _enrolments(text):
        token.add(enrolment.account)
