"""Reads a vault by docs/vault-format.md: offsets and sizes are taken from the page's tables.

It uses hashlib, hmac and `cryptography`, and no code of the firmware.
"""

import hashlib
import hmac
import json
import re
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = Path(__file__).parents[2] / "docs" / "vault-format.md"
SECTOR = 4096
BLANK = b"\xff"
ACCOUNT, REMOVED, ORDER, SETTINGS = 1, 2, 3, 4
BOUND = 2  # a kind of key slot
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| (\d+) \| (?:(\d+) )?\| `(.+?)`: ", re.MULTILINE)

Bytes = dict[str, bytes]


class WrongPin(Exception):
    """The PIN does not open the vault key."""


class Record(NamedTuple):
    """A record's header fields, and its body: sealed for most kinds."""

    kind: int
    account: int
    sequence: int
    epoch: int
    context: bytes
    body: bytes


class Contents(NamedTuple):
    """`accounts` in display order, with the fields of the page's table; `settings` as from JSON."""

    accounts: list[dict[str, Any]]
    settings: dict[str, Any]


def layouts() -> dict[str, list[tuple[int, int | None, str]]]:
    """Return by heading a list of (offset, size or None for the rest, name) of each field."""
    _, *parts = _HEADING.split(PAGE.read_text())
    found: dict[str, list[tuple[int, int | None, str]]] = {}
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        tables = re.split(r"^\| offset \|.*$", text, flags=re.MULTILINE)[1:]
        for number, table in enumerate(tables):
            key = heading if number == 0 else f"{heading}, {number + 1}"
            found[key] = [
                (int(at), int(size) if size else None, name)
                for at, size, name in _ROW.findall(table)
            ]
    return found


_LAYOUTS = layouts()


def fields(heading: str, data: bytes) -> Bytes:
    """Return the bytes of each field of the structure at the start of `data`."""
    return {
        name: data[at:] if size is None else data[at : at + size]
        for at, size, name in _LAYOUTS[heading]
    }


def length(heading: str) -> int:
    """Return the size of a structure; a last field without a size does not count."""
    at, size, _ = _LAYOUTS[heading][-1]
    return at + (size or 0)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def crc(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")


def mac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def unseal(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Return the plaintext of a seal; raise ValueError if its tag is wrong."""
    iv, ciphertext, tag = sealed[:16], sealed[16:-32], sealed[-32:]
    if not hmac.compare_digest(tag, mac(mac(key, b"authentication"), context + iv + ciphertext)):
        raise ValueError("the tag is wrong")
    decryptor = Cipher(algorithms.AES256(mac(key, b"encryption")), modes.CBC(iv)).decryptor()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    plaintext = padded[: -padded[-1]]
    assert padded[len(plaintext) :] == bytes([padded[-1]]) * padded[-1]
    assert iv == mac(mac(key, b"iv"), context + plaintext)[:16]
    return plaintext


def least_sequence(sector: Bytes) -> int:
    """Return the least sequence by both copies of the anchor."""
    base, counts = 0, []
    for copy in ("anchor", "anchor copy"):
        anchor = fields("The anchor", sector[copy])
        assert anchor["crc"] == crc(b"OTA" + anchor["base"])
        base = number(anchor["base"])
        counts.append(f"{number(anchor['field']):02880b}".rfind("0") + 1)
    return base + min(counts)


def key_sector(image: bytes) -> tuple[Bytes, Bytes]:
    """Return the fields of the key sector in use, and those of its slot, bound to a chip or not."""
    candidates: list[tuple[tuple[int, int], Bytes, Bytes]] = []
    for at in (0, SECTOR):
        sector = fields("A key sector", image[at : at + SECTOR])
        head = fields("The key slot", sector["slot"])
        form = "A bound key slot" if number(head["kind"]) == BOUND else "The key slot"
        block = sector["slot"][: length(form)]
        slot = head | fields(form, block)
        if slot["crc"] == crc(block[:-4]) and slot["magic"] + slot["version"] == b"OTK\1":
            assert slot["crc of version"] == crc(block[:4])
            assert slot["crc of head"] == crc(block[:36])
            assert sector["slot"] == sector["slot copy"]
            age = number(slot["generation"]), least_sequence(sector)
            candidates.append((age, sector, slot))
    return max(candidates, key=lambda each: each[0])[1:]


def chained(pin_key: bytes, slot: Bytes, chip_key: bytes) -> bytes:
    """Return the wrapping key of a slot that is bound to this key of a chip."""
    one, two = (mac(chip_key, b"otptoken: a chip's key, " + each) for each in (b"one", b"two"))
    assert slot["answers"] == one + two and number(slot["block"]) <= 5
    value = mac(pin_key, b"otptoken chain 1")
    for _ in range(number(slot["chain"])):
        value = hmac.digest(chip_key, value, "sha256")
    return mac(mac(pin_key, value), b"otptoken bound key 1")


def vault_keys(sector: Bytes, slot: Bytes, pin: str, chip_key: bytes) -> dict[int, bytes]:
    """Return the vault keys by their epochs; raise WrongPin."""
    rounds = number(slot["iterations"])
    parameters = slot["iterations"]
    pin_key = hashlib.pbkdf2_hmac("sha256", pin.encode(), slot["salt"], rounds)
    if number(slot["kind"]) == BOUND:
        parameters += slot["chain"] + slot["block"] + slot["answers"]
        pin_key = chained(pin_key, slot, chip_key)
    else:
        assert number(slot["kind"]) == 1
    assert number(slot["parameters size"]) == len(parameters)
    head = b"".join(
        slot[each] for each in ("generation", "epoch", "pin", "kind", "parameters size", "salt")
    )
    context = b"vault key" + slot["magic"] + slot["version"] + head + parameters
    try:
        key = unseal(pin_key, context, slot["wrapped"])
    except ValueError:
        raise WrongPin from None
    pad = number(mac(mac(key, b"names"), b"pin length" + slot["salt"])[:2])
    assert number(slot["pin"]) == (1 + (len(pin) - 4 + pad) % 29 if pin else 0)
    keys = {number(slot["epoch"]): key}
    old = fields("The old key", sector["old key"])
    if old["crc"] == crc(old["epoch"] + old["sealed"]):
        keys[number(old["epoch"])] = unseal(key, b"old key", old["sealed"])
    return keys


def log_sectors(image: bytes) -> dict[int, Bytes]:
    """Return {address: fields} of each valid log sector."""
    found: dict[int, Bytes] = {}
    for at in range(2 * SECTOR, len(image), SECTOR):
        data = image[at : at + SECTOR]
        sector = fields("A log sector", data)
        if sector["magic"] + sector["version"] == b"OTR\1" and sector["crc"] == crc(data[:16]):
            assert sector["copy"] == data[4:20]
            found[at] = sector
    by_sequence = {sector["sequence"]: at for at, sector in found.items()}
    for at, sector in list(found.items()):
        old = by_sequence.get(sector["takes over"])
        if old is not None:
            done = number(sector["done"]).bit_count() <= 4 * len(sector["done"])
            found.pop(old if done else at, None)
    return found


def records(image: bytes) -> list[Record]:
    """Return all committed records, sorted by sequence."""
    found: list[Record] = []
    for at, sector in log_sectors(image).items():
        stretch, place = sector["records"], 0
        while place < len(stretch):
            header = stretch[place : place + length("A record")]
            record = fields("A record", header)
            if not any(record["kind"]) or record["crc"] != crc(header[:1] + header[2:12]):
                place += 16
                continue
            size = number(record["size"])
            address = at + _LAYOUTS["A log sector"][-2][0] + place
            context = {
                **record,
                "address": address.to_bytes(4, "big"),
                "sector": sector["sequence"],
            }
            body = stretch[place + len(header) :][:size]
            if record["commit"] == b"\0":
                kind, account, sequence = (
                    number(record[each]) for each in ("kind", "account", "sequence")
                )
                bound = b"".join(context[name] for _, _, name in _LAYOUTS["A record, 2"])
                found.append(Record(kind, account, sequence, number(sector["epoch"]), bound, body))
            place += len(header) + size
    return sorted(found, key=lambda record: record.sequence)


def account(data: bytes) -> dict[str, Any]:
    """Return the fields of an account: numbers, the two names, and the secret's bytes."""
    parts = fields("An account", data)
    texts = parts.pop("texts")
    values: dict[str, Any] = {name: number(value) for name, value in parts.items()}
    name_at = values.pop("issuer size")
    secret_at = name_at + values.pop("name size")
    assert len(texts) == secret_at + values.pop("secret size")
    values["issuer"] = texts[:name_at].decode()
    values["name"] = texts[name_at:secret_at].decode()
    values["secret"] = texts[secret_at:]
    return values


def settings(body: bytes) -> dict[str, Any]:
    """Return the settings in a record's body."""
    parts = fields("Settings", body)
    content = (parts["replaces"] + parts["json"])[: number(parts["size"])]
    assert parts["crc"] == crc(content)
    return json.loads(content[len(parts["replaces"]) :])


def read(image: bytes, pin: str = "", chip_key: bytes = b"") -> Contents:
    """Return the contents of a vault, after checking its integrity; raise WrongPin."""
    sector, slot = key_sector(image)
    assert set(sector["wipe"]) == {0xFF}
    keys = vault_keys(sector, slot, pin, chip_key)
    newest, kept, found = 0, bytes(16), {}
    accounts: dict[int, tuple[Record, bytes]] = {}
    order: tuple[Record, bytes] | None = None
    for record in records(image):
        if record.kind == SETTINGS:
            found = settings(record.body)
            continue
        payload = unseal(keys[record.epoch], record.context, record.body)
        parts = fields("A sealed body", payload)
        newest, kept = record.sequence, parts["fingerprint"]
        if record.kind == ACCOUNT:
            accounts[record.account] = record, parts["data"]
        elif record.kind == REMOVED:
            accounts.pop(record.account, None)
        elif record.kind == ORDER:
            order = record, parts["data"]
    members = [record for record, _ in accounts.values()] + ([order[0]] if order else [])
    assert kept == fingerprint(keys[max(keys)], members)
    assert newest >= least_sequence(sector)
    named = order[1] if order else b""
    ids = [number(named[at : at + 2]) for at in range(0, len(named), 2)]
    ids = [each for each in ids if each in accounts] + sorted(set(accounts) - set(ids))
    return Contents([account(accounts[each][1]) for each in ids], found)


def fingerprint(key: bytes, members: list[Record]) -> bytes:
    """Return the fingerprint of these accounts and orders."""
    total = 0
    for record in members:
        block = bytes([record.kind, 0]) + record.account.to_bytes(2, "big")
        block += record.sequence.to_bytes(4, "big") + bytes(8)
        cipher = Cipher(algorithms.AES256(mac(key, b"set")), modes.ECB())  # noqa: S305 (one block)
        total ^= number(cipher.encryptor().update(block))
    return total.to_bytes(16, "big")
