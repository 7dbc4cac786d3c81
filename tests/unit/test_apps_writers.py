"""The writers of sample exports: what can be said of them without a reader of ours."""

import hashlib

from support.apps import java_map
from support.apps.accounts import ACCOUNTS
from support.apps.registry import SAMPLES

# What OpenJDK 17 wrote for this map.
BY_JAVA = bytes.fromhex(
    "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163"
    "746f724900097468726573686f6c6478703f4000000000000c77080000001000000004740001627400007400096d"
    "61737465724b65797400027b7d7400064772c3b6c39f74000ce697a5e69caceda0bdedb88074000361c080740001"
    "7878"
)
# And the SHA-256 of what it wrote for {"key0": "0", … "key12": "12"}, which need 32 buckets.
OF_THIRTEEN = "d9ba5bb44e49e97fb4400337b9399a428b9ddb475ba3ca4c805e028c4f7b2a9d"


def test_a_hash_map_is_javas_to_the_byte() -> None:
    texts = {"b": "", "Größ": "日本😀", "a\0": "x", "masterKey": "{}"}
    assert java_map.hash_map(texts) == BY_JAVA
    thirteen = java_map.hash_map({f"key{number}": str(number) for number in range(13)})
    assert hashlib.sha256(thirteen).hexdigest() == OF_THIRTEEN


def test_a_long_text_has_eight_bytes_of_length() -> None:
    stream = java_map.hash_map({"k": "x" * 0x10000})
    assert b"\x7c" + (0x10000).to_bytes(8) + b"x" * 0x10000 + b"\x78" == stream[-0x10000 - 10 :]


def test_the_accounts_are_telling() -> None:
    """Each has its own secret, and every kind that an export can lose is among them."""
    assert len({account.secret for account in ACCOUNTS}) == len(ACCOUNTS)
    assert {account.type for account in ACCOUNTS} == {"totp", "hotp", "steam"}
    assert {account.algorithm for account in ACCOUNTS} == {"SHA1", "SHA256", "SHA512"}
    assert {account.digits for account in ACCOUNTS} >= {5, 6, 7, 8}
    assert {account.period for account in ACCOUNTS} >= {20, 30, 60}
    assert min(len(account.secret) for account in ACCOUNTS) == 10  # Microsoft's


def test_all_apps_are_here() -> None:
    named = "aegis 2fas andotp stratum bitwarden bitwarden-authenticator ente proton freeotp1 "
    named += "freeotp2 freeotp-plus totp-authenticator authy duo steam lastpass winauth "
    named += "keepassxc passwords pskc uris"
    assert {sample.apps[0] for sample in SAMPLES} == set(named.split())
