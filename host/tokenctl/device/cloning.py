"""A clone: one token gives all its accounts to another.

    clone(giver, taker, on_code, progress)

The tokens agree on a key that this computer does not have, and both show a code: if it is the
same, nobody stands between them. Everything that passes through here is sealed under the key.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress

from otpcore import backup_frame
from otpcore.errors import Cancelled, WireError
from tokenctl.device.backup_file import Arriving
from tokenctl.device.token import Token
from tokenctl.errors import LinkError, TokenctlError
from tokenctl.language import _


def clone(
    giver: Token,
    taker: Token,
    on_code: Callable[[], None] = lambda: None,
    progress: Callable[[int, int], None] = lambda done, count: None,
) -> dict[str, int]:
    """Copy all accounts of one token to another; return how many fared how, as a restore does.

    `on_code` is called before both tokens show a code, which somebody has to compare and confirm
    on both; their notices come from threads. If anything goes wrong, the taker is unchanged.
    """
    try:
        given, taken = _agree(giver, taker)
        on_code()
        _compare(giver, given, taker, taken)
        transfer, count = _hand_over(giver, given, taker, taken, progress)
    except (WireError, TokenctlError):
        for token in (giver, taker):
            with suppress(WireError, TokenctlError):
                token.clones.drop()
        raise
    counts = taker.clones.finish(transfer, count)
    with suppress(WireError, TokenctlError):  # done: the giver can free its memory
        giver.clones.drop()
    return counts


def _agree(giver: Token, taker: Token) -> tuple[str, str]:
    """Agree on a key; return the ids of the exchange on both tokens."""
    offer = giver.clones.offer(taker.identity.serial)
    taken, public_key = taker.clones.accept(offer, giver.identity.serial)
    revealed = giver.clones.meet(offer.exchange_id, public_key)
    taker.clones.meet(taken, revealed)
    return offer.exchange_id, taken


def _compare(giver: Token, given: str, taker: Token, taken: str) -> None:
    """Show the code on both at the same time; when one refuses, the other stops asking."""
    with ThreadPoolExecutor(2) as pool:
        asked = {
            pool.submit(_ask, token, exchange_id): token
            for token, exchange_id in ((giver, given), (taker, taken))
        }
        try:
            wait(asked, return_when=FIRST_EXCEPTION)
        finally:
            for future, token in asked.items():
                if not future.done():
                    token.abandon()
    _raise_first(list(asked))


def _ask(token: Token, exchange_id: str) -> None:
    try:
        token.clones.compare(exchange_id)
    except Cancelled:
        token.cancel()
        raise


def _raise_first(answers: list[Future[None]]) -> None:
    """Raise what ended the comparison: the refusal of one, not the cancellation of the other."""
    errors = [error for each in answers if (error := each.exception()) is not None]
    errors.sort(key=lambda error: isinstance(error, Cancelled))
    if errors:
        raise errors[0]


def _hand_over(
    giver: Token,
    given: str,
    taker: Token,
    taken: str,
    progress: Callable[[int, int], None],
) -> tuple[str, int]:
    """Pass each part on as it arrives; return the id of the taker's transfer, and its accounts."""
    making = giver.clones.give(given)
    first = next(making.parts)
    header, data = first[: backup_frame.HEADER_SIZE], first[backup_frame.HEADER_SIZE :]
    if len(header) < backup_frame.HEADER_SIZE:
        raise LinkError(_("the token's copy of the accounts has no header"))
    transfer = taker.clones.take(taken, header)
    arriving = Arriving(making.account_count)
    done = arriving.add(first)
    part = 0
    while True:
        if data:
            taker.clones.write(transfer, part, data)
            part += 1
            progress(done, making.account_count)
        try:
            data = next(making.parts)
        except StopIteration:
            return transfer, making.account_count
        done = arriving.add(data)
