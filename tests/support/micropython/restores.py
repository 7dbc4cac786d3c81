"""Makes and restores backups without a computer, for the tests of the vault."""

from norflash import NorFlash
from vaults import power_up, records, request, run

from otpcore import backup_frame
from tokenfw.vault.contents.record_types import RESTORE

CODE_KEY = b"a key of a recovery code, thirty"
SERIAL = "0123456789AB"
CREATED = 1790000000


def make(vault, code_key=CODE_KEY, created=CREATED):
    """Return a list of the parts of a backup of a vault."""
    backups = vault.backups()
    backups.state.code_key = code_key
    backups.save()
    making = backups.make(SERIAL, created)
    parts = []
    while making.more:
        parts.append(run(making.part(len(parts))))
    return parts


def backup_of(*accounts, sectors=8, settings=None):
    """Return the parts of a backup of a new vault with these accounts."""
    vault = power_up(NorFlash(sectors))
    for number, account in enumerate(accounts):
        vault.add(request(5000 + number), account)
    if settings:
        vault.change_settings(settings)
    return make(vault)


async def give(vault, key=CODE_KEY, left=None):
    """Return the parts of a clone of a vault, under a key that both tokens have.

    Each is also appended to the list `left` as soon as it has left the token.
    """
    left = [] if left is None else left
    making = vault.backups().make(SERIAL, CREATED, key)
    while making.more:
        left.append(await making.part(len(left)))
    return left


def opened(vault, parts, purpose, code_key=CODE_KEY):
    """Return the Restore or the Drill for these parts."""
    header, tag = backup_frame.header(parts[0][: backup_frame.HEADER_SIZE])
    key = header.key(code_key)
    assert backup_frame.tag(key) == tag
    return vault.backups().open(header, key, purpose)


def bodies(parts):
    """Return the parts without the header."""
    return [parts[0][backup_frame.HEADER_SIZE :]] + parts[1:]


async def restore(vault, parts, purpose="merge", answer=True):
    """Restore a backup, or do a drill; return the counts. `answer` is that to conflicts."""

    async def ask(account):
        return answer

    opening = opened(vault, parts, purpose)
    for number, part in enumerate(bodies(parts)):
        await opening.take(number, part, ask)
    await opening.finish(CREATED + 100)
    return opening.counts


def staged(flash, pin, parts, purpose):
    """Return (vault, Restore) of a backup that was sent as a whole to the vault on a flash."""
    vault = power_up(flash, pin)
    restore = opened(vault, parts, purpose)

    async def take():
        for number, part in enumerate(bodies(parts)):
            await restore.take(number, part, None)

    run(take())
    return vault, restore


def interrupted(image, pin, parts, purpose):
    """Return the flash on which the power went as soon as a restore was committed."""
    flash = NorFlash(len(image) // NorFlash.SECTOR, image)
    _, restore = staged(flash, pin, parts, purpose)
    left = NorFlash(flash.sectors, flash.memory)
    flash.journal = []
    run(restore.finish(0))
    for operation in flash.journal:
        left.repeat(operation)
        if any(each.kind == RESTORE for each in records(left)):
            break
    return left


async def give_up(vault, parts):
    """Stage a complete backup, then abandon it."""

    async def ask(account):
        return True

    opening = opened(vault, parts, "merge")
    for number, part in enumerate(bodies(parts)):
        await opening.take(number, part, ask)
    for _ in vault.backups().drop():
        pass
