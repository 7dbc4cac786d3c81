"""Migrations: convert the vault of an older format version to this one.

A migration is a generator function of the flash, whose steps take the vault from one version to
the next. The power may fail at any step, and the next start runs the migration from the
beginning, so each step must leave a state that a migration can continue from. The key slot of
the next version is written last, into the other key sector: from then on the older version is
void. A migration has no PIN: records sealed under one are carried over as they are. If it is
impossible it raises OtherVersion before it changes anything.

Loaded on demand.
"""

from tokenfw.system.steps import finish
from tokenfw.vault.flash.faults import OtherVersion
from tokenfw.vault.keys.slot import VERSION

MIGRATIONS = {}  # version: the migration to the next one


async def migrate(flash, version):
    """Migrate the vault in `flash` from a version to VERSION; raise OtherVersion if impossible."""
    while version < VERSION:
        if version not in MIGRATIONS:
            raise OtherVersion(version)
        await finish(MIGRATIONS[version](flash))
        version += 1
