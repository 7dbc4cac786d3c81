"""The state of a token's backups, in one sealed record of the vault: see sealed.py.

Its data, byte by byte (big-endian; times in Unix time, 0: none, or not known):

       0   1  version: 1
       1   1  flags: 1: backups are switched off; 2: the last backup was acknowledged at the
              token; 4: the last begun was a clone for another token; 8: the recovery code was
              drawn here, with the radio on; 16: drawn here without it
       2  32  key of the recovery code, or zeros
      34   4  when the last backup was begun
      38   4  when the last finished backup was begun
      42   2  how many accounts that has
      44   2  the highest id of an account at that time
      46   4  sequence of the newest record at that time
      50  32  its identity (otpcore.backup_frame), or zeros: none was finished
      82   4  when a drill last found it to match the token's accounts
"""

import struct

from tokenfw.vault.contents.record_types import BACKUP

_FORM = ">BB32sIIHHI32sI"
_VERSION = 1
_OFF, _SEEN, _CLONE, _STRONG, _WEAK = 1, 2, 4, 8, 16
_NONE = bytes(32)


class BackupState:
    """The fields above; `code_key` and `identity` are bytes, or None if there is none.

    `strong` is whether the recovery code was drawn with the radio on; None: not drawn here.
    """

    def __init__(self):
        self.off = self.clone = False
        self.seen = True
        self.code_key = self.identity = None
        self.strong = _drawn(0)
        self.begun = self.made = self.count = self.highest = self.sequence = self.drilled = 0

    def pack(self):
        """Return the data of the record (bytes)."""
        return struct.pack(
            _FORM,
            _VERSION,
            self._flags(),
            self.code_key or _NONE,
            self.begun,
            self.made,
            self.count,
            self.highest,
            self.sequence,
            self.identity or _NONE,
            self.drilled,
        )

    def _flags(self):
        drawn = 0 if self.strong is None else _STRONG if self.strong else _WEAK
        return _OFF * self.off + _SEEN * self.seen + _CLONE * self.clone + drawn

    def finished(self, count, identity, highest, sequence):
        """Note that the backup that was begun last is finished, with `count` accounts.

        `highest` is the highest id, `sequence` that of the newest record.
        """
        self.made, self.count, self.identity = self.begun, count, identity
        self.highest, self.sequence, self.drilled = highest, sequence, 0


def load(store):
    """Return the BackupState of an open Store; raise ValueError (BadSeal is one)."""
    state = BackupState()
    address = store.single.get(BACKUP)
    if address is None:
        return state
    fields = struct.unpack(_FORM, store.open_record(address)[3])
    if fields[0] != _VERSION:
        raise ValueError("a backup state of another version")
    state.off, state.seen = bool(fields[1] & _OFF), bool(fields[1] & _SEEN)
    state.clone = bool(fields[1] & _CLONE)
    state.strong = _drawn(fields[1])
    code_key, state.begun, state.made, state.count, state.highest, state.sequence = fields[2:8]
    state.code_key = None if code_key == _NONE else code_key
    state.identity = None if fields[8] == _NONE else fields[8]
    state.drilled = fields[9]
    return state


def _drawn(flags):
    if not flags & (_STRONG | _WEAK):
        return None
    return bool(flags & _STRONG)


def save(store, state):
    """Store a BackupState. Raises LogFull."""
    store.keep(BACKUP, state.pack())
    store.unseen = not state.seen
