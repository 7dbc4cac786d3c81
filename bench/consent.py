"""How often presses that were meant for something else count as consent, or as a PIN.

Uses the firmware's own consent.py and gesture.py, in simulated time, with random presses from a
seed.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench import pure
from bench.figure import Figure

TRIES = 1000
HOURS = 1000
PERIODS = (0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)  # seconds from one press to the next
POCKETS = (  # name, the longest press (s), and whether all lengths are equally likely
    ("0.06 to 2 s", 2.0, True),
    ("0.06 to 10 s, short ones more often", 10.0, False),
    ("0.06 to 6 s, all alike", 6.0, True),
)
QUESTION_MS = 30_000
_DEBOUNCE_MS = 20
_LONG_MS = 800
_Z = 1.96  # 95 %


@dataclass(frozen=True)
class Rate:
    """A rate: so many hits in so many tries, with its 95 % confidence interval (Wilson)."""

    hits: int
    tries: int

    @property
    def interval(self) -> tuple[float, float]:
        """Return both ends of the interval, as shares."""
        share, weight = self.hits / self.tries, _Z * _Z / self.tries
        middle = (share + weight / 2) / (1 + weight)
        reach = math.sqrt(share * (1 - share) / self.tries + weight / self.tries / 4)
        reach *= _Z / (1 + weight)
        return max(0.0, middle - reach), min(1.0, middle + reach)


Presses = list[tuple[int, int]]  # begin and end (ms) of each


def train(chance: random.Random, period: float | None) -> Presses:
    """Return 3 to 20 presses, `period` s apart with 10 % jitter; None: 0.2 to 3 s at random.

    The first one begins at a random moment.
    """
    presses: Presses = []
    at = chance.randrange(1000, 2000)
    for _ in range(chance.randrange(3, 21)):
        gap = chance.uniform(0.2, 3) if period is None else period * chance.uniform(0.9, 1.1)
        length = round(min(chance.uniform(60, 200), gap * 500))
        presses.append((at, at + length))
        at += round(gap * 1000)
    return presses


def is_taken(presses: Presses, asked: int, wrap: int = 0) -> bool:
    """Return whether a press answers yes to a question that is shown from `asked` ms on for 30 s.

    Presses before that go to the accounts, as in tokenfw/ui/loop.py.
    """
    module = pure_consent()
    hands = module.Hands()
    question = None
    for begin, end in presses:
        seen = begin + _DEBOUNCE_MS  # when the button reports it
        if question is None and seen >= asked:
            question = module.Consent(hands, wrap + asked)
        if begin >= asked + QUESTION_MS:
            break
        hands.poll(wrap + begin, True)
        if question is None:
            hands.use(wrap + seen)
        elif question.begin(wrap + seen) and end - begin < _LONG_MS:
            return True
        hands.poll(wrap + end + _DEBOUNCE_MS, False)
    return False


_loaded = {}


def pure_consent():  # noqa: ANN201 (a module)
    """Return the firmware's consent.py."""
    if "consent" not in _loaded:
        _loaded["consent"] = pure.load("ui/dialogs/consent")
    return _loaded["consent"]


def trains(period: float | None, tries: int = TRIES, seed: int = 1) -> Rate:
    """Return how often a user who pages through accounts answers yes to a question in between."""
    chance = random.Random(f"{seed} {period}")
    hits = 0
    for _ in range(tries):
        presses = train(chance, period)
        asked = chance.randrange(presses[0][0], presses[-1][0])
        hits += is_taken(presses, asked, chance.randrange(1 << 30))
    return Rate(hits, tries)


def readers(tries: int = TRIES, seed: int = 1) -> Rate:
    """Return how often the press counts of a user who reads for 1 s or more, and presses once."""
    chance = random.Random(seed)
    hits = 0
    for _ in range(tries):
        at = 10_000 + round(1000 * chance.uniform(1, 20))
        hits += is_taken([(2000, 2100), (at, at + round(chance.uniform(60, 600)))], 10_000)
    return Rate(hits, tries)


@dataclass(frozen=True)
class Pocket:
    """The result of presses in a pocket: gestures begun (`tries`) and completed (`opened`).

    `in_time` is how many presses were valid holds of the gesture, `takes` how many would take a
    digit on the pad, and `ends` how many would end it.
    """

    presses: int
    in_time: int
    takes: int
    ends: int
    tries: int
    opened: int

    def wipes(self, attempts: int = 7) -> float:
        """Return a bound for the chance that the token is wiped by so many wrong PINs.

        Presses are independent: a gesture is completed if four of them are in time, and a PIN
        is entered if five that take a choice (four digits and OK) come before one that ends the
        entry. In reality they would have to be at the right choices, too.
        """
        entered = (self.takes / (self.takes + self.ends)) ** 5
        mean = self.tries * (self.in_time / self.presses) ** 4 * entered
        return sum(
            math.exp(-mean) * mean**k / math.factorial(k) for k in range(attempts, attempts + 60)
        )


def pocket(hours: float = HOURS, longest: float = 2.0, even: bool = True, seed: int = 1) -> Pocket:
    """Press at random for so many hours while the gesture is asked for.

    There is a press every 2.7 s, 0.06 s to `longest` long; with `even` all lengths are equally
    likely, otherwise all orders of magnitude.
    """
    module = pure.load("ui/dialogs/gesture")
    chance = random.Random(seed)
    end, now, free = hours * 3.6e6, 0.0, 0.0
    count, in_time, takes, ends, tries, opened, misses = 0, 0, 0, 0, 0, 0, 0
    gesture = module.Gesture(False)
    while now < end:
        length = _length(chance, longest, even)
        count += 1
        in_time += module.HOLD_MS <= length < module.HOLD_MS + module.IN_TIME_MS
        takes += _LONG_MS <= length < module.HOLD_MS
        ends += length >= module.HOLD_MS
        if now >= free:
            gesture.poll(round(now) % (1 << 30), True)
            gesture.poll(round(now + length) % (1 << 30), False)
            if gesture.over:
                tries += 1
                misses = misses + 1 if gesture.missed else 0
                opened += not gesture.missed
                if gesture.missed:
                    free = now + length + 1000 * module.wait_after(misses)
                gesture = module.Gesture(False)
        now += max(length + 100, chance.uniform(1350, 4050))
    return Pocket(count, in_time, takes, ends, tries, opened)


def _length(chance: random.Random, longest: float, even: bool) -> float:
    if even:
        return chance.uniform(60, 1000 * longest)
    return 60 * (1000 * longest / 60) ** chance.random()


def figures() -> Iterator[Figure]:
    """Yield the shares (%) that count as consent, and the effect of a pocket on a PIN."""
    group = f"A question amid {TRIES} trains of presses: taken for a yes (95 % interval)"
    for period in (*PERIODS, None):
        found = trains(period)
        name = f"one every {period} s" if period else "0.2 to 3 s, at random"
        low, high = (100 * each for each in found.interval)
        share = 100 * found.hits / found.tries
        yield Figure(group, name, share, "%", low, high, at_most=0.5)
    found = readers()
    low, high = (100 * each for each in found.interval)
    share = 100 * found.hits / found.tries
    yield Figure(group, "read for a second, then one press", share, "%", low, high, at_least=100)
    group = f"Random presses for {HOURS} hours after the third wrong PIN"
    for name, longest, even in POCKETS:
        found = pocket(longest=longest, even=even)
        yield Figure(group, f"{name}: presses", found.presses, "")
        yield Figure(group, "   the pad opened, and took a PIN perhaps", found.opened, "")
        yield Figure(group, "   chance of a wipe, per million", 1e6 * found.wipes(), "", at_most=1)
