"""Exports of other apps, read: against what the apps' own side (tests/support/apps) wrote.

Whoever wrote the samples has not read the reader. What is asserted here is what somebody who
moves wants: every account as it was, no other one, and a sentence where that cannot be.
"""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import pytest
from support.apps import aegis, authy, bitwarden, ente, freeotp2, keepassxc, stratum, twofas
from support.apps.accounts import ACCOUNTS, broken, many, renamed
from support.apps.registry import AUTHY_OWN, BY_NAME, SAMPLES
from support.apps.sample import PASSWORD, Kept, Sample, written

from tokenctl.cli import main
from tokenctl.errors import TokenctlError

pytestmark = pytest.mark.slow

apps = pytest.importorskip("tokenctl.enrol.apps")
keys = pytest.importorskip("tokenctl.enrol.apps.keys")

EVERY = [sample for sample in SAMPLES if not sample.slow]
SEALED = [sample for sample in EVERY if sample.password]
PLAIN = [sample for sample in EVERY if not sample.password]
SEVERAL = [sample for sample in PLAIN if not sample.single]
BREAKABLE = [sample for sample in SEVERAL if sample.breakable]
EMPTY = [*SEVERAL, *map(BY_NAME.__getitem__, ("aegis, encrypted", "freeotp2, encrypted"))]
CUTS = 10


@pytest.fixture(scope="module", autouse=True)
def _each_key_derived_once() -> Iterator[None]:
    """Have a key be derived once of the same password, salt and cost: that takes longest."""
    found = [
        importlib.import_module(each.name)
        for each in pkgutil.iter_modules(apps.__path__, f"{apps.__name__}.")
    ]
    derived = {name: cache(getattr(keys, name)) for name in ("pbkdf2", "scrypt", "argon2id")}
    with pytest.MonkeyPatch.context() as patch:
        for module in found:
            for name in derived.keys() & vars(module).keys():
                patch.setattr(module, name, derived[name])
        yield


def over(samples: Sequence[Sample]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sample", samples, ids=[sample.name for sample in samples])


def typed(password: str | None) -> Callable[[], str] | None:
    return None if password is None else lambda: password


def read(sample: Sample, data: bytes, password: str | None = None) -> Any:
    """Read as somebody does who knows the password, and names the app if he is asked."""
    answer = typed(password or sample.password)
    try:
        return apps.read(data, password=answer, allow_slow=sample.slow)
    except TokenctlError:
        if sample.marked:
            raise
    return apps.read(data, password=answer, format=sample.apps[0])


def is_right(entry: Any, kept: Kept) -> bool:
    same = (entry.issuer, entry.account) in kept.names
    codes = entry.parameters
    same &= (entry.secret, codes.type) == (kept.secret, kept.type)
    same &= entry.favourite == kept.favourite
    if kept.type != "steam":  # what the code of Steam is made by never varies
        same &= (codes.algorithm, codes.digits) == (kept.algorithm, kept.digits)
    if kept.type == "totp":
        same &= codes.period == kept.period
    if kept.type == "hotp":
        same &= codes.counter in kept.counters
    return bool(same)


def shown(entry: Any) -> tuple[Any, ...]:
    return entry.issuer, entry.account, entry.secret, entry.parameters, entry.favourite


def assert_right(entries: Sequence[Any], expected: Sequence[Kept], ordered: bool = True) -> None:
    assert len(entries) == len(expected)
    if not ordered:
        by_secret = {kept.secret: kept for kept in expected}
        expected = [by_secret[entry.secret] for entry in entries]
        assert len(set(expected)) == len(entries)
    for entry, kept in zip(entries, expected, strict=True):
        assert is_right(entry, kept), (shown(entry), kept)


def expected(sample: Sample) -> list[Kept]:
    return [sample.kept(account) for account in sample.accounts()]


# --- what is right -----------------------------------------------------------------------


@over(EVERY)
def test_every_account_comes_out_as_it_was(sample: Sample) -> None:
    export = read(sample, written(sample))
    assert export.app in sample.apps
    assert_right(export.entries, expected(sample), sample.ordered)
    assert not export.left_out


@over(EVERY)
def test_the_command_reads_what_the_parser_reads(sample: Sample, tmp_path, capfd) -> None:
    file, password = tmp_path / "export", tmp_path / "password"
    file.write_bytes(written(sample))
    password.write_text(sample.password or "")
    more = [] if sample.marked else ["--format", sample.apps[0]]
    arguments = ["--dry-run", "--json", "--guess", "--all", "--password-file", str(password), *more]
    code = main.run(["provision", *arguments, str(file)])
    out, err = capfd.readouterr()
    assert code == 0, err
    found = [(each["type"], each["digits"], each["algorithm"]) for each in json.loads(out)]
    assert sorted(found) == sorted((e.type, e.digits, e.algorithm) for e in expected(sample))


@pytest.mark.long
def test_ente_at_full_size() -> None:
    sample = BY_NAME["ente, full size"]
    export = read(sample, written(sample))
    assert_right(export.entries, expected(sample))


@over(PLAIN)
def test_the_app_may_be_named(sample: Sample) -> None:
    export = apps.read(written(sample), format=sample.apps[0])
    assert_right(export.entries, expected(sample), sample.ordered)


def test_the_accounts_with_which_authy_serves_its_customers() -> None:
    export = apps.read(authy.own([AUTHY_OWN]))
    (entry,) = export.entries
    assert export.app == "authy"
    assert entry.account == AUTHY_OWN.account
    codes = entry.parameters
    assert (entry.secret, codes.digits, codes.period) == (AUTHY_OWN.secret, 7, 10)


@over(EMPTY)
def test_an_export_of_nothing(sample: Sample) -> None:
    """Whether it is refused or empty, there is no account in it."""
    try:
        export = read(sample, sample.write(()))
    except TokenctlError as error:
        assert error.sentence
    else:
        assert not export.entries


# --- passwords ---------------------------------------------------------------------------


@over(SEALED)
def test_a_wrong_password(sample: Sample) -> None:
    with pytest.raises(TokenctlError, match="(?i)password"):
        read(sample, written(sample), "Grosse & 1 Ohm")


@over(SEALED)
def test_no_password(sample: Sample) -> None:
    with pytest.raises(TokenctlError, match="(?i)password"):
        apps.read(written(sample), password=None, format=sample.apps[0])


@over(PLAIN)
def test_a_plain_export_asks_for_no_password(sample: Sample) -> None:
    def ask() -> str:
        raise AssertionError("asked for a password")

    assert_right(apps.read(written(sample), password=ask).entries, expected(sample), sample.ordered)


def test_an_export_that_only_its_own_account_can_read() -> None:
    with pytest.raises(TokenctlError, match="Bitwarden") as caught:
        apps.read(bitwarden.account_restricted(), password=lambda: PASSWORD)
    assert "password" in caught.value.sentence.lower()  # what to export instead


# --- damage ------------------------------------------------------------------------------


@over(EVERY)
@pytest.mark.slow
def test_cut_short(sample: Sample) -> None:
    """A file whose end is missing is refused; of a mere list, what is whole may be taken."""
    data = written(sample)
    whole = expected(sample)
    for place in range(CUTS):
        cut = data[: len(data) * (2 * place + 1) // (2 * CUTS)]
        try:
            export = read(sample, cut)
        except TokenctlError as error:
            assert error.sentence
            continue
        assert sample.lines
        for entry in export.entries[:-1]:
            assert any(is_right(entry, kept) for kept in whole), shown(entry)


@over(EVERY)
def test_two_exports_behind_each_other(sample: Sample) -> None:
    """Refused, or all of it is taken; no account is made of halves."""
    whole = expected(sample)
    try:
        export = read(sample, written(sample) + b"\n" * sample.lines + written(sample))
    except TokenctlError as error:
        assert error.sentence
        return
    for entry in export.entries:
        assert any(is_right(entry, kept) for kept in whole), shown(entry)
    assert {entry.secret for entry in export.entries} == {kept.secret for kept in whole}


@over(BREAKABLE)
def test_one_bad_secret_among_300(sample: Sample) -> None:
    good = [account for account in many(300) if sample.holds(account)]
    if not good:
        good = [renamed(each, issuer="Steam", type="steam", digits=5) for each in many(300)]
    bad = broken(good[150])
    export = read(sample, sample.write([*good[:150], bad, *good[151:]]))
    del good[150]
    assert_right(export.entries, [sample.kept(each) for each in good], sample.ordered)
    (left_out,) = export.left_out
    assert bad.account in left_out.name or bad.issuer in left_out.name
    assert left_out.reason
    assert bad.base32 not in left_out.reason + left_out.name


# --- what no token can hold --------------------------------------------------------------

GOOD = ACCOUNTS[:3]
HASHED = {"secret": "GEZDGNBVGY3TQOJQ", "algo": "SHA1", "digits": 6, "period": 30}
SHA224 = {"account": "x", "digits": 6, "period": 30, "algorithm": "SHA224", "tokenType": "TOTP"}
SERVICE = {"name": "Stranger", "secret": "GEZDGNBVGY3TQOJQ", "otp": SHA224}


def with_aegis(type: str, **info: object) -> bytes:
    return aegis.plain(GOOD, [aegis.stranger(type, "Stranger", **(HASHED | info))])


def with_stratum(type: int) -> bytes:
    return stratum.plain(GOOD, [stratum.stranger("Stranger", Type=type)])


STRANGERS: dict[str, Callable[[], bytes]] = {
    "aegis yandex": lambda: with_aegis("yandex", algo="SHA256", digits=8, pin="1234"),
    "aegis motp": lambda: with_aegis("motp", algo="MD5", period=10, pin="1234"),
    "aegis md5": lambda: with_aegis("totp", algo="MD5"),
    "aegis period 0": lambda: with_aegis("totp", period=0),
    "stratum motp": lambda: with_stratum(stratum.MOTP),
    "stratum yandex": lambda: with_stratum(stratum.YANDEX),
    "2fas sha224": lambda: twofas.plain(GOOD, extra=SERVICE),
    "freeotp2 sha224": lambda: freeotp2.encrypted(GOOD, PASSWORD, stranger="SHA224"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_what_cannot_be_held_is_named_and_nothing_is_bent(name: str) -> None:
    export = apps.read(STRANGERS[name](), password=lambda: PASSWORD)
    assert {entry.secret for entry in export.entries} == {each.secret for each in GOOD}
    (left_out,) = export.left_out
    assert "Stranger" in left_out.name
    assert left_out.reason


def test_keepassxc_settings_without_their_secret() -> None:
    """The secret of the old form is in an attribute that the CSV has not got."""
    try:
        export = apps.read(keepassxc.legacy(ACCOUNTS[1]))
    except TokenctlError as error:
        assert error.sentence
        return
    assert not export.entries
    (left_out,) = export.left_out
    assert ACCOUNTS[1].issuer in left_out.name


# --- files that ask for too much ---------------------------------------------------------


def changed(name: str, **fields: int) -> bytes:
    """Return this sample, which is JSON, with each of these numbers, wherever it stands."""
    text = written(BY_NAME[name]).decode()
    for field, value in fields.items():
        text, count = re.subn(rf'("{field}":\s*)\d+', rf"\g<1>{value}", text)
        assert count
    json.loads(text)
    return text.encode()


GREEDY: dict[str, Callable[[], bytes]] = {
    "aegis n": lambda: changed("aegis, encrypted", n=2**30),
    "aegis r": lambda: changed("aegis, encrypted", r=2**20),
    "bitwarden rounds": lambda: changed("bitwarden, encrypted", kdfIterations=2**40),
    "bitwarden memory": lambda: changed("bitwarden argon2, encrypted", kdfMemory=2**20),
    "ente memory": lambda: changed("ente, encrypted", memLimit=2**36),
    "ente passes": lambda: changed("ente, encrypted", opsLimit=2**31),
    "andotp rounds": lambda: b"\x7f\xff\xff\xff" + written(BY_NAME["andotp, encrypted"])[4:],
}


@pytest.mark.parametrize("name", GREEDY)
def test_a_derivation_of_an_hour_is_refused(name: str) -> None:
    """The limit is pytest's own: a reader that begins to derive does not come back."""
    with pytest.raises(TokenctlError):
        apps.read(GREEDY[name](), password=lambda: PASSWORD, format=name.partition(" ")[0])


def test_entes_own_size_must_be_allowed() -> None:
    data = changed("ente, encrypted", memLimit=ente.GIBIBYTE, opsLimit=4)
    with pytest.raises(TokenctlError, match="--allow-slow"):
        apps.read(data, password=lambda: PASSWORD)
