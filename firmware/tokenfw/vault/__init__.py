"""The vault: accounts, sealed, and settings, in a flash partition of their own.

From below: nor (what is asked of flash), sectors (begun in turn), records (in them), log
(appending, compaction); slot and attempts (in a key sector), anchor, keyslots (the two key
sectors); kdf and sealing (the cryptography); index, fingerprint and scan (what is there);
sealed and store (sealed records), order, settings (a plain one); access (keys, settings,
wiping), gate (opening, the PIN), states; vault (accounts). In memory when it is needed: scan,
format (a vault begins), migration (from an older version), pin_change, raw_wipe.

Backups, likewise: backup_state (what is known of them), backups; transfer, and of it
backup_writer (the file that leaves) and backup_reader (one that comes), of that drill and
restore, with restored_settings; staging (all or nothing) with staged.

The format is frozen at version 1: docs/vault-format.md has all of it, and slot, attempts, anchor,
keyslots, sectors, records, sealed, settings, sealing, backup_state and staging have their parts
of it, byte by byte. What is added gets a kind or a version of its own.
"""
