"""The loop: paints the top screen when it is due, and passes it the events of the buttons.

While the panel is dark, any press only lights it. A press is for the screen that was on top when
it began, subject to that screen's Consent; if that is no longer on top, the press is ignored.
"""

import asyncio
import time

from otpcore.errors import WireError
from tokenfw.drivers import button

_POLL_MS, _DARK_POLL_MS = 10, 20
_DARK_MS = 1000  # between two checks of what a dark token has to do
_NEAR_MS = 4  # before a second ends: from then on nothing else runs until the next is shown
_SECONDS_SHOWN = 86400  # seconds after which a screen's `tick` starts at 0 again


class Loop:
    """Paints the screens of `stack` on `canvas`, and polls `buttons`; `idle` is the Idle."""

    def __init__(self, canvas, buttons, stack, clock, words, idle):
        self._canvas = canvas
        self._buttons = buttons
        self._stack = stack
        self._clock = clock
        self._words = words
        self._idle = idle
        self._seen = None  # the screen that was painted last
        self._meant = None  # the screen that the present press is for

    async def run(self):
        """Paint, forever."""
        while True:
            await self.show()
            top, lit = self._stack.top, self._idle.lit
            if await self._is_quiet(top.pause() if lit else _DARK_MS) and lit:
                await self._show_edge(top)

    async def show(self):
        """Paint, and send what changed."""
        self._stack.changed.clear()
        self._idle.look()
        self._seen = None
        if self._idle.lit:
            self._words.together(True)
            while self._seen is not self._stack.top:  # a screen may leave instead of painting
                self._seen = self._stack.top
                self._paint()
            self._words.together(False)
        if self._meant is not self._seen:
            self._meant = None  # which also frees it
        await self._canvas.show()

    def _paint(self, second=None):
        top = self._stack.top
        seconds = time.ticks_diff(time.ticks_ms(), top.since) // 1000 % _SECONDS_SHOWN
        top.paint(self._canvas, seconds, second)

    async def _show_edge(self, top):
        """If the picture changes with the next second, draw it ahead, and send it at the edge."""
        second = top.edge
        if second is None or top is not self._stack.top or not self._clock.knows_edge():
            return
        self._paint(second)
        if not await self._is_quiet(self._clock.until_next_second(_NEAR_MS)):
            return
        try:
            begun = self._clock.busy_wait(second)
        except WireError:
            return  # painting will show the reason
        if begun:
            await self._canvas.show(False)

    async def _is_quiet(self, duration_ms):
        """Wait; return True after that time, False as soon as there is something new to show."""
        try:
            await asyncio.wait_for_ms(self._stack.changed.wait(), duration_ms)
            return False
        except asyncio.TimeoutError:
            return True

    async def watch_buttons(self):
        """Poll the buttons, forever."""
        while True:
            down = False
            for number in range(len(self._buttons)):  # enumerate() would make garbage each time
                each = self._buttons[number]
                top = self._stack.top
                each.doubles = number == 0 and top is self._meant and top.doubles
                event = each.poll(time.ticks_ms())
                if event is not None:
                    self._handle(event, number)
                down = down or each.down
            self._stack.hands.poll(time.ticks_ms(), down)
            await asyncio.sleep_ms(_POLL_MS if self._idle.lit else _DARK_POLL_MS)

    def _handle(self, event, number):
        self._idle.touch(True)
        top = self._stack.top
        if event == button.DOWN:
            counts = self._counts(top, number)
            self._meant = top if counts and top is self._seen and self._idle.lit else None
            if not self._idle.lit:
                self._idle.light()
        elif top is self._meant:
            top.press(event, number)

    def _counts(self, top, number):
        """Return whether a press of this button, which begins now, is for the top screen."""
        now = time.ticks_ms()
        if top.consent is None:
            self._stack.hands.use(now)  # not meant for a question that may follow
            return True
        return self._agrees(top.consent, number, now)

    def _agrees(self, consent, number, now):
        if any(each.down for at, each in enumerate(self._buttons) if at != number):
            self._stack.hands.use(now)
            return False
        return consent.begin(now)
