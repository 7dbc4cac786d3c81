"""The vault: accounts and settings, sealed, in a flash partition of their own.

From below: sectors (NOR flash, begun in turn), log (records), keyslots (the wrapped
vault key and the PIN attempts); kdf and sealing (the cryptography); survey, index and
fingerprint (what is there); store (sealed records); vault (accounts, PIN, states);
migration (what the version before this one left).
"""
