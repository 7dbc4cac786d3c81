"""2FAS, backup schemas 1 to 4 (data/services/.../BackupContent of its Android source).

1 has no digits, algorithm or token type; 2 has digits, period and algorithm; 3 adds the
token type, the counter and icons; 4 adds the link. Fields that a QR code lacks are missing
(`sparse`), and an account without an issuer has the name "Unknown". The encrypted file has
`servicesEncrypted` and `reference`, each base64(ciphertext and tag):base64(salt):base64(nonce),
the key by PBKDF2-SHA256 with 10,000 rounds and a salt of 256 bytes.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from random import Random
from typing import Any

from support.apps.accounts import Account
from support.apps.sealing import gcm, pbkdf2
from support.apps.uris import otpauth, short

UPDATED = 1_702_934_567_518  # milliseconds
VERSIONS = {
    1: (300101, "3.1.1"),
    2: (3080200, "3.8.2"),
    3: (4000004, "4.0.0"),
    4: (5000009, "5.1.0"),
}
GROUP = "8fd1a6de-3b40-4d52-9a55-6b2f3f7f1c02"
COLLECTION = "a5b3fb65-4ec5-43e6-8ec1-49e24ca9e7ad"


def plain(
    accounts: Sequence[Account],
    schema: int = 4,
    *,
    origin: str = "android",
    sparse: bool = False,
    extra: Any = None,
) -> bytes:
    """Return the backup file; `extra` is one more service, verbatim."""
    services = [_service(each, place, schema, origin) for place, each in enumerate(accounts)]
    if sparse:
        usual = {"digits": 6, "period": 30, "algorithm": "SHA1"}
        for service, account in zip(services, accounts, strict=True):
            otp = service["otp"] | {"link": short(account)}
            service["otp"] = {name: otp[name] for name in otp if otp[name] != usual.get(name)}
    return _dump(_content(services + ([extra] if extra else []), schema, origin), schema)


def encrypted(accounts: Sequence[Account], password: str, schema: int = 4) -> bytes:
    random = Random(42)
    salt = random.randbytes(256)
    key = pbkdf2(password, salt, 10_000, "SHA256")

    def seal(text: str) -> str:
        nonce = random.randbytes(12)
        parts = (gcm(key, nonce, text.encode()), salt, nonce)
        return ":".join(b64encode(part).decode() for part in parts)

    services = [_service(each, place, schema, "android") for place, each in enumerate(accounts)]
    content = _content([], schema, "android")
    content["servicesEncrypted"] = seal(json.dumps(services, ensure_ascii=False))
    content["reference"] = seal("the app's own constant, 240 characters long " * 5)
    return _dump(content, schema)


def _content(services: list[Any], schema: int, origin: str) -> dict[str, Any]:
    code, name = VERSIONS[schema]
    content: dict[str, Any] = {"services": services}
    if schema > 1:
        content["groups"] = [{"id": GROUP, "name": "Work", "isExpanded": True}]
    return content | {
        "updatedAt": UPDATED,
        "schemaVersion": schema,
        "appVersionCode": code,
        "appVersionName": name,
        "appOrigin": origin,
    }


def _service(account: Account, place: int, schema: int, origin: str) -> dict[str, Any]:
    service: dict[str, Any] = {
        "name": account.issuer or "Unknown",
        "secret": account.base32,
        "updatedAt": UPDATED + place,
    }
    if schema < 3:
        service["type"] = "Unknown"
    service["otp"] = _otp(account, schema, origin)
    service["order"] = {"position": place}
    if schema > 1 and account.favourite:
        service["groupId"] = GROUP
    if schema > 2:
        service["badge"] = {"color": "Default"}
        service["icon"] = {
            "selected": "Label",
            "label": {"text": "AB", "backgroundColor": "Indigo"},
            "iconCollection": {"id": COLLECTION},
        }
    return service


def _otp(account: Account, schema: int, origin: str) -> dict[str, Any]:
    """Return the inner object. On iOS an account made by hand has no issuer in it."""
    otp: dict[str, Any] = {"account": account.account}
    if origin == "ios":
        otp |= {"source": "manual"}
    else:
        otp = {"label": ":".join(filter(None, (account.issuer, account.account)))} | otp
        if account.issuer:
            otp["issuer"] = account.issuer
    if schema == 1:
        return otp
    otp |= {"digits": account.digits, "algorithm": account.algorithm}
    if account.type != "hotp" or schema == 3:
        otp["period"] = account.period
    if schema > 2:
        otp |= {"tokenType": account.type.upper()}
        if account.type == "hotp":
            otp["counter"] = account.counter
        if origin != "ios":
            otp["source"] = "Link"
    if schema > 3 and origin != "ios":
        otp["link"] = otpauth(account)
    return otp


def _dump(content: dict[str, Any], schema: int) -> bytes:
    indent = 2 if schema < 4 else None
    separators = None if indent else (",", ":")
    return json.dumps(content, indent=indent, separators=separators, ensure_ascii=False).encode()
