"""Putting enrolments on a token: what is there already, one press for all, and the proof.

A library like Token: it prints nothing and asks nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from otpcore.errors import AccountExists, BatchOver, VaultFull, WireError
from tokenctl.device.token import StoredAccount, Token
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, TokenctlError, VerificationFailed


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
            raise BadEnrolment("name", f"{_quoted(name)} comes twice in what is to be added")
        seen.add(name)
        existing = present.get(name)
        if existing is not None and not replace:
            raise AccountExists(f"the token has {_quoted(name)} already; --replace writes over it")
        steps.append(Step(enrolment, existing))
    return steps


def is_same(enrolment: Enrolment, stored: StoredAccount, exact: bool = False) -> bool:
    """Tell whether an account on the token is this one: its names, secret and settings.

    A counter on the token may be further on than the source's, as it has been used since, unless
    `exact`. Of an app password nobody knows.
    """
    sent = enrolment.account
    expected: dict[str, Any] = sent.describe() | {"key_check_value": sent.key_check_value()}
    if not exact and sent.type == "hotp" and (stored.counter or 0) >= sent.counter:
        expected.pop("counter")
    expected["t0"] = sent.t0
    return all(getattr(stored, field) == value for field, value in expected.items())


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
    require_room(token, len(steps) - replacements)
    batch_id = _confirm(token, steps)
    ids: list[int] = []
    for done in range(len(steps)):
        try:
            account_id, batch_id = _write_first(token, steps[done:], batch_id)
            ids.append(account_id)
        except (WireError, TokenctlError) as error:
            if ids:
                error.args = (f"after {len(ids)} of {len(steps)} accounts: {error}",)
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


def require_room(token: Token, additions: int) -> None:
    """Raise VaultFull unless the token takes so many more accounts."""
    status = token.status()
    room = status.capacity - (status.account_count or 0)
    if additions > room:
        raise VaultFull(
            f"the token holds {status.capacity} accounts and has room for {room} more, "
            f"not for {additions}"
        )


def _verified(enrolment: Enrolment, stored: StoredAccount | None) -> StoredAccount:
    sent = enrolment.account
    name = _quoted((sent.issuer, sent.name))
    if stored is None:
        raise VerificationFailed(f"the token does not list {name}, which it said it had stored")
    expected = sent.describe() | {"key_check_value": sent.key_check_value() or ""}
    for field, value in expected.items():
        if getattr(stored, field) != value:
            raise VerificationFailed(
                f"the token has another {field.replace('_', ' ')} for {name} than was sent"
            )
    return stored


def _quoted(name: tuple[str, str]) -> str:
    return f"'{name[0]}:{name[1]}'"
