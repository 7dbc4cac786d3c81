"""What an idle token does: it dims, goes dark, locks, and sleeps.

Some time before it goes dark it is dimmed. The vault locks when it does, and when nobody
has pressed for a while. Dark, the token goes to sleep as soon as it may. With an empty battery
all of that comes soon.
"""

import time

from otpcore.settings import BRIGHTNESS, DARK_AFTER, FLIPPED, LOCK_AFTER
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.message import Message
from tokenfw.ui.stack import BATTERY, DIALOG

_SESSION_MS = 2000  # after its last request a computer has what it wanted
_EMPTY_MS = 4000  # for so long the battery is said to be empty
_PANEL_MS = 60000  # for so long a dark token waits for a panel that does not answer
_LEVELS = (0, 1, 70, 200, 255)  # of the panel's contrast: dimmed, then 1 to 4 of the setting


class Idle:
    """`lit` says whether the panel shows anything. `battery` is a Battery or None."""

    def __init__(self, canvas, vault, clock, words, stack, codes, sleep, battery):
        self._canvas = canvas
        self._vault = vault
        self._clock = clock
        self._words = words
        self._stack = stack
        self._codes = codes
        self._sleep = sleep
        self._battery = battery
        self._empty = None  # the Message that the battery is, if nothing else gives power
        self.lit = False
        self._unseen = False  # it is lit because something is asked; nobody has pressed since
        self._touched = 0  # ticks_ms of the last press, or of what else keeps it lit
        self._pressed = 0  # ticks_ms of the last press
        self._answering = 0  # requests that are carried out
        self._answered = None  # ticks_ms of the last answer, until what it took is let go of

    def touch(self, pressed=False):
        """A button was `pressed`, or a request was carried out: that keeps the token lit."""
        self._touched = time.ticks_ms()
        if pressed:
            self._pressed = self._touched
            self._unseen = False
        self._stack.changed.set()

    def hear(self, began):
        """A computer asks for something, or has its answer: that keeps a dark token awake."""
        self._sleep.heard()
        self._answering += 1 if began else -1
        self._answered = time.ticks_ms()

    def light(self):
        """Light the panel up."""
        self.lit = True
        self._touched = time.ticks_ms()
        self._canvas.lit(True)
        self._codes.appear()

    def look(self):
        """Do what is due; to be called before each picture."""
        now = time.ticks_ms()
        asked = self._stack.top.level == DIALOG
        if asked:
            self._touched = now
        dark_after = _EMPTY_MS
        if self._empty is None:
            dark_after = self._vault.setting(DARK_AFTER) * 1000
        idle = time.ticks_diff(now, self._touched)
        level = 0 if idle > dark_after * 2 // 3 else self._vault.setting(BRIGHTNESS)
        self._canvas.look(_LEVELS[level], self._vault.setting(FLIPPED))
        if not asked:
            self._rest(now, idle, dark_after)
        elif not self.lit:
            self.light()
            self._unseen = True
        if self.lit and self._battery is not None:
            self._look_at_battery()

    def _rest(self, now, idle, dark_after):
        """Nothing is asked, and nobody has pressed for `idle` ms."""
        if self._session_is_over(now):
            self._answered = None
            on_demand.tidy()
        if self.lit and (idle >= dark_after or self._unseen):  # no code that nobody pressed for
            self._go_dark()
        lock_after = self._vault.setting(LOCK_AFTER) * 1000
        if time.ticks_diff(now, self._pressed) >= lock_after:
            self._vault.lock()
            self._pressed = now
        if not self.lit and (self._canvas.is_gone() or idle >= dark_after + _PANEL_MS):
            self._fall_asleep()

    def _go_dark(self):
        self.lit = self._unseen = False
        if self._stack.top is not self._codes:
            self._stack.uncover()
        self._codes.selection.leave()
        self._canvas.clear()
        self._canvas.lit(False)
        stranded = self._vault.stranded
        self._vault.lock()
        if self._vault.stranded and not stranded:  # said at once, then whenever it is lit
            self._codes.unlock()
        on_demand.tidy()
        self._stack.changed.set()  # to sleep when the panel has taken that

    def _session_is_over(self, now):
        """Return whether a computer was there, and has what it wanted."""
        if self._answered is None or self._answering or self._stack.top is not self._codes:
            return False
        return time.ticks_diff(now, self._answered) >= _SESSION_MS

    def _fall_asleep(self):
        if self._stack.hands.down:
            return  # it would wake at once
        if self._sleep.is_due(self._vault, self._clock, self._empty is not None):
            self._sleep.begin(self._codes.selection.number, self._canvas.wake_count)

    def _look_at_battery(self):
        self._battery.look()
        empty = self._battery.empty and not self._sleep.on_usb()
        if empty != (self._empty is not None):
            self._say_empty(empty)

    def _say_empty(self, empty):
        """Say that the battery is empty, for a while; or no longer."""
        if not empty:
            self._stack.remove(self._empty)
            self._empty = None
            return
        title, *lines = self._words.rows("battery_empty")
        self._empty = Message(title, lines, BATTERY)
        self._stack.push(self._empty)
        self._touched = time.ticks_ms()
