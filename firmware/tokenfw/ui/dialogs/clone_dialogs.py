"""The dialogs of a clone, at the giving and at the taking token."""


class CloneDialogs:
    """The dialogs of a Request that has the turn. They raise NotPressed, Refused, Cancelled."""

    def __init__(self, dialogs, vault, words, request):
        self._dialogs = dialogs
        self._vault = vault
        self._words = words
        self._request = request

    async def give(self, count, serial):
        """Confirm with a hold, and the PIN, copying `count` accounts to a token. Raises Locked."""
        has_pin = self._vault.has_pin()
        title, *lines = self._words.rows("clone_give", count, serial)
        if not has_pin:
            lines.append(self._words("about_no_pin"))
        await self._ask(title, lines, True)
        if has_pin:
            await self._dialogs.pin_dialogs(self._request).prove(self._words("clone_pin"))

    async def take(self, count, serial):
        """Confirm with a hold taking `count` accounts of a token."""
        title, *lines = self._words.rows("clone_take", count, serial)
        await self._ask(title, lines, True)

    async def compare(self, code, serial):
        """Confirm that both tokens show this code."""
        title, *lines = self._words.rows("clone_code", code, serial)
        await self._ask(title, lines, False)

    async def _ask(self, title, lines, hold):
        await self._dialogs.questions.ask(title, lines, self._request.tell, hold)
