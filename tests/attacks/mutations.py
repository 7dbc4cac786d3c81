"""What is spoiled at random: texts and pictures, by a seed; and how reading them ends."""

import base64
import io
import random
from urllib.parse import quote

from attacks.conftest import URI
from attacks.hostile_text import HOSTILE
from support import enrolled
from unit.broken_pictures import good

from tokenctl.enrol import pipeline, sources
from tokenctl.errors import SourceError
from tokenctl.pictures import Reader

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def field(data: bytes, number: int) -> bytes:
    """A field of bytes in protobuf."""
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def varint(number: int) -> bytes:
    data = b""
    while number >= 0x80:
        data, number = data + bytes([number & 0x7F | 0x80]), number >> 7
    return data + bytes([number])


def export(account: bytes, issuer: bytes = b"") -> str:
    """A Google export with one account of these names."""
    fields = (
        field(b"x" * 20, 1) + field(account, 2) + field(issuer, 3) + b"\x20\x01\x28\x01\x30\x02"
    )
    payload = field(fields, 1) + b"\x10\x01"
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(payload).decode())


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Change one to four places: bytes flipped, taken away, doubled, set, moved, cut."""
    copy = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(copy) + 1)
        kind = dice.randrange(7)
        if kind == 0 and place < len(copy):
            copy[place] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del copy[place : place + dice.randint(1, 8)]
        elif kind == 2:
            copy[place:place] = copy[place : place + dice.randint(1, 64)]
        elif kind == 3:
            copy[place:place] = dice.randbytes(dice.randint(1, 4))
        elif kind == 4:
            copy[place:place] = dice.choice(list(HOSTILE.values())).encode("utf-8", "replace")
        elif kind == 5:
            copy[place:place] = dice.choice([b"%", b"&", b"=", b"?", b"#", b"+", b"%00", b"%ff"])
        else:
            del copy[dice.randrange(len(copy) + 1) :]
    return bytes(copy)


SEEDS = [
    URI,
    f"otpauth://hotp/Bank:me+x%40y?secret={SECRET}&issuer=Bank&counter=5&digits=8&algorithm=SHA256",
    f"otpauth://totp/Steam:me?secret={SECRET}&issuer=Steam",
    "steam://" + SECRET,
    export(b"Bank:alice", b"Bank"),
    "https://login.microsoftonline.com/common/authenticatorApp/?accountType=msa",
    f"# a list\n\n{URI}\notpauth://totp/b?secret={SECRET}&period=60\n",
    "\ufeff" + URI,
]


def is_refused(data: bytes, reader: Reader) -> bool:
    """Tell whether what is no UTF-8 is refused on standard input."""
    try:
        pipeline.parse(sources.sheets(sources.stream(io.BytesIO(data)), reader))
    except SourceError:
        return True
    return False


def read_mutated_texts(count: int, seed: int) -> dict[str, int]:
    """Read so many mutated texts; return how many were taken and how many refused."""
    dice = random.Random(seed)
    ends = {"read": 0, "refused": 0}
    with Reader() as reader:
        for number in range(count):
            data = mutated(SEEDS[number % len(SEEDS)].encode(), dice)
            try:
                text = data.decode()
                found = enrolled.from_text(text)
                assert all(each.account.secret for each in found)
                ends["read"] += 1
            except UnicodeDecodeError:
                ends["refused" if is_refused(data, reader) else "read"] += 1
            except SourceError as error:
                assert str(error).isprintable() and SECRET not in str(error), data
                ends["refused"] += 1
    return ends


def pictures() -> list[bytes]:
    """Pictures of a code, one of each kind."""
    return [good(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PDF")]


def read_mutated_pictures(count: int, seed: int) -> dict[str, int]:
    """Read so many mutated pictures; return how they ended."""
    dice, originals = random.Random(seed), pictures()
    ends = {"read": 0, "refused": 0}
    with Reader() as reader:
        for number in range(count):
            try:
                reader.read(mutated(originals[number % len(originals)], dice))
                ends["read"] += 1
            except SourceError as error:
                assert str(error).isprintable()
                ends["refused"] += 1
    return ends
