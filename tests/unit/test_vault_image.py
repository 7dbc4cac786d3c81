"""A second reader of the vault's flash, with other people's cryptography.

MicroPython writes an image; here it is read with hashlib, hmac and `cryptography`, from
what the docstrings of tokenfw.vault say and from nothing of it. What both agree on is the
format, and that the seals are PBKDF2, AES-256-CBC and HMAC-SHA-256 as the RFCs have them.
"""

import hashlib
import hmac
import json
import struct
import subprocess
import sysconfig
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from support.on_micropython import environment

from otpcore import account as accounts

TESTS = Path(__file__).parents[1]
MICROPYTHON = Path(sysconfig.get_path("scripts")) / "micropython"

SECTOR = 4096
PIN = "2718281828459045"

WRITE = """
import sys, json, binascii
from norflash import NorFlash
from scenarios import several, advance
from chipkeys import chip
from vaults import content, own, power_up, run
from tokenfw.vault.keys import kdf
kdf.ITERATIONS_MIN = kdf.ITERATIONS_MAX = 1234
flash = NorFlash(8)
vault = power_up(flash)
several(vault)
for _ in range(60):
    advance(vault)
if sys.argv[2] or sys.argv[3]:
    own.key = binascii.unhexlify(sys.argv[3])
    run(vault.set_pin(sys.argv[2], chip(own) if own.key else b""))
    advance(vault)
listed, settings, _ = content(vault)
with open(sys.argv[1], "wb") as file:
    file.write(flash.memory)
print(json.dumps([[[n, binascii.hexlify(r).decode()] for n, r in listed], settings]))
"""

DERIVE = """
import asyncio, binascii
from tokenfw.vault.keys import kdf
for password, salt, iterations in CASES:
    print(binascii.hexlify(asyncio.run(kdf.derive(password, salt, iterations))).decode())
"""


def micropython(tmp_path: Path, program: str, *arguments: str) -> str:
    file = tmp_path / "program.py"
    file.write_text(program)
    return subprocess.run(
        [MICROPYTHON, "-X", "heapsize=3M", file, *arguments],
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def crc(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def aes(key: bytes, mode: modes.CBC | modes.ECB, data: bytes, encrypt: bool = False) -> bytes:
    cipher = Cipher(algorithms.AES256(key), mode)
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


def unseal(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Open IV, ciphertext and tag; check the tag, the padding, and how the IV was made."""
    iv, ciphertext, tag = sealed[:16], sealed[16:-32], sealed[-32:]
    assert hmac.compare_digest(mac(mac(key, b"authentication"), context + iv + ciphertext), tag)
    padded = aes(mac(key, b"encryption"), modes.CBC(iv), ciphertext)
    pad = padded[-1]
    assert 1 <= pad <= 16 and padded.endswith(bytes([pad]) * pad)
    assert mac(mac(key, b"iv"), context + padded[:-pad])[:16] == iv
    return padded[:-pad]


class Record(NamedTuple):
    kind: int
    sequence: int
    number: int
    mark: int
    context: bytes
    body: bytes


def chained(chip_key: bytes, derived: bytes, chip: bytes, with_pin: bool) -> bytes:
    """Return the key that wraps a bound vault's key, from that of PBKDF2: binding.py."""
    count, block = struct.unpack(">IB", chip[:5])
    assert block == 2 and (3 <= count <= 8 if with_pin else count == 1)
    questions = (b"otptoken: a chip's key, one", b"otptoken: a chip's key, two")
    assert chip[5:] == b"".join(mac(chip_key, each) for each in questions)
    link = mac(derived, b"otptoken chain 1")
    for _ in range(count):
        link = mac(chip_key, link)
    return mac(mac(derived, link), b"otptoken bound key 1")


def vault_key(image: bytes, pin: str, chip_key: bytes) -> bytes:
    """Find the one key sector in use, and unwrap the vault key from both of its blocks."""
    sectors = [image[:SECTOR], image[SECTOR : 2 * SECTOR]]
    (sector,) = [each for each in sectors if each != b"\xff" * SECTOR]
    end = 40 + 4 + (69 if chip_key else 0) + 96
    block = sector[: end + 4]
    assert sector[1024 : 1024 + len(block)] == block
    assert block[:4] == b"OTK\x01" and block[4:8] == crc(block[:4])
    assert block[36:40] == crc(block[:36]) and block[end:] == crc(block[:end])
    _, _, hidden, kind, size, salt = struct.unpack(">IIBBH16s", block[8:36])
    assert (kind, size) == ((2, 73) if chip_key else (1, 4))
    iterations = int.from_bytes(block[40:44], "big")
    whole = 1234 if pin else 1
    assert iterations == (whole // 2 if pin and chip_key else whole)  # the rest is the chip's time
    pin_key = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, iterations)
    if chip_key:
        pin_key = chained(chip_key, pin_key, block[44:113], bool(pin))
    context = b"vault key" + block[:4] + block[8:36] + block[40 : 40 + size]
    key = unseal(pin_key, context, block[40 + size : end])
    assert not sector[end + 4 : 512].strip(b"\xff") and not sector[1028 + end : 1536].strip(b"\xff")
    pad = int.from_bytes(mac(mac(key, b"names"), b"pin length" + salt)[:2], "big")
    assert hidden == (1 + (len(pin) - 4 + pad) % 29 if pin else 0)
    return key


def anchor(image: bytes) -> int:
    """Return the sequence that both copies of the anchor say: a base, and a bit for each since."""
    (sector,) = [start for start in (0, SECTOR) if image[start] != 0xFF]
    said: set[int] = set()
    for place in (sector + 640, sector + 1664):
        base, field = image[place : place + 4], image[place + 8 : place + 368]
        assert image[place + 4 : place + 8] == crc(b"OTA" + base)
        bits = f"{int.from_bytes(field, 'big'):02880b}"
        count = bits.rindex("0") + 1 if "0" in bits else 0
        assert bits == "0" * count + "1" * (2880 - count)
        said.add(int.from_bytes(base, "big") + count)
    (sequence,) = said
    return sequence


def read_records(image: bytes) -> list[Record]:
    found: list[Record] = []
    for start in range(2 * SECTOR, len(image), SECTOR):
        header = image[start : start + 20]
        if header == b"\xff" * 20:
            assert image[start : start + SECTOR] == b"\xff" * SECTOR
            continue
        assert header[:4] == b"OTR\x01" and header[16:] == crc(header[:16])
        assert image[start + SECTOR - 16 : start + SECTOR] == header[4:]
        sector_sequence = struct.unpack(">I", header[4:8])[0]
        taken_over = struct.unpack(">I", header[12:16])[0]
        assert image[start + 20 : start + 28] == (bytes(8) if taken_over else b"\xff" * 8)
        place = start + 32
        while place < start + SECTOR - 16:
            front = image[place : place + 16]
            if front in (b"\xff" * 16, bytes(16)):
                place += 16
                continue
            assert front[12:] == crc(front[:1] + front[2:12])
            kind, commit, size, sequence, number, mark = struct.unpack(">BBHIHH", front[:12])
            assert commit == 0 and size % 16 == 0
            context = struct.pack(
                ">BHIHHII", kind, size, sequence, number, mark, place, sector_sequence
            )
            body = image[place + 16 : place + 16 + size]
            found.append(Record(kind, sequence, number, mark, context, body))
            place += 16 + size
    return sorted(found, key=lambda record: record.sequence)


class Decoded(NamedTuple):
    accounts: list[list[object]]
    settings: dict[str, object]


def decode(image: bytes, pin: str, chip_key: bytes) -> Decoded:
    """Return the accounts in display order, and the settings; check all that is kept."""
    key = vault_key(image, pin, chip_key)
    living: dict[int, bytes] = {}
    order: list[int] = []
    settings: dict[str, object] = {}
    fingerprint = kept = bytes(16)
    newest = 0
    for record in read_records(image):
        if record.kind == 4:
            size, checksum = struct.unpack(">HI", record.body[:6])
            data = record.body[6 : 6 + size]
            assert zlib.crc32(data) == checksum
            settings = json.loads(data[10:])
            continue
        payload = unseal(key, record.context, record.body)
        kept, data = payload[8:24], payload[34:]
        newest = record.sequence
        if record.kind in (1, 3):
            element = struct.pack(">BxHI8x", record.kind, record.number, record.sequence)
            mask = aes(mac(key, b"set"), modes.ECB(), element, encrypt=True)  # noqa: S305 (one block)
            fingerprint = bytes(a ^ b for a, b in zip(fingerprint, mask, strict=True))
        if record.kind == 1:
            account = accounts.from_record(data)
            assert record.number not in living
            name = account.issuer.encode() + b"\0" + account.name.encode()
            assert record.mark == int.from_bytes(mac(mac(key, b"names"), name)[:2], "big")
            living[record.number] = data
        elif record.kind == 3:
            order = list(struct.unpack(f">{len(data) // 2}H", data))
    assert kept == fingerprint  # that of the newest record is that of what there is
    assert anchor(image) == newest
    listed = [n for n in order if n in living] + sorted(n for n in living if n not in order)
    return Decoded([[n, living[n].hex()] for n in listed], settings)


@pytest.mark.parametrize("pin", ["", PIN], ids=["no PIN", "PIN"])
@pytest.mark.parametrize("chip_key", [b"", b"a chip's own key"], ids=["free", "bound"])
def test_an_image_means_what_its_vault_says(tmp_path, pin, chip_key):
    file = tmp_path / "image"
    said, settings = json.loads(micropython(tmp_path, WRITE, str(file), pin, chip_key.hex()))
    image = file.read_bytes()
    decoded = decode(image, pin, chip_key)
    assert len(said) == 5
    assert decoded.accounts == said
    expected = {name: value for name, value in settings if value is not None}
    if pin or chip_key:
        expected |= {"radio": "on", "radio_tried": False}  # how the key was drawn
    assert decoded.settings == expected
    for number, record in said:
        secret = accounts.from_record(bytes.fromhex(record)).secret
        assert secret not in image, number


def test_the_key_derivation_is_pbkdf2(tmp_path):
    cases = [
        (b"password", b"salt", 1),
        (b"password", b"salt", 2),
        (b"password", b"salt", 4096),
        (b"passwordPASSWORDpassword", b"saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096),
        (b"1234", bytes(range(16)), 1000),
        (b"1" * 32, bytes(16), 1001),
        (b"x" * 64, b"s", 25),
        (b"x" * 65, b"s", 24),
        (b"x" * 200, b"s" * 70, 49),
        (b"", b"\xff" * 16, 1),
    ]
    keys = micropython(tmp_path, f"CASES = {cases!r}\n{DERIVE}").split()
    assert keys == [hashlib.pbkdf2_hmac("sha256", *case).hex() for case in cases]
