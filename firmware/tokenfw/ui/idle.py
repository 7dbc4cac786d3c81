"""What an idle token does: it dims, goes dark, locks, and sleeps.

It dims after two thirds of the time until it goes dark. The vault locks when the token goes
dark, and after a time without a press: before a dialog, not in the midst of one. Once dark, the
token sleeps as soon as possible. With an empty battery all of this happens within seconds.
"""

import time

from otpcore.settings import BRIGHTNESS, DARK_AFTER, FLIPPED, LOCK_AFTER
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.message import Message
from tokenfw.ui.stack import BATTERY, DIALOG

_SESSION_MS = 2000  # after a computer's last request its session counts as over
_EMPTY_MS = 4000  # how long the message about the empty battery is shown
_PANEL_MS = 60000  # how long a dark token waits for a panel that does not answer
_LEVELS = (0, 1, 70, 200, 255)  # contrast of the panel: dimmed, then the setting's levels 1 to 4


class Idle:
    """Decides when to dim, go dark, lock and sleep. `lit` is whether the panel is on.

    `battery` is a Battery or None; `sleep` is the Sleep.
    """

    def __init__(self, canvas, vault, clock, words, stack, codes, sleep, battery):
        self._canvas = canvas
        self._vault = vault
        self._clock = clock
        self._words = words
        self._stack = stack
        self._codes = codes
        self._sleep = sleep
        self._battery = battery
        self._empty = None  # the Message that the battery is empty, while it is the only supply
        self.lit = False
        self._asked = None  # the dialog's screen that was on top at the last look, or None
        self._unseen = False  # lit by a question, and nobody has pressed since
        self._touched = 0  # ticks_ms of the last press, or of anything else that keeps it lit
        self._pressed = 0  # ticks_ms of the last press
        self._answering = 0  # requests in progress
        self._answered = None  # ticks_ms of the last answer, until its units are unloaded

    def touch(self, pressed=False):
        """Keep the token lit: a button was `pressed`, or a request was carried out."""
        self._touched = time.ticks_ms()
        if pressed:
            self._pressed = self._touched
            self._unseen = False
        self._stack.changed.set()

    def hear(self, began):
        """Keep a dark token awake: a request `began` (True), or was answered (False)."""
        self._sleep.heard()
        self._answering += 1 if began else -1
        self._answered = time.ticks_ms()

    def light(self):
        """Light the panel up, with the code screen."""
        self.lit = True
        self._touched = time.ticks_ms()
        self._canvas.lit(True)
        self._codes.appear()

    def look(self):
        """Do whatever is due; to be called before each picture."""
        now = time.ticks_ms()
        top = self._stack.top
        asked = top.level == DIALOG
        if asked:
            self._touched = now
            if top is not self._asked:  # a computer may have one follow the other
                self._lock_in_time(now)
        self._asked = top if asked else None
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
        """Go dark, lock or sleep if due; no dialog is shown, and nobody pressed for `idle` ms."""
        if self._session_is_over(now):
            self._answered = None
            on_demand.tidy()
        if self.lit and (idle >= dark_after or self._unseen):  # no code without a press
            self._go_dark()
        self._lock_in_time(now)
        if not self.lit and (self._canvas.is_gone() or idle >= dark_after + _PANEL_MS):
            self._fall_asleep()

    def _lock_in_time(self, now):
        """Lock the vault if nobody has pressed for as long as the setting says."""
        lock_after = self._vault.setting(LOCK_AFTER) * 1000
        if time.ticks_diff(now, self._pressed) >= lock_after:
            self._vault.lock()
            self._pressed = now

    def _go_dark(self):
        self.lit = self._unseen = False
        if self._stack.top is not self._codes:
            self._stack.uncover()
        self._codes.selection.leave()
        self._canvas.clear()
        self._canvas.lit(False)
        stranded = self._vault.stranded
        self._vault.lock()
        if self._vault.stranded and not stranded:  # show it now, and then whenever it lights up
            self._codes.unlock()
        on_demand.tidy()
        self._stack.changed.set()  # to sleep as soon as the panel is dark

    def _session_is_over(self, now):
        """Return whether a computer used the token, and its last request is a while ago."""
        if self._answered is None or self._answering or self._stack.top is not self._codes:
            return False
        return time.ticks_diff(now, self._answered) >= _SESSION_MS

    def _fall_asleep(self):
        if self._stack.hands.down:
            return  # the pressed button would wake it at once
        if self._sleep.is_due(self._vault, self._clock, self._empty is not None):
            self._sleep.begin(self._codes.selection.account_id, self._canvas.wake_count)

    def _look_at_battery(self):
        self._battery.look()
        empty = self._battery.empty and not self._sleep.on_usb()
        if empty != (self._empty is not None):
            self._say_empty(empty)

    def _say_empty(self, empty):
        """Show that the battery is empty, or remove that message."""
        if not empty:
            self._stack.remove(self._empty)
            self._empty = None
            return
        title, *lines = self._words.rows("battery_empty")
        self._empty = Message(title, lines, BATTERY)
        self._stack.push(self._empty)
        self._touched = time.ticks_ms()
