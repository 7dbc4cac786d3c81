"""What is said of a token's backups, and of a file with one."""

from datetime import UTC, datetime

from otpcore.errors import UnknownMethod
from tokenctl.device.backup_file import BackupFile
from tokenctl.device.models import BackupState
from tokenctl.device.token import Token
from tokenctl.language import _, plural


def state_of(token: Token) -> BackupState | None:
    """Return what an open token knows of its backups; None of older firmware."""
    try:
        return token.backups.state()
    except UnknownMethod:
        return None


def describe(state: BackupState) -> str:
    """Return what `status` says of a token's backups."""
    if state.damaged:
        return _(
            "its record is damaged: the token can restore a backup, but cannot make one "
            "until it is wiped"
        )
    if not state.allowed:
        return _("switched off, until the token is wiped")
    if state.made_at is None:
        return _("none: tokenctl backup FILE makes one")
    parts = [summary(state.made_at, state.account_count)]
    if state.changed_count:
        parts.append(
            plural(
                "{count} new or changed since", "{count} new or changed since", state.changed_count
            ).format(count=state.changed_count)
        )
    if state.drilled_at:
        parts.append(_("checked {date}").format(date=_date(state.drilled_at)))
    else:
        parts.append(_("never checked with backup --verify --full"))
    if state.strong_code is False:
        parts.append(_("its recovery code was drawn without the radio, and may be weak"))
    return "; ".join(parts)


def summary(made_at: int, count: int) -> str:
    """Return when a backup was made, and how many accounts it holds."""
    text = plural("{date}, {count} account", "{date}, {count} accounts", count)
    return text.format(date=_date(made_at), count=count)


def _date(unix_time: int) -> str:
    """Return a time of the token (UTC), 0 where it did not know it."""
    if not unix_time:
        return _("date not known")
    return datetime.fromtimestamp(unix_time, UTC).strftime("%Y-%m-%d %H:%M UTC")


def describe_file(file: BackupFile) -> dict[str, object]:
    """Return what --json says of a file."""
    return {"serial": file.serial, "account_count": file.count, "created_at": file.created}
