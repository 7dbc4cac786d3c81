"""Putting enrolments on a token: what it has already, one press for all, and verification.

A library like Token: it prints nothing and asks nobody.
"""

import copy
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from otpcore.account import STATIC
from otpcore.errors import AccountExists, BatchOver, VaultFull, WireError
from tokenctl.core_sentences import named
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import (
    BadEnrolment,
    Interrupted,
    LinkError,
    TokenctlError,
    VerificationFailed,
)
from tokenctl.language import _, plural

if TYPE_CHECKING:
    from tokenctl.device.token import StoredAccount, Token


@dataclass(frozen=True)
class Step:
    """One enrolment to write; `replaces` is the account on the token that it replaces.

    With `is_there` it is on the token already, as `replaces`, and is left alone.
    """

    enrolment: Enrolment
    replaces: "StoredAccount | None"
    is_there: bool = False

    @property
    def account_id(self) -> int:
        """The id of the account on the token; 0 if it is not there yet."""
        return self.replaces.account_id if self.replaces else 0


def plan(
    enrolments: Sequence[Enrolment],
    stored: Sequence["StoredAccount"],
    replace: bool,
    keep: bool | None = None,
) -> list[Step]:
    """Return what to write. Raises AccountExists unless `replace`, BadEnrolment for repeated names.

    What is on the token already, by is_same, is not written again if `keep`, which is the default
    unless `replace`: so an interrupted import resumes where it ended.
    """
    keep = not replace if keep is None else keep
    present = {(each.issuer, each.name): each for each in stored if not each.damaged}
    steps: list[Step] = []
    seen: set[tuple[str, str]] = set()
    for enrolment in enrolments:
        name = (enrolment.account.issuer, enrolment.account.name)
        if name in seen:
            raise BadEnrolment(
                "name",
                _(
                    "{quoted} appears twice, with different data: rename one of the two in the "
                    "source, or in the table that is shown at a terminal"
                ).format(quoted=_quoted(name)),
            )
        seen.add(name)
        existing = present.get(name)
        is_there = keep and existing is not None and is_same(enrolment, existing)
        if existing is not None and not replace and not is_there:
            raise AccountExists(
                _(
                    "the token already has {quoted}, with another secret or other settings; "
                    "--replace overwrites it"
                ).format(quoted=_quoted(name))
            )
        steps.append(Step(enrolment, existing, is_there))
    return steps


def counted_on(
    enrolments: Sequence[Enrolment], stored: Sequence["StoredAccount"]
) -> list[Enrolment]:
    """Return enrolments in which no HOTP account lags behind the same one that is stored.

    The token has made codes since the source was written: the service would refuse them again.
    """
    ahead: dict[tuple[str, str, str], int] = {}
    for each in stored:  # of two tokens, perhaps
        if not each.damaged and each.type == "hotp":
            key = (each.issuer, each.name, each.key_check_value)
            ahead[key] = max(each.counter or 0, ahead.get(key, 0))
    result = []
    for enrolment in enrolments:
        account = enrolment.account
        counter = ahead.get((account.issuer, account.name, account.key_check_value() or ""), 0)
        if account.type == "hotp" and counter > account.counter:
            account = copy.copy(account)
            account.counter = counter
            enrolment = replace(enrolment, account=account)
        result.append(enrolment)
    return result


def is_same(enrolment: Enrolment, stored: "StoredAccount") -> bool:
    """Return whether an account on the token has these names, this secret and these settings.

    A counter on the token may be ahead of the source's: it has been used since. For an app
    password this cannot be known.
    """
    return enrolment.account.type != STATIC and _differing(enrolment, stored, used=True) is None


def _differing(enrolment: Enrolment, stored: "StoredAccount", *, used: bool) -> str | None:
    """Return the first field in which an account on the token is not what was sent, if any.

    One that may have been `used` since may have a higher counter.
    """
    sent = enrolment.account
    expected = sent.describe() | {"t0": sent.t0, "key_check_value": sent.key_check_value() or ""}
    if used and sent.type == "hotp" and (stored.counter or 0) >= sent.counter:
        expected.pop("counter")
    return next((each for each in expected if getattr(stored, each) != expected[each]), None)


def write(
    token: "Token", steps: Sequence[Step], progress: Callable[[int], None] = lambda done: None
) -> list["StoredAccount"]:
    """Write what is missing, with one press for all; return all steps as the token has them.

    A token that was reset meanwhile has forgotten the press, and asks for another.
    Raises VaultFull before anything is written if there is no room for all,
    VerificationFailed if the token has anything but what was sent. Errors after that, and
    Ctrl-C (Interrupted), say how many accounts are on the token.
    """
    ids = {n: step.account_id for n, step in enumerate(steps) if step.is_there}
    left = [n for n in range(len(steps)) if n not in ids]
    before = _write_all(token, steps, left, ids, progress) if left else 0
    try:
        stored = _read_back(token, steps, ids, before)
    except (WireError, TokenctlError) as error:
        if left:
            error.args = (_not_read_back(len(steps), error),)
            _says_outcome(error)
        raise
    return [
        _verified(step.enrolment, stored.get(ids[n]), used=step.is_there)
        for n, step in enumerate(steps)
    ]


def resumed(
    steps: Sequence[Step], stored: Sequence["StoredAccount"], acknowledged: Collection[int]
) -> list[Step]:
    """Return the steps for a token that was connected again, which has `stored` now.

    Only what it has counts: an acknowledgement may have been lost, or have been another token's.
    An app password cannot be compared; it counts if id() of its account is `acknowledged`.
    """
    present = {(each.issuer, each.name): each for each in stored if not each.damaged}
    left: list[Step] = []
    for step in steps:
        sent = step.enrolment.account
        found = present.get((sent.issuer, sent.name))
        is_there = found is not None and (
            is_same(step.enrolment, found)
            or sent.type == found.type == STATIC
            and (step.is_there or id(sent) in acknowledged)
        )
        meant = is_there or step.replaces is not None
        left.append(Step(step.enrolment, found if meant else None, is_there))
    return left


def _write_all(
    token: "Token",
    steps: Sequence[Step],
    left: Sequence[int],
    ids: dict[int, int],
    progress: Callable[[int], None],
) -> int:
    """Write the steps that are `left`, and put their ids on the token into `ids`.

    Return how many accounts there were before.
    """
    rest = [steps[n] for n in left]
    before = require_room(token, sum(step.replaces is None for step in rest))
    try:
        batch_id = _confirm(token, rest)
        for done, number in enumerate(left):
            ids[number], batch_id = _write_first(token, rest[done:], batch_id)
            progress(len(ids))
    except (WireError, TokenctlError) as error:
        if ids:
            error.args = (_unfinished(len(ids), len(steps), error),)
            _says_outcome(error)
        raise
    except KeyboardInterrupt:
        if ids:
            raise Interrupted(_unfinished(len(ids), len(steps)) + ".") from None
        raise
    return before


def _read_back(
    token: "Token", steps: Sequence[Step], ids: dict[int, int], before: int
) -> dict[int, "StoredAccount"]:
    """Return accounts of the token by id, including those of all steps.

    New accounts come last: if only those are needed, no others are read.
    """
    if all(step.replaces is None for step in steps):
        found = {each.account_id: each for each in token.accounts(start=before)}
        if found.keys() >= set(ids.values()):
            return found
    return {each.account_id: each for each in token.accounts()}


def _unfinished(done: int, count: int, error: Exception | None = None) -> str:
    """Return a clause that says how many accounts are on the token, and what to do."""
    said = plural(
        "{done} of {count} accounts is on the token",
        "{done} of {count} accounts are on the token",
        done,
    ).format(done=done, count=count)
    if error is not None:
        said = f"{error}; {said}"
    if isinstance(error, VaultFull):
        return said  # which it would be the next time, too
    return _("{done_so_far}; run the same command again to add the rest").format(done_so_far=said)


def _not_read_back(count: int, error: Exception) -> str:
    """Return a clause for an error after all was written and acknowledged."""
    said = plural(
        "the account is on the token, but was not read back; run the same command again to check "
        "it",
        "all {count} accounts are on the token, but were not read back; run the same command "
        "again to check them",
        count,
    )
    return f"{error}; {said.format(count=count)}"


def _says_outcome(error: WireError | TokenctlError) -> None:
    if isinstance(error, LinkError):
        error.says_outcome = True


def _confirm(token: "Token", steps: Sequence[Step]) -> str | None:
    """Ask for confirmation of all steps at once; return the batch's id, None for a single step."""
    if len(steps) == 1:
        return None
    replacements = sum(step.replaces is not None for step in steps)
    return token.batch(len(steps) - replacements, replacements)


def _write_first(
    token: "Token", steps: Sequence[Step], batch_id: str | None
) -> tuple[int, str | None]:
    """Write the first of the steps that are left; return its id and the id of the current batch."""
    try:
        return _write_one(token, steps[0], batch_id), batch_id
    except BatchOver:
        batch_id = _confirm(token, steps)
        return _write_one(token, steps[0], batch_id), batch_id


def _write_one(token: "Token", step: Step, batch_id: str | None) -> int:
    if step.replaces is None:
        return token.add(step.enrolment.account, batch_id, step.enrolment.favourite)
    return token.replace(
        step.replaces.account_id, step.enrolment.account, batch_id, step.enrolment.favourite
    )


def require_room(token: "Token", additions: int) -> int:
    """Return how many accounts there are; raise VaultFull if the new ones do not fit."""
    status = token.status()
    count = status.account_count or 0
    room = status.capacity - count
    if additions > room:
        raise VaultFull(
            _(
                "the token can hold {capacity} accounts, and has room for {room} more, not "
                "for {additions}"
            ).format(additions=additions, capacity=status.capacity, room=room)
        )
    return count


def _verified(
    enrolment: Enrolment, stored: "StoredAccount | None", *, used: bool
) -> "StoredAccount":
    name = _quoted((enrolment.account.issuer, enrolment.account.name))
    if stored is None:
        raise VerificationFailed(
            _("the token does not list {name}, which it reported as stored").format(name=name)
        )
    field = _differing(enrolment, stored, used=used)
    if field is not None:
        raise VerificationFailed(
            _("for {name}, the token's {field} differs from what was sent").format(
                field=named(field.replace("_", " ")), name=name
            )
        )
    return stored


def _quoted(name: tuple[str, str]) -> str:
    return f"'{name[0]}:{name[1]}'"
