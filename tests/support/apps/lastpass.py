"""LastPass Authenticator: JSON, version 1 (iOS) or 3. `original…` has the texts of the QR code."""

import json
from collections.abc import Sequence
from typing import Any

from support.apps.accounts import Account, uuids


def plain(accounts: Sequence[Account], *, ios: bool = False) -> bytes:
    entries = [_entry(each, place, ios) for place, each in enumerate(accounts)]
    folders = [{"id": 1, "name": "Favorites", "isOpened": True}]
    folders.append({"id": 0, "name": "Other Accounts", "isOpened": True})
    if ios:
        file = {"deviceName": "iPhone16,1", "localDeviceId": None, "accounts": entries}
        return _dump(file | {"folders": folders, "version": 1}, None)
    file = {"deviceId": "", "deviceSecret": "", "localDeviceId": "9dae8be5-83f1-4600"}
    file |= {"deviceName": "Pixel 6a", "version": 3, "accounts": entries, "folders": folders}
    return _dump(file, 2)


def _entry(account: Account, place: int, ios: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "accountID": "" if ios else uuids(10 + place, (account,))[0],
        "lmiUserId": "",
        "issuerName": account.issuer,
        "originalIssuerName": "Old name" if account.issuer == "GitHub" else account.issuer,
        "userName": account.account,
        "originalUserName": account.account,
        "pushNotification": False,
        "secret": account.base32,
        "timeStep": account.period,
        "digits": account.digits,
        "creationTimestamp": 1_746_694_099,
        "isFavorite": account.favourite,
        "algorithm": account.algorithm,
        "folderData": {"folderId": int(account.favourite), "position": place},
    }
    if ios:
        del entry["pushNotification"]
        return dict(reversed(entry.items()))
    return entry | {"backupInfo": None}


def _dump(value: object, indent: int | None) -> bytes:
    separators = None if indent else (",", ":")
    return json.dumps(value, indent=indent, separators=separators, ensure_ascii=False).encode()
