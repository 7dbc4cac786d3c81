"""What the token asks on its own after a backup, and after a restore."""

from otpcore.account import COUNTER_MAX
from otpcore.errors import Refused
from tokenfw.ui.dialogs.backup_dialogs import when

_SKIPPED = 10  # HOTP codes: services look ahead by about so many


async def remind(questions, vault, words):
    """Remind of a backup or clone that was made, and store that the user acknowledged it."""
    backups = vault.backups()
    date = when(backups.state.begun, words)
    if backups.state.clone:
        title, *lines = words.rows("clone_made", date)
    else:
        title, *lines = words.rows("backup_made", date)
    await questions.ask(title, lines, None)
    backups = vault.backups()
    backups.state.seen = True
    backups.save()


async def mend(account_id, questions, vault, words):
    """Ask about an HOTP counter that may be behind: skip some codes, or note that it is right."""
    title, *lines = words.rows("behind_fix")
    try:
        await questions.ask(title, lines, None, hold=True)
        skipped = _SKIPPED
    except Refused:
        skipped = 0
    account = vault.get(account_id)
    if not account.behind:  # a computer has replaced it meanwhile
        return
    account.counter = min(COUNTER_MAX, account.counter + skipped)
    account.behind = skipped > 0
    vault.set_counter(account_id, account)
