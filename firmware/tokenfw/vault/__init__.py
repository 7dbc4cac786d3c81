"""The vault: sealed accounts and plain settings, in a flash partition of their own.

From the bottom up; each room may import those before it:

- flash: nor (primitives), sectors (used in turn), records (in a sector), log (appending,
  compaction), faults; on demand: health, raw_wipe
- keys: sealing, kdf, slot, attempts and anchor (each a part of a key sector), keyslots (the two key
  sectors); on demand: binding (to the chip's key), pin_change
- contents: record_types, index, fingerprint, sealed and store (sealed records), order, settings (a
  plain record); on demand: scan (reading all headers)
- backup, all of it on demand: state, backups, keys (what is drawn), transfer, its subclasses
  writer (a file that is written) and reader (one that is read), whose subclasses are drill and
  restore; ends, restore_end, restored_settings, staging (all or nothing) and staged, alike and
  meanwhile (which counter counts); key_exchange (for cloning)
- the vault: states, access (keys, settings, wiping), gate (opening, the PIN), vault (accounts); on
  demand: format (a new vault), migration (from an older version)

The format is frozen at version 1. docs/vault-format.md describes all of it; slot, attempts,
anchor, keyslots, sectors, records, sealed, settings, sealing, binding, backup/state and staging
each document their own bytes. Additions get a kind or a version of their own.
"""
