"""Migrations: how the vault of an older version becomes one of this version.

A migration is a function of the flash that returns steps, a generator, which take the vault
from one version to the next. The power may go at any step: the next start begins the migration
anew with what it finds, so that each step leaves what a migration can go on from. The key slot
of the next version is written last, into the other key sector: from then on nothing of the
older one counts. It has no keys but what anybody can compute: what is sealed under a PIN is
carried over as it is. OtherVersion says, before anything is changed, that it cannot be done.

In memory only while there is something to do.
"""

from tokenfw.vault.slot import VERSION
from tokenfw.vault.states import OtherVersion
from tokenfw.vault.steps import finish

MIGRATIONS = {}  # version: the migration to the next one


async def migrate(flash, version):
    """Migrate the vault in `flash` from a version to this one; raise OtherVersion if none can."""
    while version < VERSION:
        if version not in MIGRATIONS:
            raise OtherVersion(version)
        await finish(MIGRATIONS[version](flash))
        version += 1
