"""Frames of the link that no honest end sends, and how taking them ends."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from attacks.hostile_token import HONEST, HostileToken, Say, honest
from attacks.mutations import mutated
from e2e.wires import BareHost

from otpcore import lines, messages
from otpcore.account import Account
from otpcore.errors import WireError
from tokenctl.device import deadlines
from tokenctl.device.link import Link
from tokenctl.device.token import Token
from tokenctl.errors import LinkError
from tokensim.token import SimulatedToken

NEVER = 0.05
READ_ONLY = (
    *("hello", "status", "accounts.list", "accounts.code"),
    *("clock.read", "clock.log", "clock.edge", "vault.lock"),
)


def message(method: str) -> bytes:
    """A request that changes nothing."""
    parameters: dict[str, Any] = {"protocol": 1, "start": 0, "account_id": 999}
    return json.dumps({"request_id": "AAAAAAAA", "method": method, "params": parameters}).encode()


def requests(dice: random.Random) -> Iterator[tuple[bytes, bool]]:
    """Yield frames for a token for ever, and whether each is as its sender made it.

    Half of them are spoiled on the way, half are sound and hold nonsense.
    """
    number = 0
    while True:
        data = message(dice.choice(READ_ONLY))
        spoiled = dice.random() < 0.5
        if not spoiled:
            data = mutated(data, dice).replace(b"\n", b"")[: messages.MESSAGE_MAX]
        number = (number + dice.choice((0, 1, 1, 7))) & 0xFFFF
        for line in messages.cut(number, data, lines.REQUEST_PART, lines.REQUEST_END):
            yield (mutated(line, dice) if spoiled else line), not spoiled


def read_frames(count: int, seed: int) -> dict[str, int]:
    """Have the core's reading code, as both ends have it, take so many frames."""
    dice = random.Random(seed)
    reader = lines.LineReader()
    assembler = messages.Assembler(lines.REQUEST_PART, lines.REQUEST_END)
    ends: Counter[str] = Counter()
    for frame, sound in requests(dice):
        found = reader.feed(frame)
        ends["no line" if not found else "a line"] += 1
        for line in found:
            assert lines.encode(line.message, line.part, line.kind, line.payload)
            whole = assembler.take(line)[1]
            if whole is not None:
                loaded = messages.load(whole)
                assert loaded is None or isinstance(loaded, dict)
        assert not sound or found, "a sound frame is read behind whatever came before"
        if sum(ends.values()) == count:
            return dict(ends)
    raise AssertionError


def answer_with_frames(count: int, seed: int) -> dict[str, int]:
    """Have tokenctl's end take so many frames in the place of answers.

    NEVER of the requests get no answer, however often they are repeated, which takes hundreds of
    frames each; the others get it at last, behind what is spoiled, and must take it. So about
    half of the frames end in an answer.
    """
    dice = random.Random(seed)
    frames, repeats, is_answered = 0, 0, False

    def spoiled(token: HostileToken, method: str, parameters: dict[str, Any]) -> Sequence[Say]:
        nonlocal frames, repeats
        (answer,) = honest(token, method, parameters)
        assert isinstance(answer, dict)
        found: list[Say] = []
        for _ in range(dice.randint(1, 5)):
            good = token.encoded({"request_id": "AAAAAAAA"} | answer)
            lot = good.splitlines(keepends=True)
            frames += len(lot)
            found.append(b"".join(mutated(line, dice) for line in lot))
        repeats += 1
        comes = is_answered and (repeats > 4 or dice.random() < 0.2)
        return [*found, answer] if comes else found

    ends = {"answered": 0, "a sentence": 0}
    total = 0
    while frames < count:
        token = HostileToken(spoiled)
        link = Link(token, lambda notice: None)
        method = dice.choice(sorted(set(HONEST) - {"cancel", "vault.set_pin", "vault.clear_pin"}))
        before, repeats, is_answered = frames, 0, dice.random() >= NEVER
        try:
            link.request(method, {"issuer": "a", "name": "b"})
            ends["answered"] += frames - before
        except (LinkError, WireError) as error:
            assert not is_answered, "a sound answer is read behind whatever came before"
            assert str(error) and str(error).isprintable()
            ends["a sentence"] += frames - before
        total += 1
        assert token.now < deadlines.WHOLE + deadlines.SILENCE_MAX, method
    return ends


def send_frames(count: int, seed: int) -> dict[str, int]:
    """Send so many frames to a simulated token, which must answer as before, then and after."""
    dice = random.Random(seed)
    ends = {"lived through": 0}
    with SimulatedToken() as sim:
        transport = sim.transport()

        def press(notice: str) -> None:
            sim.press(3.3 if notice == "hold" else 0.1, after=1.3)

        with Token(transport, press) as token:
            token.add(Account("Example", "alice", b"x" * 20))
            before = sim.board.flash.read(0, sim.board.flash.size)
            for frame, _ in requests(dice):
                transport.write(frame)
                transport.sleep(len(frame) * 10 / 115200)
                ends["lived through"] += 1
                if ends["lived through"] % 30 == 0:
                    transport.sleep(0.5)
                    transport.read(0)
                    _ask_status(BareHost(transport))
                if ends["lived through"] >= count:
                    break
            transport.sleep(1)
            transport.read(0)
            assert [each.issuer for each in token.accounts()] == ["Example"]
        assert sim.board.flash.read(0, sim.board.flash.size) == before
        assert sim.chip.resets == 0
    return ends


def _ask_status(host: BareHost) -> None:
    """Have it answer one request once; an earlier answer may still be on its way."""
    host.send({"request_id": "BBBBBBBB", "method": "status"})
    mine = [each for each in host.answers() if each["request_id"] == "BBBBBBBB"]
    assert len(mine) == 1 and "result" in mine[0], mine
