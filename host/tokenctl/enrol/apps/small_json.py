"""Apps whose files are plain JSON of one kind: Duo, Steam, LastPass.

Duo's accounts.json (from a phone that somebody rooted): an array, `otpGenerator` with a
secret in base32, and a counter if it counts. Steam's maFile: one account, its secret in
base64; the app's own file has `accounts` by number. LastPass Authenticator: `accounts`, each
with its fields by name.
"""

from typing import Any

from tokenctl.enrol.apps.drafts import Export, algorithm, base32, draft, parameters
from tokenctl.enrol.apps.faults import BadEntry, Lacking, Unreadable
from tokenctl.enrol.apps.fields import Fields, base64_bytes, dropped, names_of
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.code_parameters import STEAM
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_LASTPASS_VERSIONS = (1, 2, 3)  # the iPhone's are 1


def claims_duo(file: File) -> bool:
    """Return whether the file looks like Duo's accounts."""
    accounts = file.json
    return isinstance(accounts, list) and any(
        isinstance(each, dict) and "otpGenerator" in each for each in accounts
    )


def read_duo(file: File, opening: Opening) -> Export:
    """Return what the accounts hold; raise SourceError."""
    if not isinstance(file.json, list):
        raise Unreadable(_("its list of accounts is missing"))
    export = Export("duo", disposable=True)
    export.collect(file.json, _duo, lambda each: names_of(each, "name"))
    return export


def _duo(account: Any) -> Draft:
    fields = Fields(account)
    if not fields.has("otpGenerator"):
        raise Lacking(_("it is only for Duo push, and has no codes"))
    generator = fields.inner("otpGenerator")
    counter = generator.number("counter", None)
    return draft(
        "",
        fields.text("name", ""),
        base32(generator.text("otpSecret")),
        parameters("totp" if counter is None else "hotp", counter=counter),
    )


def claims_steam(file: File) -> bool:
    """Return whether the file looks like a maFile of Steam, or the app's own file."""
    if not file.json_has("accounts"):
        return file.json_has("shared_secret")
    accounts = file.json["accounts"]
    return isinstance(accounts, dict) and any(
        isinstance(each, dict) and "shared_secret" in each for each in accounts.values()
    )


def read_steam(file: File, opening: Opening) -> Export:
    """Return the one account of a maFile, or those of the app's file; raise SourceError."""
    outer = file.json
    accounts = outer.get("accounts") if isinstance(outer, dict) else None
    export = Export("steam")  # it has the revocation code, too: somebody may need it
    export.collect(
        accounts.values() if isinstance(accounts, dict) else [outer],
        _steam,
        lambda each: names_of(each, "account_name"),
    )
    return export


def _steam(account: Any) -> Draft:
    fields = Fields(account)
    secret = base64_bytes(fields.text("shared_secret"), "shared_secret")
    return draft("Steam", fields.text("account_name", ""), secret, STEAM)


def claims_lastpass(file: File) -> bool:
    """Return whether the file looks like an export of LastPass Authenticator."""
    if not file.json_has("accounts"):
        return False
    accounts = file.json["accounts"]
    return isinstance(accounts, list) and (
        file.json_has("deviceName")
        or file.json_has("localDeviceId")
        or any(isinstance(each, dict) and "issuerName" in each for each in accounts)
    )


def read_lastpass(file: File, opening: Opening) -> Export:
    """Return what the export holds; raise SourceError."""
    outer = file.json
    if not isinstance(outer, dict) or not isinstance(outer.get("accounts"), list):
        raise Unreadable(_("its list of accounts is missing"))
    if outer.get("version", 1) not in _LASTPASS_VERSIONS:
        raise Unreadable(
            _("its version is {version!r}; 1 to 3 are supported").format(version=outer["version"])
        )
    accounts = outer["accounts"]
    export = Export("lastpass", dropped=dropped([outer], {marked("folders"): ("folders",)}))
    export.disposable = True
    export.collect(accounts, _lastpass, lambda each: names_of(each, "issuerName", "userName"))
    return export


def _lastpass(account: Any) -> Draft:
    fields = Fields(account)
    issuer = fields.text("issuerName", "") or fields.text("originalIssuerName", "")
    if not fields.has("secret") and fields.flag("pushNotification"):
        raise Lacking(_("it is only for LastPass push, and has no codes"))
    period = fields.number("timeStep")
    if period < 0:
        raise BadEntry(_("its timeStep is negative"))
    return draft(
        issuer,
        fields.text("userName", "") or fields.text("originalUserName", ""),
        base32(fields.text("secret")),
        parameters(
            "totp",
            algorithm(fields.text("algorithm")),
            digits=fields.number("digits"),
            period=period,
        ),
        favourite=fields.flag("isFavorite"),
    )
