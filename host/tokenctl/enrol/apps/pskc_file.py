"""PSKC (RFC 6030), the file that comes with tokens of a maker, by the library python-pskc.

Its password is one (PBKDF2), or a key that was agreed on before, in hex. What a key says
of its codes that the token cannot do (a check digit, letters, a challenge) leaves it out.
"""

import io
import re
from dataclasses import replace
from typing import Any

from tokenctl.enrol.apps import android_xml
from tokenctl.enrol.apps.drafts import Export, algorithm, draft, parameters
from tokenctl.enrol.apps.faults import (
    CUT,
    WRONG_OR_DAMAGED,
    BadEntry,
    Lacking,
    MissingLibrary,
    TooCostly,
    Unreadable,
    WrongPassword,
)
from tokenctl.enrol.apps.file import File
from tokenctl.enrol.apps.keys import check_rounds
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.draft import Draft
from tokenctl.language import _, marked

_ROOT = re.compile(r"<([A-Za-z0-9_.-]+:)?(KeyContainer|SecretContainer)[\s>]")
_KEYS = re.compile(r"<(?:[A-Za-z0-9_.-]{1,20}:)?(?:Key|KeyPackage|Secret|Device)[\s>/]")
_KEYS_MAX = 5_000  # each with its package
_COMMENTS = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_HEAD = 16 << 10
_KEY_SIZE_MAX = 64
_DIGITS_GUESSED = marked("the file does not include the number of digits, so 6 is assumed")
_PERIOD_GUESSED = marked("the file does not include the period, so 30 s is assumed")
_COUNTER_GUESSED = marked("the file does not include the counter, so 0 is assumed")


def claims(file: File) -> bool:
    """Return whether the file looks like a container of keys."""
    if file.text is None:
        return False
    head = _COMMENTS.sub("", file.text[:_HEAD]).lstrip("\ufeff").strip()
    return _ROOT.match(head) is not None


def read(file: File, opening: Opening) -> Export:
    """Return the keys in the container; raise SourceError."""
    try:
        from pskc import PSKC
        from pskc.exceptions import PSKCError
    except ImportError:
        raise MissingLibrary(_("the package python-pskc")) from None
    text = android_xml.bare(file.text or "")
    if len(_KEYS.findall(text)) > _KEYS_MAX:
        raise TooCostly(_("it has more keys than the limit of {limit:,}").format(limit=_KEYS_MAX))
    try:
        container = PSKC(io.BytesIO(text.encode()))
    except (PSKCError, ValueError, TypeError, AttributeError, KeyError):
        raise Unreadable(_(CUT)) from None
    encrypted = _is_encrypted(container)
    if encrypted:
        _unlock(container, opening)
    export = Export("pskc", disposable=not encrypted)
    export.collect(container.keys, _draft, lambda key: ":".join(filter(None, _names(key))))
    return export


def _is_encrypted(container: Any) -> bool:
    try:
        return bool(container.encryption.is_encrypted)
    except (ValueError, TypeError, AssertionError):
        raise Unreadable(_(CUT)) from None


def _unlock(container: Any, opening: Opening) -> None:
    """Set the key that opens the secrets, and prove it on the first."""
    from pskc.exceptions import DecryptionError, PSKCError

    encryption = container.encryption
    derivation = encryption.derivation
    try:
        if derivation.algorithm:
            check_rounds(derivation.pbkdf2_iterations)
            if not 1 <= (derivation.pbkdf2_key_length or 16) <= _KEY_SIZE_MAX:
                raise Unreadable(_("its key derivation is not valid"))
            encryption.derive_key(opening.ask().decode())
        else:
            encryption.key = bytes.fromhex(opening.ask().decode())
    except (PSKCError, TypeError):
        raise Unreadable(_("its key derivation is not supported or incomplete")) from None
    except ValueError:
        raise WrongPassword(
            _("it is encrypted with a key agreed on beforehand: enter that key, in hex")
        ) from None
    first = next(iter(container.keys), None)
    try:
        _secret = first is None or first.secret
    except (DecryptionError, ValueError, AssertionError):
        raise WrongPassword(_(WRONG_OR_DAMAGED)) from None


def _names(key: Any) -> tuple[str, str]:
    """Return issuer and account; a key that nobody has yet goes by its maker and number."""
    if account := key.friendly_name or key.userid:
        return key.issuer or "", account
    return key.issuer or key.manufacturer or "", key.serial or key.id or ""


def _draft(key: Any) -> Draft:
    kind = (key.algorithm or "").lower().rpartition(":")[2].rpartition("#")[2]
    if kind not in ("totp", "hotp"):
        raise Lacking(_("its algorithm is neither TOTP nor HOTP"))
    _refuse_extras(key)
    values = _values(key)
    if values["secret"] is None:
        raise BadEntry(_("it has no secret"))
    if kind == "totp" and values["time_offset"]:
        raise Lacking(_("its time counts from a different start"))
    assumptions: list[str] = []
    if key.response_length is None:
        assumptions.append(_(_DIGITS_GUESSED))
    if kind == "totp" and values["time_interval"] is None:
        assumptions.append(_(_PERIOD_GUESSED))
    uncounted = kind == "hotp" and values["counter"] is None
    said = parameters(
        kind,
        algorithm(key.algorithm_suite) if key.algorithm_suite else "SHA1",
        digits=key.response_length,
        period=values["time_interval"] if kind == "totp" else None,
        counter=(values["counter"] or 0) if kind == "hotp" else None,
    )
    return replace(
        draft(*_names(key), values["secret"], said),
        warnings=(_(_COUNTER_GUESSED),) if uncounted else (),
        assumptions=tuple(assumptions),
    )


def _refuse_extras(key: Any) -> None:
    if (key.response_encoding or "DECIMAL").upper() != "DECIMAL":
        raise Lacking(
            _("its codes do not consist of digits ({response_encoding})").format(
                response_encoding=key.response_encoding
            )
        )
    if key.response_check:
        raise Lacking(_("its codes end in a check digit"))
    if key.challenge_encoding or key.challenge_max_length:
        raise Lacking(_("its codes answer a challenge"))


def _values(key: Any) -> dict[str, Any]:
    """Return what may be encrypted."""
    names = ("secret", "counter", "time_offset", "time_interval")
    try:
        return {name: getattr(key, name) for name in names}
    except Exception as error:  # of the library, and of what it is built on
        if isinstance(error, (KeyboardInterrupt, MemoryError)):
            raise
        raise BadEntry(_("it is damaged: its secret cannot be decrypted")) from None
