"""Somebody who enters PINs at a simulated token, with one button or with two, as README says.

A short press turns to the next choice, a long one takes it. Choices: OK as soon as
there are four digits, then 0 to 9, then del. With two buttons the second one takes,
and its long press is OK.
"""

from tokensim.token import SimulatedToken

SHORT, LONG, HOLD = 0.06, 0.9, 3.2  # seconds that the button is down
GAP = 0.12  # seconds between two presses
THINKING = 0.7  # seconds until the first press
FOUR = 4  # digits, then OK comes first


class Typist:
    """Schedules presses one after the other, from `THINKING` seconds from now on."""

    def __init__(self, token: SimulatedToken, two_buttons: bool = False) -> None:
        self._token = token
        self._two = two_buttons
        self._at = THINKING

    def press(self, seconds: float = SHORT, second: bool = False) -> "Typist":
        """Press a button."""
        self._token.press(seconds, self._at, second)
        self._at += seconds + GAP
        return self

    def think(self, seconds: float = THINKING) -> "Typist":
        """Do nothing for a while."""
        self._at += seconds
        return self

    def enter(self, pin: str) -> "Typist":
        """Enter a PIN and say OK."""
        for count, digit in enumerate(pin):
            for _ in range(int(digit) + (count >= FOUR)):
                self.press()
            self._take()
        if self._two:
            self.press(LONG, second=True)
        else:
            self._take()  # the cursor is at OK
        return self.think()

    def prove(self) -> "Typist":
        """Hold four times, as a token wants after the third wrong PIN."""
        for _ in range(4):
            self.press(HOLD)
            self.think()
        return self.think()

    def delete(self) -> "Typist":
        """Delete the last one of less than four digits: del is behind the nine."""
        for _ in range(10):
            self.press()
        self._take()
        return self

    def digits(self, text: str) -> "Typist":
        """Enter less than four digits, without OK."""
        for digit in text:
            for _ in range(int(digit)):
                self.press()
            self._take()
        return self

    def _take(self) -> None:
        if self._two:
            self.press(SHORT, second=True)
        else:
            self.press(LONG)
