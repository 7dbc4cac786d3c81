"""The vault: sealed accounts and plain settings, in a flash partition of their own.

The modules, from the bottom up:

- flash: nor (primitives), sectors (used in turn), records (in a sector), record_types, log
  (appending, compaction)
- keys: slot, attempts and anchor (each a part of a key sector), keyslots (the two key sectors),
  kdf, binding (to the chip's key), sealing
- contents: index, fingerprint, scan (reading all headers), sealed and store (sealed records),
  order, settings (a plain record)
- the vault: states, steps, access (keys, settings, wiping), gate (opening, the PIN), vault
  (accounts)
- loaded on demand: scan, binding, format (a new vault), migration (from an older version),
  pin_change, flash_health, raw_wipe
- backups, loaded on demand: backup_state, backups, transfer, its subclasses backup_writer (a file
  that is written) and backup_reader (one that is read), whose subclasses are drill and restore,
  restored_settings, staging (all or nothing), staged, alike and meanwhile (which counter counts);
  key_exchange (for cloning)

The format is frozen at version 1. docs/vault-format.md describes all of it; slot, attempts,
anchor, keyslots, sectors, records, sealed, settings, sealing, binding, backup_state and staging
each document their own bytes. Additions get a kind or a version of their own.
"""
