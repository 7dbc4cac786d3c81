"""The text that is the worst for each parser, of any length, and the time that it takes."""

import base64
import time
from collections.abc import Callable
from urllib.parse import quote

from support import enrolled

from otpcore import base32
from tokenctl.enrol import secret_text
from tokenctl.enrol.not_otp import explain
from tokenctl.enrol.setup_code import SetupCode
from tokenctl.enrol.uri import google_export, otpauth
from tokenctl.enrol.uri.label import read_names
from tokenctl.errors import SourceError
from tokenctl.printable import as_json, printable

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def uri(label: str, query: str = "") -> str:
    return f"otpauth://totp/{label}?secret={SECRET}{query}"


def export(count: int) -> str:
    """A Google export of so many accounts."""
    account = b"\n\x14" + b"x" * 20 + b"\x12\x01a\x1a\x01b\x20\x01\x28\x01\x30\x02"
    payload = b"".join(b"\n" + bytes([len(account)]) + account for _ in range(count)) + b"\x10\x01"
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(payload).decode())


# A parser, and a text of about so many characters that is the worst for it.
WORST: dict[str, tuple[Callable[[str], object], Callable[[int], str]]] = {
    "label, one word": (lambda text: read_names(text, ""), lambda n: "+" + "a" * n),
    "label, pluses": (lambda text: read_names(text, ""), lambda n: "a+" * (n // 2)),
    "label, addresses": (lambda text: read_names(text, ""), lambda n: "+a@b" * (n // 4)),
    "label, at signs": (lambda text: read_names(text, ""), lambda n: "+" + "@" * n),
    "label, words": (lambda text: read_names(text, ""), lambda n: "a b+" * (n // 4)),
    "label, percent": (lambda text: read_names(text, ""), lambda n: "+%41" * (n // 4)),
    "label, colons": (lambda text: read_names(text, "x"), lambda n: ":+" * (n // 2)),
    "wrapped": (otpauth.unwrap, lambda n: "<" * (n // 2) + ">" * (n // 2)),
    "wrapped, blanks": (otpauth.unwrap, lambda n: "< " * (n // 4) + " >" * (n // 4)),
    "parameters": (otpauth.parse, lambda n: uri("a", "&x=y" * (n // 4))),
    "ampersands": (otpauth.parse, lambda n: uri("a", "&" * n)),
    "equals": (otpauth.parse, lambda n: uri("a", "&issuer" + "=" * n)),
    "glued": (otpauth.parse, lambda n: uri("a", "&issuer=" + "secret" * (n // 6))),
    "hashes": (otpauth.parse, lambda n: uri("#" * n)),
    "hashes behind": (otpauth.parse, lambda n: uri("a") + "#secret" * (n // 7)),
    "secret": (otpauth.parse, lambda n: "otpauth://totp/a?secret=" + "A" * n),
    "groups": (secret_text.readings, lambda n: "AB " * (n // 3) + "!"),
    "hex": (secret_text.readings, lambda n: "0a:" * (n // 3)),
    "base32": (base32.decode, lambda n: "A" * (n // 8 * 8)),
    "foreign": (
        explain,
        lambda n: "https://login.microsoftonline.com/authenticatorApp/?" + "&" * n,
    ),
    "bare secret": (explain, lambda n: "A" * n + "!"),
    "padding": (explain, lambda n: "A" * 16 + "=" * n + "!"),
    "list": (enrolled.from_text, lambda n: (uri("a") + "\n") * (n // 60)),
    "blank lines": (enrolled.from_text, lambda n: "\n" * n + uri("a")),
    "comments": (enrolled.from_text, lambda n: "# otpauth://\n" * (n // 13) + uri("a")),
    "one comment": (enrolled.from_text, lambda n: "#" + "<" * n + "\n" + uri("a")),
    "export": (enrolled.from_text, lambda n: export(n // 50)),
    "export, bare": (
        lambda text: google_export.parse(SetupCode(text)),
        lambda n: "otpauth-migration://offline?" + "data" * n,
    ),
    "printable": (printable, lambda n: "\x1b" * n),
    "JSON": (lambda text: as_json(text, unicode=True), lambda n: "\u202e" * n),
}  # fmt: skip


def duration(parser: Callable[[str], object], text: str, tries: int = 3) -> float:
    """Return the least time (s) of the processor that it took."""
    best = float("inf")
    for _ in range(tries):
        begun = time.process_time()
        try:
            parser(text)
        except ValueError:
            pass
        except SourceError:
            pass
        best = min(best, time.process_time() - begun)
    return best
