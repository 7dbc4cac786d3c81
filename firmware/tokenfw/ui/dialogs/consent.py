"""Consent: which presses answer a question, and which were meant for something else.

A press counts if the question has been shown for STAND_MS, and the buttons were at rest for
REST_MS before it. A user who pressed for another purpose within QUIET_MS before the question,
or too early after it, may not have seen it: then a first press only acknowledges it, and the
next one counts after a rest of QUIET_MS, which is longer than the pauses of somebody who pages
through accounts. A pure state machine on ticks_ms values, which wrap.
"""

from time import ticks_diff

STAND_MS = 1000
REST_MS = 700
QUIET_MS = 3500

# What the screen tells the user to do before a press counts as an answer.
READ, LET_GO, SAY_SEEN, ANSWER = 0, 1, 2, 3


class Hands:
    """What all buttons together do, whoever asks: pressed, at rest, or in use for something else.

    `two` is whether there is a second button.
    """

    def __init__(self, two=False):
        self.two = two
        self._down = False
        self._ended = None  # ticks_ms of the end of the last press
        self._used = None  # ticks_ms of the last press that was not an answer

    def poll(self, now_ms, down):
        """Take whether any button is down now; to be called at least every 20 ms."""
        if self._down and not down:
            self._ended = now_ms
        self._down = down

    def use(self, now_ms):
        """Note that a press begins that is no answer: it pages, enters a digit, or is too early."""
        self._used = now_ms

    def finish(self):
        """Note that what the presses were for has ended: the next question need not wait."""
        self._used = None

    def in_use(self, now_ms):
        """Return whether use() was less than QUIET_MS ago, so that more such presses may follow."""
        return not _passed(self._used, now_ms, QUIET_MS)

    def rested(self, now_ms, duration_ms):
        """Return whether the buttons were at rest for so long, until now or the present press."""
        return _passed(self._ended, now_ms, duration_ms)

    @property
    def down(self):
        """Whether a button is pressed."""
        return self._down


class Consent:
    """Decides which presses answer a question that was asked at `now_ms`, given the Hands.

    With `several` it is for an entry of several presses: once the first has counted it is `open`,
    and all count.
    """

    def __init__(self, hands, now_ms, several=False):
        self._hands = hands
        self._several = several
        self._since = now_ms  # when it was asked, or acknowledged
        self._must_rest = hands.in_use(now_ms)  # for QUIET_MS, before a press counts
        self._seen = not self._must_rest
        self.open = False

    def begin(self, now_ms):
        """Return whether a press that begins now, with no other button down, is an answer.

        One that is not acknowledges the question; if it was shown already, the press came too
        early, and the buttons must rest before the next one.
        """
        counts = self.open or self._counts(now_ms)
        if not counts:
            self._must_rest = self._must_rest or self._seen
            self._seen = True
            self._since = now_ms
        elif self._several:
            self.open = True
        if self._several or not counts:
            self._hands.use(now_ms)
        return counts

    def _counts(self, now_ms):
        if self._must_rest and self._hands.rested(now_ms, QUIET_MS):
            self._must_rest = False
        return (
            self._seen
            and not self._must_rest
            and _passed(self._since, now_ms, STAND_MS)
            and self._hands.rested(now_ms, REST_MS)
        )

    def state(self, now_ms):
        """Return ANSWER if a press that began now would count, else READ, LET_GO or SAY_SEEN."""
        if self.open:
            return ANSWER
        if not self._seen:
            return SAY_SEEN
        if self._hands.down or not self._hands.rested(
            now_ms, QUIET_MS if self._must_rest else REST_MS
        ):
            return LET_GO
        return ANSWER if _passed(self._since, now_ms, STAND_MS) else READ


def _passed(since, now_ms, duration_ms):
    """Return whether `duration_ms` has passed since then; None is long ago, and ticks wrap."""
    return since is None or not 0 <= ticks_diff(now_ms, since) < duration_ms
