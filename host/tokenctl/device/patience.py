"""How long one request may go on, so that no token holds its computer.

A token may fall silent, send what nobody asked for, acknowledge and never answer, or ask for
its button for ever: each has a bound in the time that is given, and talk has one in bytes
and notices, for a clock that hardly moves meanwhile.
"""

from collections.abc import Callable

from tokenctl.errors import LinkError, NoAnswer
from tokenctl.language import _

SILENCE_MAX = 8.0  # seconds without a word, then there is no token
AT_ONCE = 30.0  # seconds until the answer to what nobody is asked about, or the first notice
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


class Patience:
    """For one request. `clock` is monotonic (s), `silence` how long (s) nothing need come.

    `at_once` says that the token answers by itself, unless it wants its PIN first, `lasts` that
    it may write for minutes before that.
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
        """When a line or a notice came last."""
        return self._heard

    def hear(self) -> None:
        """A line has come."""
        self._heard = self._clock()

    def notice(self, kind: object) -> None:
        """The token asks for its button, or for its PIN; raise LinkError when that never ends."""
        self._heard = self._noticed = self._clock()
        self._left = PIN_ASKED if kind in _LONG else ASKED
        if kind in _LONG:
            self._whole = PIN_WHOLE
        self._notices += 1
        if self._notices > NOTICES_MAX:
            raise LinkError(_("the token keeps asking for its button: turn it off and on again"))

    def take(self, size: int) -> None:
        """So many bytes have come; raise LinkError when it was too much or takes too long."""
        self._bytes += size
        if self._bytes > BYTES_MAX:
            raise LinkError(_("the token keeps sending, but no answer: turn it off and on again"))
        now = self._clock()
        if now - self._noticed >= self._left or now - self._begun >= self._whole:
            raise LinkError(
                _("the token accepts requests but answers none: turn it off and on again")
            )

    def is_over(self) -> bool:
        """Tell whether nothing has come for too long."""
        return self._clock() - self._heard >= self._silence

    def end(self) -> None:
        """Raise NoAnswer when nothing has come for too long."""
        if self.is_over():
            raise NoAnswer(_("the token does not answer"))
