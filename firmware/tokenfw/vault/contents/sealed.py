"""The plaintext of sealed records, and the keys that they are sealed under.

Byte by byte (sealing.py describes the seal around it, record_types.py has the kinds):

       0   8  id of the request that wrote it, or zeros
       8  16  fingerprint of the set of records including it
      24  10  location of the record that it replaced, see settings.py, so that a restart can
              finish the removal; or zeros
      34      ACCOUNT, STAGED: the account, see otpcore.account; ORDER: the ids, 16 bits each;
              BACKUP: see backup/state.py; RESTORE: see backup/staging.py; else nothing
"""

import struct

from otpcore.errors import Locked
from tokenfw.vault.contents.fingerprint import SIZE
from tokenfw.vault.contents.settings import LOCATION_SIZE
from tokenfw.vault.flash.log import Log
from tokenfw.vault.keys.keyslots import SECTORS
from tokenfw.vault.keys.sealing import BadSeal

PREFIX = ">8s%ds%ds" % (SIZE, LOCATION_SIZE)  # request, fingerprint, location it replaces
PREFIX_SIZE = 8 + SIZE + LOCATION_SIZE


class Sealed:
    """The sealed records in a Log on `flash`; a subclass is the Log's owner.

    `seals` is {epoch: Seal}, empty while locked.
    """

    def __init__(self, flash):
        self.log = Log(flash, len(SECTORS), self)
        self.seals = {}
        self.broken = set()  # addresses of records that failed to open

    @property
    def locked(self):
        """Whether there is no key."""
        return not self.seals

    def seal(self):
        """Return the Seal of the present epoch; raise Locked."""
        if not self.seals:
            raise Locked  # in the middle of what lets other tasks run
        return self.seals[self.log.epoch]

    def open_record(self, address):
        """Return (request, fingerprint, location it replaces, data, generator of further data).

        Raises BadSeal, and notes the record as broken; Locked: it may be whole.
        """
        self.seal()
        try:
            plaintext = self._plaintext(self.log.read(address))()
            payload = next(plaintext)
        except ValueError:  # BadSeal is one
            self.broken.add(address)
            raise BadSeal("a record in the vault is damaged")
        prefix = struct.unpack(PREFIX, payload[:PREFIX_SIZE])
        return prefix + (payload[PREFIX_SIZE:], plaintext)

    def _plaintext(self, record):
        """Return a function that yields a record's plaintext in pieces; raises BadSeal."""
        try:
            seal = self.seals[self.log.epoch_at(record.address)]
        except KeyError:
            raise BadSeal("the record's key has gone")
        read = self.log.reader(record)
        return lambda: seal.open(record.context(), read, record.size)
