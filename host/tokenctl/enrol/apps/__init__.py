"""The exports of other apps: recognised by their content, read, decrypted.

No parser does cryptography of its own, and none trusts the file: what it asks for in
time, memory and entries has limits.
"""

from collections.abc import Callable

from tokenctl.enrol.apps import unsupported
from tokenctl.enrol.apps.drafts import ENTRIES_MAX, Export, LeftOut
from tokenctl.enrol.apps.faults import (
    CUT,
    MissingLibrary,
    NoExport,
    SeveralFormats,
    TooCostly,
    Unreadable,
)
from tokenctl.enrol.apps.file import BYTES_MAX, NO_JSON, File, is_too_much
from tokenctl.enrol.apps.opening import Opening
from tokenctl.enrol.apps.table import APPS, App
from tokenctl.errors import SourceError
from tokenctl.language import _, marked

__all__ = [
    "APPS",
    "App",
    "BYTES_MAX",
    "Export",
    "LeftOut",
    "NAMES",
    "can_be",
    "explained",
    "is_certain",
    "read",
    "recognise",
    "title",
    "unmarked",
]

_TOO_MUCH = marked("it contains more than {accounts:,} accounts, or is larger than {megabytes} MB")
NAMES = tuple(app.name for app in APPS)
_BY_NAME = {app.name: app for app in APPS}


def recognise(data: bytes) -> tuple[App, ...]:
    """Return the apps that write files like this one: none, one, or several."""
    if is_too_much(data) or unsupported.describe(data):
        return ()
    file = File(data)
    claiming = tuple(app for app in APPS if app.claims(file))
    return claiming or tuple(app for app in APPS if app.may_be is not None and app.may_be(file))


def title(format: str) -> str:
    """Return what an app of the table is called, from its name there."""
    return _(_BY_NAME[format].title)


def is_certain(data: bytes) -> bool:
    """Return whether a file identifies its app; for some apps only the password proves it."""
    return not is_too_much(data) and any(app.claims(File(data)) for app in APPS)


def can_be(data: bytes, format: str) -> bool:
    """Return whether a file has the form of this app's exports, as far as it shows."""
    if is_too_much(data):
        return False
    app, file = _BY_NAME[format], File(data)
    return _is_claimed(app, file) or (app.may_be is not None and app.may_be(file))


def unmarked(data: bytes) -> str | None:
    """Return of which app this could be an encrypted export, if only the password can prove it."""
    if is_certain(data):
        return None
    found = [app for app in recognise(data) if app.name != "uris"]
    return _(found[0].title) if found else None


def explained(data: bytes) -> SourceError | None:
    """Return why a file that no app claims cannot be read, if known."""
    if is_too_much(data):
        begin = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        return TooCostly(_too_much()) if begin[:1] in (b"{", b"[", b"<", b'"') else None
    if stranger := unsupported.describe(data):
        return NoExport(stranger)
    if (app := _damaged(data)) is not None:
        return Unreadable(_said(app, None, _(_(CUT))))
    return None


def read(
    data: bytes,
    *,
    password: Callable[[], str] | None = None,
    format: str | None = None,
    allow_slow: bool = False,
) -> Export:
    """Return the content of an export; raise SourceError, one of those in `faults`.

    `format` is a name of the table where the file alone does not tell. `password` is
    called once, and only for a file that is encrypted.
    """
    if is_too_much(data):
        raise TooCostly(_too_much())
    app, file = _chosen(data, format), File(data)
    opening = Opening(password, allow_slow)
    try:
        if not _may_read(app, file):
            raise Unreadable(_("it does not look like one"))
        export = app.read(file, opening)
        export.in_clear = not opening.was_asked_for
        if not export.entries and not export.left_out:
            raise Unreadable(_("it contains no accounts"))
    except (MissingLibrary, NoExport):
        raise
    except Unreadable as error:
        raise Unreadable(_said(app, format, str(error))) from None
    except SourceError as error:
        raise error.at(_("this is an export of {title}").format(title=_(app.title))) from None
    except (ValueError, RecursionError, OverflowError, MemoryError):
        raise Unreadable(_said(app, format, _(_(CUT)))) from None
    return export


def _too_much() -> str:
    return _(_TOO_MUCH).format(accounts=ENTRIES_MAX, megabytes=BYTES_MAX >> 20)


def _may_read(app: App, file: File) -> bool:
    """Return whether a file has the form that its parser requires, if any."""
    return app.may_be is not None or _is_claimed(app, file)


def _is_claimed(app: App, file: File) -> bool:
    """Return whether a file has the marks of this app, or of another whose form is the same."""
    return any(each.claims(file) for each in APPS if each.read is app.read)


def _said(app: App, format: str | None, why: str) -> str:
    how = _(app.export)
    if app.export.startswith("in "):
        how = _("to make one, {export}").format(export=how)
    if format:
        sentence = _("this should be an export of {title}, but it cannot be read: {why}; {how}")
    else:
        sentence = _("this is an export of {title}, but it cannot be read: {why}; {how}")
    return sentence.format(title=_(app.title), why=why, how=how)


def _chosen(data: bytes, format: str | None) -> App:
    if format is not None:
        return _BY_NAME[format]
    apps = recognise(data)
    if len(apps) > 1:
        raise SeveralFormats([app.name for app in apps])
    if apps:
        return apps[0]
    raise explained(data) or NoExport(_("this is not an export of any known app"))


def _damaged(data: bytes) -> App | None:
    """Return the app whose marks are in a truncated or damaged text."""
    file = File(data)
    text = data.decode("utf-8", "replace") if file.json is NO_JSON else ""
    for app in APPS:
        if app.marks and all(mark in text for mark in app.marks):
            return app
    return None
