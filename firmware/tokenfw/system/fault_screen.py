"""The screen of a token that fails at every start, and the ways out of it.

It shows what failed and where. A long press tries again; a computer can read the fault, and
have the token wiped: see fault_service.py. Since anything may have failed, as little of the
application as possible is loaded, and parts that fail here too are left out. Without a press or
a request for a while it goes dark, and the token sleeps, if a press can wake it, to this screen.
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
_POLLS = const(50)  # between two pictures: the title blinks
_PROVEN = const(120)  # pictures, after which this screen itself counts as working
_DARK = const(600)  # pictures since the last press or question, then it goes dark
_LEAVE_MS = const(2000)  # for the answer to reach the computer
_COLUMNS = const(16)
_TURN = const(6)  # pictures before rows that do not fit all at once take turns


def show(make_board, record):
    """Show the fault in `record`; return when the token is to be restarted."""
    asyncio.get_event_loop().set_exception_handler(lambda loop, context: None)
    asyncio.run(Screen(_made(make_board), record).run())
    record.try_once_more()


class Screen:
    """The fault screen on `board`, which may be None, and each of whose parts may fail.

    `wiping` and `wiped` are set by the Service while the token is wiped, and afterwards.
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
        self._started = False  # whether the panel is set up, and answered the last time
        self._idle = 0  # pictures since a press or a question
        self.damage = None  # the on_demand.Damaged that keeps the link from being served
        self._meant = None  # the question that was shown when the press began
        self._armed = self._over = self.wiping = self.wiped = False

    async def run(self):
        """Return after a long press, or once the token is wiped. Raises on_demand.Damaged."""
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
        """Restart the time until it goes dark."""
        self._idle = 0

    def _rest(self):
        """Sleep, if it is dark and a press can wake the token."""
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
                self.hands.use(now)
                self._armed = not self.wiping
            else:
                self._armed = not with_another and question.consent.begin(now)
            self.changed.set()  # it may be dark
        elif not self._armed or question is not self._meant:
            return  # the press was meant for an earlier question, or for none
        elif question is None:
            self._over = event == button.LONG
        elif event == button.HOLD:
            self.questions.answer(YES)
        elif event == button.SHORT:
            self.questions.answer(NO)

    # what Presence needs of a stack of screens: _rows() shows the question

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
            return "WIPING", ["Please wait"]
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
    """Return the result of `make()`, or None if it fails. Raises on_demand.Damaged."""
    try:
        return make()
    except on_demand.Damaged:
        raise
    except Exception:
        return None
