"""2FAS: JSON with a `schemaVersion` from 1 to 4, its accounts in `services`.

Encrypted ones are `servicesEncrypted`, three base64 texts with colons between them: what
AES-256-GCM sealed, the salt (PBKDF2 with SHA-256, 10,000 rounds) and the nonce.
`reference` is sealed with the same key, and tells a wrong password from damage.
"""

from typing import Any

from tokenctl.enrol.apps.drafts import Export, base32, draft, parameters_in
from tokenctl.enrol.apps.faults import (
    CUT,
    DAMAGED,
    WRONG,
    WRONG_OR_DAMAGED,
    BadEntry,
    Lacking,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.fields import Fields, base64_bytes, dropped, names_of
from tokenctl.enrol.apps.file import File, parse_json
from tokenctl.enrol.apps.keys import WrongKey, open_gcm, pbkdf2
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_ROUNDS = 10_000
_SCHEMAS = (1, 2, 3, 4)
_KINDS = ("totp", "hotp", "steam")
_BESIDES = {marked("icons"): ("icon",), marked("groups"): ("groupId",)}


def claims(file: File) -> bool:
    """Return whether the file looks like a backup of 2FAS."""
    return file.json_has("schemaVersion") and (
        file.json_has("services") or file.json_has("servicesEncrypted")
    )


def read(file: File, opening: Opening) -> Export:
    """Return what the backup holds; raise SourceError."""
    outer = file.json
    if outer["schemaVersion"] not in _SCHEMAS:
        raise Unreadable(
            _("its schema is {schema!r}; 1 to 4 are supported").format(
                schema=outer["schemaVersion"]
            )
        )
    services, encrypted = outer.get("services"), bool(outer.get("servicesEncrypted"))
    if encrypted:
        services = parse_json(_decrypted(outer, opening))
    if not isinstance(services, list):
        raise Unreadable(_("its list of accounts is missing"))
    services = sorted(services, key=_position)
    export = Export("2fas", dropped=dropped(services, _BESIDES), disposable=not encrypted)
    export.collect(services, _draft, lambda each: names_of(each, "name"))
    return export


def _position(service: Any) -> int:
    order = service.get("order") if isinstance(service, dict) else None
    place = order.get("position") if isinstance(order, dict) else None
    return place if isinstance(place, int) else 0


def _draft(service: Any) -> Draft:
    fields = Fields(service)
    otp = fields.inner("otp") if fields.has("otp") else Fields({})
    kind = otp.text("tokenType", "TOTP").lower()
    if kind not in _KINDS:
        raise Lacking(_("its type is not TOTP, HOTP or STEAM"))
    return draft(
        otp.text("issuer", "") or fields.text("name", ""),
        otp.text("account", ""),
        base32(fields.text("secret")),
        parameters_in(otp, kind),
    )


def _decrypted(outer: dict[str, Any], opening: Opening) -> bytes:
    sealed, salt, nonce = _parts(outer["servicesEncrypted"])
    key = pbkdf2("SHA256", opening.ask(), salt, _ROUNDS)
    try:
        return open_gcm(key, nonce, sealed)
    except WrongKey:
        pass
    if not outer.get("reference"):
        raise WrongPassword(_(WRONG_OR_DAMAGED))
    try:
        sealed, _salt, nonce = _parts(outer["reference"])
        open_gcm(key, nonce, sealed)
    except WrongKey:
        raise WrongPassword(_(WRONG)) from None
    raise Unreadable(_(DAMAGED))


def _parts(text: Any) -> tuple[bytes, bytes, bytes]:
    parts = text.split(":") if isinstance(text, str) else []
    if len(parts) != 3:
        raise Unreadable(_(CUT))
    try:
        sealed, salt, nonce = (base64_bytes(each, "part") for each in parts)
    except BadEntry:
        raise Unreadable(_(CUT)) from None
    return sealed, salt, nonce
