"""Aegis: JSON with the accounts in `db`, which is base64 when it is encrypted.

What is around the accounts of an encrypted file is in `aegis_vault`.
"""

from typing import Any

from tokenctl.enrol.apps.aegis_vault import VERSION, AegisVault, checked
from tokenctl.enrol.apps.drafts import Export, algorithm, base32, draft, parameters
from tokenctl.enrol.apps.faults import Lacking, Unreadable
from tokenctl.enrol.apps.fields import Fields, dropped, names_of
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_KINDS = {"totp": "totp", "hotp": "hotp", "steam": "steam"}
_OTHER_TYPES = {
    "yandex": marked("Yandex's own kind of one-time password"),
    "motp": marked("mOTP, which needs a PIN for each code"),
}
_BESIDES = {
    marked("notes"): ("note",),
    marked("icons"): ("icon",),
    marked("groups"): ("groups", "group"),
}


def claims(file: File) -> bool:
    """Return whether the file looks like an export of Aegis."""
    return file.json_has("version", "header", "db") and isinstance(file.json["header"], dict)


def read(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    outer = file.json
    if outer["version"] != VERSION:
        raise Unreadable(
            _("its version is {version!r}; the supported one is {supported}").format(
                supported=VERSION, version=outer["version"]
            )
        )
    encrypted = isinstance(outer["db"], str)
    db = AegisVault.opened(outer, opening).db if encrypted else checked(outer["db"])
    entries = db["entries"]
    export = Export("aegis", dropped=dropped(entries, _BESIDES), disposable=not encrypted)
    export.collect(entries, _draft, lambda each: names_of(each, "issuer", "name"))
    return export


def _draft(entry: Any) -> Draft:
    fields = Fields(entry)
    info = fields.inner("info")
    kind = fields.text("type").lower()
    if kind in _OTHER_TYPES:
        raise Lacking(_("it is {kind}").format(kind=_(_OTHER_TYPES[kind])))
    if kind not in _KINDS:
        raise Lacking(_("its type is not totp, hotp or steam"))
    return draft(
        fields.text("issuer", ""),
        fields.text("name", ""),
        base32(info.text("secret")),
        parameters(
            _KINDS[kind],
            algorithm(info.text("algo")),
            digits=info.number("digits"),
            period=None if kind == "hotp" else info.number("period"),
            counter=info.number("counter") if kind == "hotp" else None,
        ),
        favourite=fields.flag("favorite"),
    )
