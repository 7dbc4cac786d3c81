"""The user interface: which screen is shown, and what the buttons do.

Dark: any press wakes the token; a locked one asks for its PIN. Lit: a short press
goes to the next account, a long one makes the next code of an HOTP account, and shows
that of a TOTP account; two short ones open the menu. The second button, if there is
one, goes back, and its long press opens the menu. What presses do there is in menu/;
whatever is asked meanwhile closes it, and so does going dark. While a question stands,
a short press says yes and a long one no, or, where something is destroyed, only a hold
of three seconds says yes. While a PIN is entered, a short press turns, a long one
takes; the second button takes, and its long press is done. A hold enters none. Some
time before the token goes dark it is dimmed. The vault locks when it does, and when
nobody has pressed for a while. A hold on a static text shows it. Dark, the token goes to
sleep as soon as it may.
"""

import asyncio
import gc
import time

from otpcore.errors import WireError
from otpcore.settings import BRIGHTNESS, DARK_AFTER, FLIPPED, LOCK_AFTER
from tokenfw.drivers import button
from tokenfw.system import on_demand
from tokenfw.ui.dialogs import presence
from tokenfw.ui.dialogs.consent import ANSWER
from tokenfw.ui.dialogs.turns import Person
from tokenfw.ui.screens import message as message_screen
from tokenfw.vault.states import LOCKED

_SESSION_MS = 2000  # after its last request a computer has what it wanted
_EMPTY_MS = 4000  # for so long the battery is said to be empty
_PANEL_MS = 60000  # for so long a dark token waits for a panel that does not answer
_LEVELS = (0, 1, 70, 200, 255)  # of the panel's contrast: dimmed, then 1 to 4 of the setting
_POLL_MS, _DARK_POLL_MS = 10, 20
# ms before a second ends: for the look at the next one, for drawing the next code, and from
# when on nothing else runs until it is shown.
_LOOK_MS, _READY_MS, _NEAR_MS = 10, 30, 4


# In memory from their use to the dark.
_PIN, _PROMPT = "tokenfw.ui.screens.pin", "tokenfw.ui.screens.prompt"


class Interface:
    """`asks` is Asks; `changed` the Event that everything sets which has something new to show.

    `menu()` returns a new menu; `sleep` is a Sleep, `battery` a Battery or None.
    """

    def __init__(
        self,
        canvas,
        buttons,
        carousel,
        vault,
        clock,
        asks,
        changed,
        words,
        menu,
        sleep,
        battery,
    ):
        self._canvas = canvas
        self._buttons = buttons
        self._carousel = carousel
        self._vault = vault
        self._clock = clock
        self._asks = asks
        self._changed = changed
        self._words = words
        self._make_menu = menu
        self._sleep = sleep
        self._battery = battery
        self._empty = False  # the battery is, and nothing else gives power
        self._menu = None
        self._lit = False
        self._woken = False  # it is lit because something is asked, and nobody has pressed since
        self._touched = 0  # ticks_ms of the last press, or of what else keeps it lit
        self._pressed = 0  # ticks_ms of the last press
        self._asked = None  # the question or entry on the screen
        self._armed = False  # a press that counts has begun
        self._answering = 0  # requests that are carried out
        self._answered = None  # ticks_ms of the last answer, until what it took is let go of

    async def run(self):
        """Paint, for ever."""
        while True:
            await self._show()
            if await self._is_quiet(self._pause()) and self._shows_codes():
                await self._show_next_code()

    async def wake(self, opened):
        """A press has woken the chip from its sleep: show what there is once the vault is `opened`.

        That is awaited, and the buttons are served meanwhile.
        """
        self._pressed = time.ticks_ms()
        self._light()
        await opened
        self._ask_pin_if_locked()
        await self._show()

    async def _show(self):
        self._changed.clear()
        self._words.together(True)
        self._paint()
        self._words.together(False)
        await self._canvas.show()

    async def _show_next_code(self):
        """If the code on the screen ends, have the next one ready and send it at the very edge."""
        if not self._clock.knows_edge():
            return
        second = self._carousel.next_code()
        if second is None or not await self._is_quiet(self._clock.until_next_second(_NEAR_MS)):
            return
        try:
            begun = self._clock.busy_wait(second)
        except WireError:
            return  # painting says why
        if begun:
            await self._canvas.show(False)

    async def _is_quiet(self, duration_ms):
        """Wait; return False as soon as there is something new to show."""
        try:
            await asyncio.wait_for_ms(self._changed.wait(), duration_ms)
            return False
        except asyncio.TimeoutError:
            return True

    async def watch_buttons(self):
        """Serve the buttons, for ever."""
        while True:
            down = False
            for number, each in enumerate(self._buttons):
                each.doubles = number == 0 and self._may_double()
                event = each.poll(time.ticks_ms())
                if event is not None:
                    self._handle(event, number)
                    self._changed.set()
                down = down or each.down
            now = time.ticks_ms()
            self._asks.hands.poll(now, down)
            if self._asks.pad.gesture is not None:
                self._asks.pad.sense(now, down)
            await asyncio.sleep_ms(_POLL_MS if self._lit else _DARK_POLL_MS)

    def touch(self):
        """A request was carried out: that keeps the token lit, and may change what it shows."""
        self._touched = time.ticks_ms()
        self._changed.set()

    def hear(self, began):
        """A computer asks for something, or has its answer: that keeps a dark token awake."""
        self._sleep.heard()
        self._answering += 1 if began else -1
        self._answered = time.ticks_ms()

    # buttons

    def _handle(self, event, number):
        self._touched = self._pressed = time.ticks_ms()
        self._woken = False
        if event == button.DOWN:
            self._armed = self._may_count(number) and self._lit
            if not self._lit:
                self._light()
        elif not self._armed or self._asked is not self._asks.standing:
            return  # it began before what is asked now was on the screen
        elif self._asks.questions.question is not None:
            self._answer(event, number)
        elif self._asks.pad.entry is not None:
            self._enter(event, number)
        elif self._asks.busy:  # with a message, or a gesture, which looks at the buttons itself
            if event == button.HOLD and self._asks.pad.gesture is None:
                self._asks.pad.refuse()
        elif self._menu is not None:
            if event != button.HOLD:
                self._menu.press((event == button.LONG) + 2 * number)
                self._close_menu_if(self._menu.over)
        elif event == button.DOUBLE or (event == button.LONG and number):
            self._open_menu()
        elif self._vault.state == LOCKED and event == button.SHORT:
            self._ask_pin()
        elif event == button.SHORT:
            self._carousel.turn(-1 if number else 1)
        elif event == button.LONG:
            self._carousel.make_code()
        elif event == button.HOLD and number == 0:
            self._carousel.reveal()

    def _may_double(self):
        """Tell whether two presses are more than twice one, which then has to wait a little."""
        return self._armed and self._lit and self._menu is None and not self._asks.busy

    def _open_menu(self):
        try:
            self._menu = self._make_menu()
        except MemoryError:  # there is none for it
            self._words.keep(False)
            on_demand.forget("tokenfw.ui.menu")

    def _close_menu_if(self, over):
        if over and self._menu is not None:
            self._menu.close()
            self._menu = None
            on_demand.forget("tokenfw.ui.menu")
            gc.collect()

    def _may_count(self, number):
        """A press of this button begins: tell whether it is one for what is asked, if any is."""
        hands, standing, now = self._asks.hands, self._asks.standing, time.ticks_ms()
        if standing is None or standing.consent is None:
            hands.step(now)  # it was not meant for a question that may come
            return True
        if any(each.down for at, each in enumerate(self._buttons) if at != number):
            hands.step(now)
            return False
        counts = standing.consent.begin(now)
        if counts and self._asks.pad.entry is standing:
            standing.consent.open = True
            hands.step(now)
        return counts

    def _answer(self, event, number):
        questions = self._asks.questions
        yes, no = button.SHORT, button.LONG
        if questions.question.hold:
            yes, no = button.HOLD, button.SHORT
        if event == yes and (number == 0 or questions.question.hold):
            questions.answer(presence.YES)
        elif event == no or (event == button.SHORT and number):
            questions.answer(presence.NO)

    def _enter(self, event, number):
        pad = self._asks.pad
        if event == button.HOLD:
            pad.refuse()
        elif event == button.SHORT and number == 0:
            pad.turn(1)
        elif event == button.LONG and number:
            pad.finish()
        else:
            pad.take()

    # light

    def _light(self):
        self._lit = True
        self._touched = time.ticks_ms()
        self._carousel.appear()
        self._canvas.lit(True)
        self._ask_pin_if_locked()

    def _ask_pin_if_locked(self):
        if self._vault.state == LOCKED and not self._asks.busy:
            self._ask_pin()

    def _ask_pin(self):
        asyncio.create_task(self._open())

    async def _open(self):
        try:
            await self._asks.doorkeeper(Person()).open()
        except WireError:
            pass  # nobody entered it: the token goes dark in time

    def _rest(self):
        """Go dark when nothing happens, and lock the vault when nobody presses."""
        now = time.ticks_ms()
        if self._asks.busy:
            self._touched = now
        dark_after = self._vault.setting(DARK_AFTER) * 1000
        if self._empty:
            dark_after = _EMPTY_MS
        idle = time.ticks_diff(now, self._touched)
        level = 0 if idle > dark_after * 2 // 3 else self._vault.setting(BRIGHTNESS)
        self._canvas.look(_LEVELS[level], self._vault.setting(FLIPPED))
        if self._asks.busy:
            return
        if self._session_is_over(now):
            self._answered = None
            on_demand.tidy()
        if self._lit and (idle >= dark_after or self._woken):  # no code that nobody pressed for
            self._lit = self._woken = False
            self._close_menu_if(True)
            self._carousel.disappear()
            self._canvas.clear()
            self._canvas.lit(False)
            self._vault.lock()
            on_demand.forget(_PIN)
            on_demand.forget(_PROMPT)
            on_demand.tidy()
            self._changed.set()  # to sleep when the panel has taken that
        lock_after = self._vault.setting(LOCK_AFTER) * 1000
        if time.ticks_diff(now, self._pressed) >= lock_after:
            self._vault.lock()
            self._pressed = now
        if not self._lit and (self._canvas.is_gone() or idle >= dark_after + _PANEL_MS):
            self._fall_asleep()

    def _session_is_over(self, now):
        """Tell whether a computer was there, and has what it wanted."""
        if self._answered is None or self._answering or self._menu is not None:
            return False
        return time.ticks_diff(now, self._answered) >= _SESSION_MS

    def _fall_asleep(self):
        if any(each.down for each in self._buttons):
            return  # it would wake at once
        if self._sleep.is_due(self._vault, self._clock, self._empty):
            self._sleep.begin(self._carousel.selected, self._canvas.lightings)

    def _look_at_battery(self):
        if self._battery is not None:
            before = self._empty
            self._battery.look()
            self._empty = self._battery.empty and not self._sleep.on_usb()
            if self._empty and not before:
                self._touched = time.ticks_ms()  # that it is empty is said for a while

    # painting

    def _paint(self):
        questions, pad = self._asks.questions, self._asks.pad
        if self._asks.standing is not self._asked:
            self._asked, self._armed = self._asks.standing, False
        self._rest()
        if self._asks.busy and not self._lit:
            self._light()
            self._woken = True
        self._close_menu_if(self._asks.busy)
        if not self._shows_codes():  # what covers a static text hides it for good
            self._carousel.hide()
        if not self._lit:
            return
        self._look_at_battery()
        if questions.question is not None:
            self._paint_question(questions.question)
        elif pad.entry is not None:
            entry = pad.entry
            tick, state = _seconds_since(entry.asked), _state(entry)
            on_demand.load(_PIN).draw(self._canvas, self._words, entry, tick, state)
        elif pad.gesture is not None:
            self._paint_gesture(pad.gesture)
        elif pad.message is not None:
            message_screen.draw(self._canvas, *pad.message)
        elif self._empty:
            title, *lines = self._words.rows("battery_empty")
            message_screen.draw(self._canvas, title, lines)
        else:
            self._paint_menu()

    def _paint_menu(self):
        """Paint the menu if it is open; else, or when it has come to its end, the code."""
        if self._menu is not None:
            self._menu.paint()
            self._close_menu_if(self._menu.over)
        if self._menu is None:
            self._carousel.paint()

    def _paint_gesture(self, gesture):
        key = "prove_now" if gesture.due(time.ticks_ms()) else "prove"
        lines = self._words.rows(key, gesture.left, gesture.made)
        message_screen.draw(self._canvas, gesture.title, lines)

    def _paint_question(self, question):
        tick = _seconds_since(question.asked)
        title, lines = question.title, question.lines
        prompt, state = on_demand.load(_PROMPT), _state(question)
        prompt.draw(self._canvas, self._words, title, lines, question.hold, tick, state)

    def _pause(self):
        """Return how many ms the screen stays as it is, if nothing happens."""
        if not self._shows_codes() or not self._carousel.counts:
            return 1000
        ends = self._carousel.code_ends
        return self._clock.until_next_second(_READY_MS if ends else _LOOK_MS)

    def _shows_codes(self):
        return (
            self._lit and self._menu is None and not self._asks.busy and self._vault.state != LOCKED
        )


def _state(asked):
    """Return what presses do to a question or an entry now, see consent.py."""
    return ANSWER if asked.consent is None else asked.consent.state(time.ticks_ms())


def _seconds_since(ticks_ms):
    return time.ticks_diff(time.ticks_ms(), ticks_ms) // 1000
