"""Putting enrolments on a token: what is there already, one press for all, and the proof.

A library like Token: it prints nothing and asks nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from otpcore.errors import AccountExists, BatchOver, VaultFull, WireError
from tokenctl.device.token import StoredAccount, Token
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, TokenctlError, VerificationFailed
from tokenctl.language import _


@dataclass(frozen=True)
class Step:
    """One enrolment to write; `replaces` is the account on the token whose place it takes."""

    enrolment: Enrolment
    replaces: StoredAccount | None


def plan(
    enrolments: Sequence[Enrolment], stored: Sequence[StoredAccount], replace: bool
) -> list[Step]:
    """Return what to write; AccountExists unless `replace`, BadEnrolment for one named twice."""
    present = {(each.issuer, each.name): each for each in stored if not each.damaged}
    steps: list[Step] = []
    seen: set[tuple[str, str]] = set()
    for enrolment in enrolments:
        name = (enrolment.account.issuer, enrolment.account.name)
        if name in seen:
            raise BadEnrolment(
                "name",
                _("{quoted} appears twice among the accounts to add").format(quoted=_quoted(name)),
            )
        seen.add(name)
        existing = present.get(name)
        if existing is not None and not replace:
            raise AccountExists(
                _("the token already has {quoted}; --replace overwrites it").format(
                    quoted=_quoted(name)
                )
            )
        steps.append(Step(enrolment, existing))
    return steps


def write(
    token: Token, steps: Sequence[Step], progress: Callable[[int], None] = lambda done: None
) -> list[StoredAccount]:
    """Write all steps, one press for all of them, and return them as the token now has them.

    A token that was reset meanwhile has forgotten the press, and asks for another.
    Raises VaultFull before anything is written when there is no room for all,
    VerificationFailed when the token has anything but what was sent. What fails
    in the middle says how many accounts were written before.
    """
    replacements = sum(step.replaces is not None for step in steps)
    _require_room(token, len(steps) - replacements)
    batch_id = _confirm(token, steps)
    ids: list[int] = []
    for done in range(len(steps)):
        try:
            account_id, batch_id = _write_first(token, steps[done:], batch_id)
            ids.append(account_id)
        except (WireError, TokenctlError) as error:
            if ids:
                error.args = (
                    _("after {done} of {total} accounts: {error}").format(
                        done=len(ids), error=error, total=len(steps)
                    ),
                )
            raise
        progress(len(ids))
    stored = {each.account_id: each for each in token.accounts()}
    return [
        _verified(step.enrolment, stored.get(account_id))
        for step, account_id in zip(steps, ids, strict=True)
    ]


def _confirm(token: Token, steps: Sequence[Step]) -> str | None:
    """Have all steps confirmed at once and return the batch's id; None when there is only one."""
    if len(steps) == 1:
        return None
    replacements = sum(step.replaces is not None for step in steps)
    return token.batch(len(steps) - replacements, replacements)


def _write_first(
    token: Token, steps: Sequence[Step], batch_id: str | None
) -> tuple[int, str | None]:
    """Write the first of the steps that are left; return its id, and that of the present batch."""
    try:
        return _write_one(token, steps[0], batch_id), batch_id
    except BatchOver:
        batch_id = _confirm(token, steps)
        return _write_one(token, steps[0], batch_id), batch_id


def _write_one(token: Token, step: Step, batch_id: str | None) -> int:
    if step.replaces is None:
        return token.add(step.enrolment.account, batch_id)
    return token.replace(step.replaces.account_id, step.enrolment.account, batch_id)


def _require_room(token: Token, additions: int) -> None:
    status = token.status()
    room = status.capacity - (status.account_count or 0)
    if additions > room:
        raise VaultFull(
            _(
                "the token holds {capacity} accounts and has room for {room} more, not "
                "for {additions}"
            ).format(additions=additions, capacity=status.capacity, room=room)
        )


def _verified(enrolment: Enrolment, stored: StoredAccount | None) -> StoredAccount:
    sent = enrolment.account
    name = _quoted((sent.issuer, sent.name))
    if stored is None:
        raise VerificationFailed(
            _("the token does not list {name}, which it reported as stored").format(name=name)
        )
    expected = sent.describe() | {"key_check_value": sent.key_check_value() or ""}
    for field, value in expected.items():
        if getattr(stored, field) != value:
            raise VerificationFailed(
                _("for {name}, the token's {field} differs from what was sent").format(
                    field=field.replace("_", " "), name=name
                )
            )
    return stored


def _quoted(name: tuple[str, str]) -> str:
    return f"'{name[0]}:{name[1]}'"
