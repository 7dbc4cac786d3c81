"""The dialogs at the token about backups: consent, and the recovery code, shown and entered."""

import asyncio

from otpcore import recovery_code, utc
from tokenfw.drivers import button
from tokenfw.ui.dialogs.pin_entry import DELETE, DIGITS, STOP, Entry
from tokenfw.ui.stack import Screen

_TIMEOUT_MS = 180000  # time to write the code down, or to look for the paper
_DRAWN_BY = "tokenfw.ui.screens.recovery"


class Group(Screen):
    """Shows the group of a code with a number (from 0), until it is `done`: see PinPad.have().

    `digits` is then "+" to go on or "-" to go back. A short press goes on, any other one back; a
    hold of three seconds at the first group, where there is nothing to go back to, refuses.
    """

    drawn_by = _DRAWN_BY
    runs = 0  # no button runs here

    def __init__(self, words, code, number):
        Screen.__init__(self)
        self._words = words
        self._number = number
        self._group = _group(code, number)
        self.digits = ""
        self.done = self.refused = False
        self.pressed = asyncio.Event()

    def press(self, event, number):
        if event == button.LONG and not number and not self._number:
            return  # it may become a hold
        if event == button.HOLD:
            self.refused = True
        else:
            self.digits = "+" if event == button.SHORT and number == 0 else "-"
            self.done = True
        self.pressed.set()

    def paint(self, canvas, tick, second=None):
        self.picture.draw_group(canvas, self._words, self._number, self._group)


class GroupEntry(Entry):
    """The entry of the group of a code with a number (from 0); its digits are visible.

    A short press moves the cursor. Holding a button moves it on repeatedly, the second one
    backwards, and releasing it takes the choice at the cursor: one press per digit. After the 9
    follows DELETE, or STOP while there is nothing to delete, which ends the dialog. The last
    digit completes the group if the check digit is right; else it starts again.
    """

    drawn_by = _DRAWN_BY

    def __init__(self, words, title, number, note):
        Entry.__init__(self, words, title, recovery_code.DIGITS, recovery_code.DIGITS, note)
        self.number = number

    def choices(self):
        return DIGITS + (DELETE if self.digits else STOP)

    def take(self):
        choice = self.choice()
        if choice == STOP:
            self.refused = True
            return
        Entry.take(self)
        if choice != DELETE:
            self.note = ""
        if len(self.digits) < recovery_code.DIGITS:
            return
        try:
            recovery_code.check_group(self.number, self.digits)
            self.done = True
        except recovery_code.WrongGroup:
            self.digits = ""
            self.note = self._words("code_wrong")

    def press(self, event, number):
        if event == button.LONG:
            self.runs = -1 if number else 1
            if number:
                self.run()
        elif event == button.SHORT and number == 0:
            self.turn(1)
        elif event == button.SHORT:
            self.take()
        self.pressed.set()

    def run(self):
        """Move the cursor on while held, skipping STOP: holding too long must not end it."""
        self.turn(self.runs)
        if self.choice() == STOP:
            self.turn(self.runs)

    def let_go(self):
        """End the run of a held button: take the choice at the cursor."""
        self.runs = 0
        self.take()


class RecoveryDialogs:
    """The dialogs of a Request that has the turn. They raise NotPressed, Refused, Cancelled."""

    def __init__(self, dialogs, vault, words, request):
        self._dialogs = dialogs
        self._pad = dialogs.pad
        self._questions = dialogs.questions
        self._vault = vault
        self._words = words
        self._request = request

    async def consent(self, key, pin_key):
        """Confirm with a hold what the text of `key` asks, and the PIN if any. Raises Locked."""
        has_pin = self._vault.has_pin()
        title, *lines = self._words.rows(key)
        if not has_pin:
            lines = self._words.rows("without_pin")
        await self._questions.ask(title, lines, self._request.tell, hold=True)
        if has_pin:
            await self._dialogs.pin_dialogs(self._request).prove(self._words(pin_key))

    async def confirm(self, header, replace):
        """Confirm a restore. The Header, which the screen shows, must be authenticated already."""
        lines = [when(header.created, self._words), header.serial]
        lines.append(self._words("accounts") % header.count)
        title = self._words("replace_all" if replace else "restore")
        await self._questions.ask(title, lines, self._request.tell, hold=replace)

    async def show(self, code, repeated):
        """Show a code group by group; then have the groups with the numbers `repeated` entered."""
        await self._request.tell("show_code")
        number = 0
        while number < recovery_code.GROUPS:
            number = max(0, number + (1 if await self._show(code, number) == "+" else -1))
        for number in repeated:
            note = ""
            while await self._enter("code_repeat", number, note, None) != _group(code, number):
                await self._show(code, number)
                note = self._words("code_unlike")

    async def enter(self, key):
        """Return the whole code, once entered; `key` is that of the title."""
        code, tell = "", self._request.tell
        for number in range(recovery_code.GROUPS):
            code += await self._enter(key, number, "", tell)
            tell = None
        return code

    def _show(self, code, number):
        screen = Group(self._words, code, number)
        return self._pad.have(screen, None, "code", _TIMEOUT_MS)

    def _enter(self, key, number, note, tell):
        entry = GroupEntry(self._words, self._words(key) % (number + 1), number, note)
        return self._pad.have(entry, tell, "code", _TIMEOUT_MS)


def when(unix_time, words):
    """Return the date and time (UTC) of a Unix time for a row of the screen; 0 is not known."""
    return utc.text(unix_time)[:16] if unix_time else words("no_date")


def _group(code, number):
    size = recovery_code.DIGITS
    return code[size * number : size * (number + 1)]
