"""What the tests of tokenctl provision share: sources, and what they hold."""

from pathlib import Path

import pytest
from e2e.commandline import CommandLine
from PIL import Image

from otpcore import base32
from otpcore.account import Account

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
EXAMPLE = PICTURES / "example-totp.png"
SEVERAL = PICTURES / "several.png"

# What the pictures hold (tests/data/pictures/make.py).
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Example%20Bank:alice@example.com?secret={SECRET}&issuer=Example%20Bank"
BANK = Account("Example Bank", "alice@example.com", base32.decode(SECRET))
ADDED = {
    "account_id": 1,
    "type": "totp",
    "issuer": "Example Bank",
    "name": "alice@example.com",
    "algorithm": "SHA1",
    "digits": 6,
    "period": 30,
    "key_check_value": BANK.key_check_value(),
}
THREE = ["Example Bank", "Example VPN", "Example Door"]


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, str]:
    """One file for each kind of source, all with the same account."""
    jpeg, text = tmp_path / "code.jpg", tmp_path / "uris.txt"
    with Image.open(EXAMPLE) as picture:
        picture.convert("RGB").save(jpeg)
    text.write_text(f"\n{URI}\n")
    return {"png": str(EXAMPLE), "jpeg": str(jpeg), "text": str(text), "uri": URI}


def issuers(commandline: CommandLine) -> list[str]:
    return [each.issuer for each in commandline.stored()]
