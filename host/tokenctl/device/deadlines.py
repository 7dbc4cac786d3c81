"""How long one request may take, so that no token can keep the computer waiting for ever.

A token may fall silent, send what nobody asked for, acknowledge without ever answering, or keep
asking for its button: each is bounded in time, and what it sends also in bytes and notices, in
case the clock hardly moves meanwhile.
"""

from collections.abc import Callable

from tokenctl.errors import LinkError, NoAnswer
from tokenctl.language import _

SILENCE_MAX = 8.0  # seconds without a word, after which there is no token
AT_ONCE = 30.0  # seconds until the first notice, or the answer if nobody is asked
ASKED = 120.0  # … after the last notice
PIN_ASKED = 1800.0  # … for a PIN: delays after wrong ones are long
WHOLE, PIN_WHOLE = 900.0, 7200.0  # seconds in all; the latter once a PIN was asked for
NOTICES_MAX = 200
BYTES_MAX = 4 * 1024 * 1024  # six minutes of the board's own port

_LONG = (
    "pin",
    "holds",
    "queued",
    "show_code",
    "code",
)  # notices: somebody enters a PIN, for this request or another one


class Deadline:
    """The bounds of one request. `clock` is monotonic (s), `silence` how long (s) nothing may come.

    `at_once`: the token answers without a press, unless it first wants its PIN; `lasts`: it may
    write for minutes before it answers.
    """

    def __init__(
        self, clock: Callable[[], float], at_once: bool, silence: float, lasts: bool = False
    ) -> None:
        self._clock = clock
        self._silence = silence
        self._begun = self._noticed = self._heard = clock()
        self._left = AT_ONCE if at_once else WHOLE if lasts else ASKED
        self._whole = WHOLE
        self._bytes = self._notices = 0

    @property
    def heard(self) -> float:
        """The time of the last line or notice."""
        return self._heard

    def hear(self) -> None:
        """Note that a line arrived."""
        self._heard = self._clock()

    def notice(self, kind: object) -> None:
        """Note that the token asks for its button or PIN; raise LinkError if that never ends."""
        self._heard = self._noticed = self._clock()
        self._left = PIN_ASKED if kind in _LONG else ASKED
        if kind in _LONG:
            self._whole = PIN_WHOLE
        self._notices += 1
        if self._notices > NOTICES_MAX:
            raise LinkError(_("the token keeps asking for its button: turn it off and on again"))

    def take(self, size: int) -> None:
        """Note that bytes arrived; raise LinkError if there are too many or it takes too long."""
        self._bytes += size
        if self._bytes > BYTES_MAX:
            raise LinkError(_("the token keeps sending, but no answer: turn it off and on again"))
        now = self._clock()
        if now - self._noticed >= self._left or now - self._begun >= self._whole:
            raise LinkError(
                _("the token accepts requests but answers none: turn it off and on again")
            )

    def is_over(self) -> bool:
        """Return whether nothing has arrived for too long."""
        return self._clock() - self._heard >= self._silence

    def end(self) -> None:
        """Raise NoAnswer if nothing has arrived for too long."""
        if self.is_over():
            raise NoAnswer(_("the token does not answer"))
