"""The screen of a token whose fault comes back at every start, and the ways out of it.

It says what failed and where. A long press tries once more; a computer may ask what is
wrong, and have the token wiped: see faultservice.py. Anything may be what failed: of the
application as little as can be is loaded, and what fails here, too, is done without. Where
nobody presses and no computer asks the screen goes dark, and the token sleeps, if a press can
wake it: to this screen.
"""

import asyncio
import gc
import sys
import time

from micropython import const

from tokenfw.drivers import button
from tokenfw.system import on_demand
from tokenfw.ui.dialogs.consent import ANSWER, Hands
from tokenfw.ui.dialogs.presence import NO, YES, Presence

_POLL_MS = const(10)
_POLLS = const(50)  # between two pictures, which blink
_PROVEN = const(120)  # pictures: then what shows the fault has none itself
_DARK = const(600)  # pictures since the last press or question
_LEAVE_MS = const(2000)  # for a computer to get its answer
_COLUMNS = const(16)
_TURN = const(6)  # pictures that rows stay which have to take turns


def show(make_board, record):
    """Show the fault that `record` holds; return when it is time to try once more."""
    asyncio.get_event_loop().set_exception_handler(lambda loop, context: None)
    asyncio.run(Screen(_made(make_board), record).run())
    record.try_once_more()


class Screen:
    """`board` may be None, and each of its parts may fail.

    `wiping` and `wiped` are set from outside while the token is wiped, and after.
    """

    def __init__(self, board, record):
        self._board = board
        self._record = record
        self._panel = _made(lambda: board.panel())
        self._buttons = _made(lambda: board.buttons()) or []
        self._sleep = _made(lambda: board.sleep())
        self._on_usb = _made(lambda: board.on_usb())
        self.changed = asyncio.Event()
        self.hands = Hands()
        self.questions = Presence(self, None)
        self._started = False  # the panel is set up, and answered when it was last spoken to
        self._idle = 0  # pictures since a press or a question
        self.damage = None  # why the link cannot be served: the firmware is not whole
        self._meant = None  # the question that stood when the press began
        self._armed = self._over = self.wiping = self.wiped = False

    async def run(self):
        """Return when somebody wants another try, or the token was wiped."""
        link = asyncio.create_task(self._serve())
        tick = 0
        while not (self._over or self.wiped):
            if self.damage is not None:
                raise self.damage
            await self.paint(tick)
            self._rest()
            tick += 1
            self._idle += 1
            if tick == _PROVEN:
                self._record.stands()
            for _ in range(_POLLS):
                if self._over or self.changed.is_set():
                    break
                self._poll()
                await asyncio.sleep_ms(_POLL_MS)
            self.changed.clear()
        if self.wiped:
            await asyncio.sleep_ms(_LEAVE_MS)
        link.cancel()

    def touch(self):
        """Somebody is there."""
        self._idle = 0

    def _rest(self):
        """Sleep, if nobody is there, and a press ends it."""
        if self._idle <= _DARK or self.wiping or self._sleep is None:
            return
        if self._on_usb is not None and self._on_usb():
            return
        self._record.end(b"")
        self._sleep()

    async def _serve(self):
        while True:
            try:
                service = on_demand.once("tokenfw.system.fault_service").Service(
                    self, self._board, self._record, self.questions
                )
                link = on_demand.once("tokenfw.link.link").Link
                await link(sys.stdin.buffer, sys.stdout.buffer, service).run()
            except on_demand.Damaged as damage:
                self.damage = damage
                return
            except Exception:
                gc.collect()
            await asyncio.sleep_ms(1000)

    # buttons

    def _poll(self):
        down = 0
        for each in self._buttons:
            try:
                event = each.poll(time.ticks_ms())
            except Exception:
                continue
            down += each.down
            if event is not None:
                self._handle(event, down > 1)
                self.touch()
        self.hands.poll(time.ticks_ms(), down > 0)

    def _handle(self, event, with_another):
        question, now = self.questions.question, time.ticks_ms()
        if event == button.DOWN:
            self._meant = question
            if question is None:
                self.hands.step(now)
                self._armed = not self.wiping
            else:
                self._armed = not with_another and question.consent.begin(now)
            self.changed.set()  # it may be dark
        elif not self._armed or question is not self._meant:
            return  # it was meant for something else
        elif question is None:
            self._over = event == button.LONG
        elif event == button.HOLD:
            self.questions.answer(YES)
        elif event == button.SHORT:
            self.questions.answer(NO)

    # what Presence takes of a stack of screens: this one looks itself for the question

    def push(self, question):
        self.changed.set()

    def remove(self, question):
        self.changed.set()

    # the picture

    def _rows(self):
        """Return the title and the rows below it."""
        question = self.questions.question
        if question is not None:
            self.touch()
            if question.consent.state(time.ticks_ms()) != ANSWER:
                return question.title, question.lines + ["let go and wait"]
            return question.title, question.lines + ["hold 3 s: yes", "press: no"]
        if self.wiping:
            return "WIPING", ["Do not unplug"]
        rows = []
        for word in self._record.text.split(" "):
            rows.extend([word[at : at + _COLUMNS] for at in range(0, len(word), _COLUMNS)])
        return "FAULT", rows + ["tokenctl status", "hold: try again"]

    def _draw(self, tick):
        panel, picture = self._panel, self._panel.framebuf
        title, rows = self._rows()
        blinks = tick & 1
        picture.fill(0)
        picture.fill_rect(0, 0, panel.width, 8, blinks)
        picture.text(title, 0, 0, 1 - blinks)
        top = panel.height // 4
        room = (panel.height - top) // 8
        if len(rows) > room:
            turns = (len(rows) + room - 1) // room
            first = min(tick // _TURN % turns * room, len(rows) - room)
            rows = rows[first : first + room]
        for row, text in enumerate(rows):
            picture.text(text, 0, top + 8 * row)

    async def paint(self, tick):
        panel = self._panel
        try:
            if panel is None:
                return
            self._draw(tick)
            if self._idle >= _DARK:
                if self._started:
                    panel.power(False)
                self._started = False
                return
            started = self._started and not panel.has_lost_power()
            if not started:
                panel.start()
            for page in panel.changed_pages():
                panel.send_page(page)
                await asyncio.sleep_ms(0)
            if not started:
                panel.power(True)
            self._started = True
        except Exception:
            self._started = False


def _made(make):
    """Return what `make()` does, None where that fails."""
    try:
        return make()
    except on_demand.Damaged:
        raise
    except Exception:
        return None
