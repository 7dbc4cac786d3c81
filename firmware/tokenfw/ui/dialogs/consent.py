"""Consent: which presses answer a question, and which were meant for something else.

A press counts when the question has stood for STAND_MS and the buttons were at rest for
REST_MS before it. Somebody who pressed for another purpose within QUIET_MS before the
question, or too early after it, may not have seen it: then a first press only acknowledges it,
and the next one counts after a rest of QUIET_MS, which is longer than people take from one
account to the next. A pure state machine on ticks_ms values, which wrap.
"""

from time import ticks_diff

STAND_MS = 1000
REST_MS = 700
QUIET_MS = 3500

# What the screen says that somebody should do before a press is an answer.
READ, LET_GO, SAY_SEEN, ANSWER = 0, 1, 2, 3


class Hands:
    """The state of all buttons together; `two` says that there is a second one."""

    def __init__(self, two=False):
        self.two = two
        self._down = False
        self._ended = None  # ticks_ms of the end of the last press that is over
        self._stepped = None  # … of the last press that was no answer

    def poll(self, now_ms, down):
        """Take whether any button is down now; to be called every 20 ms at most."""
        if self._down and not down:
            self._ended = now_ms
        self._down = down

    def step(self, now_ms):
        """A press began that was meant for something other than a question, or came too early."""
        self._stepped = now_ms

    def finish(self):
        """What they were pressed for has come to its end."""
        self._stepped = None

    def steps(self, now_ms):
        """Return whether they are pressed for something else: one or many more may come."""
        return not _passed(self._stepped, now_ms, QUIET_MS)

    def rested(self, now_ms, duration_ms):
        """Return whether they had been at rest for so long before the press that is on, or now."""
        return _passed(self._ended, now_ms, duration_ms)

    @property
    def down(self):
        """Whether one is pressed."""
        return self._down


class Consent:
    """Whether presses answer a question that was asked at `now_ms`, given the Hands.

    With `several` it is an entry of several presses: once the first of them has counted it is
    `open`, and all do.
    """

    def __init__(self, hands, now_ms, several=False):
        self._hands = hands
        self._several = several
        self._since = now_ms  # when it was asked, or seen
        self._stepping = hands.steps(now_ms)
        self._seen = not self._stepping
        self.open = False

    def begin(self, now_ms):
        """A press begins, and no other button is down: tell whether it is an answer."""
        counts = self.open or self._counts(now_ms)
        if not counts:
            self._stepping = self._stepping or self._seen
            self._seen = True
            self._since = now_ms
        elif self._several:
            self.open = True
        if self._several or not counts:
            self._hands.step(now_ms)
        return counts

    def _counts(self, now_ms):
        if self._stepping and self._hands.rested(now_ms, QUIET_MS):
            self._stepping = False
        return (
            self._seen
            and not self._stepping
            and _passed(self._since, now_ms, STAND_MS)
            and self._hands.rested(now_ms, REST_MS)
        )

    def state(self, now_ms):
        """Return READ, LET_GO, SAY_SEEN, or ANSWER: then a press that begins now counts."""
        if self.open:
            return ANSWER
        if not self._seen:
            return SAY_SEEN
        if self._hands.down or not self._hands.rested(
            now_ms, QUIET_MS if self._stepping else REST_MS
        ):
            return LET_GO
        return ANSWER if _passed(self._since, now_ms, STAND_MS) else READ


def _passed(since, now_ms, duration_ms):
    """Return whether so long has passed since then; ticks wrap, and None is long ago."""
    return since is None or not 0 <= ticks_diff(now_ms, since) < duration_ms
