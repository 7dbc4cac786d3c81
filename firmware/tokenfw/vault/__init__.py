"""The vault: accounts, sealed, and settings, in a flash partition of their own.

From below: sectors (NOR flash, begun in turn), log (records), keyslots (the wrapped
vault key and the PIN attempts); kdf and sealing (the cryptography); survey, index and
fingerprint (what is there); store (sealed records) and settings (plain ones); gate
(opening, PIN, wiping), states; vault (accounts); migration (the version before).
"""
