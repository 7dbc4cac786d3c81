"""What is sealed in the records of a log, and under which keys.

Byte by byte (see sealing.py for what surrounds it, and record_types.py):

       0   8  id of the request that asked for it, or zeros
       8  16  fingerprint of the set of records as it was with it
      24  10  where the record lay that it replaced, see settings.py, so that a restart can
              finish the removal; or zeros
      34      ACCOUNT: otpcore.account's record; ORDER: the ids, 16 bits each; else nothing
"""

import struct

from tokenfw.vault.fingerprint import SIZE
from tokenfw.vault.keyslots import SECTORS
from tokenfw.vault.log import Log
from tokenfw.vault.sealing import BadSeal
from tokenfw.vault.settings import LOCATION_SIZE

PREFIX = ">8s%ds%ds" % (SIZE, LOCATION_SIZE)  # request, fingerprint, what it replaces
PREFIX_SIZE = 8 + SIZE + LOCATION_SIZE


class Sealed:
    """Sealed records in `log`, whose owner this is.

    `seals` has a Seal for each epoch, and none while locked.
    """

    def __init__(self, flash):
        self.log = Log(flash, len(SECTORS), self)
        self.seals = {}
        self.broken = set()  # addresses of records whose seal was seen to be broken

    @property
    def locked(self):
        """Whether there is no key."""
        return not self.seals

    def seal(self):
        """Return the Seal of the present epoch."""
        return self.seals[self.log.epoch]

    def open_record(self, address):
        """Return (request, fingerprint, what it replaces, data, further data in pieces).

        Raises BadSeal.
        """
        try:
            plaintext = self._plaintext(self.log.read(address))()
            payload = next(plaintext)
        except ValueError:  # BadSeal is one
            self.broken.add(address)
            raise BadSeal("a record in the vault is damaged")
        prefix = struct.unpack(PREFIX, payload[:PREFIX_SIZE])
        return prefix + (payload[PREFIX_SIZE:], plaintext)

    def _plaintext(self, record):
        """Return a function that gives what is sealed in a record, in pieces; raises BadSeal."""
        try:
            seal = self.seals[self.log.epoch_at(record.address)]
        except KeyError:
            raise BadSeal("the record's key has gone")
        read = self.log.reader(record)
        return lambda: seal.open(record.context(), read, record.size)
