"""How vault-v1.bin.gz was made: by the firmware that kept the vault unsealed, from git.

`python tests/data/images/make_v1.py` takes that firmware's vault out of the history, runs it
on flash in RAM and writes the image, and beside it what that vault said was in it.
"""

import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COMMIT = "6d7daab"  # the last commit with that vault
SECTORS = 12
HERE = Path(__file__).parent
ROOT = HERE.parents[2]

PROGRAM = """
import binascii, json
from norflash import NorFlash
from otpcore.account import Account
from tokenfw.flashlog import FlashLog
from tokenfw.vault import Vault

flash = NorFlash(%d)
vault = Vault(FlashLog(flash))
vault.open()
for n in range(1, 9):
    vault.add(b"old%%05d" %% n, Account("Issuer %%d" %% n, "user%%d" %% n, b"secret %%d " %% n * 4))
vault.add(b"old00009", Account("Door", "key", b"hotp secret", "hotp", counter=100))
vault.add(b"old00010", Account("Steam", "kid", b"steam secret", "steam", digits=5))
vault.add(b"old00011", Account("\\u00fc", "", b"x" * 128, algorithm="SHA512", digits=8, period=60))
vault.set_setting("lock", 60)
vault.move(b"old00012", 10, 0)
vault.remove(b"old00013", 3)
vault.replace(b"old00014", 5, Account("Renamed", "five", b"another secret"))
for n in range(260):
    vault.advance(9)
    if n %% 50 == 0:
        vault.set_setting("mark", n)
        vault.replace(b"old00015", 2, Account("Issuer 2", "user2", b"secret of turn %%d" %% n))
vault.remove(b"old00016", 7)
vault.move(b"old00017", 11, 1)
vault = Vault(FlashLog(flash))
vault.open()
said = [[n, binascii.hexlify(vault.get(n).to_record()).decode()] for n in vault.ids()]
settings = {name: vault.setting(name) for name in ("lock", "mark")}
with open("vault-v1.bin", "wb") as file:
    file.write(flash.memory)
with open("vault-v1.json", "w") as file:
    json.dump({"accounts": said, "settings": settings}, file)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "tokenfw"
        package.mkdir()
        for name in ("__init__", "vault", "flashlog"):
            show = ["git", "show", f"{COMMIT}:firmware/tokenfw/{name}.py"]
            (package / f"{name}.py").write_bytes(subprocess.check_output(show, cwd=ROOT))
        program = Path(folder) / "program.py"
        program.write_text(PROGRAM % SECTORS)
        places = [
            folder,
            str(ROOT / "firmware"),
            str(ROOT / "tests" / "support" / "micropython"),
            ".frozen",
        ]
        micropython = Path(sys.executable).with_name("micropython")
        subprocess.run(
            [micropython, "-X", "heapsize=2M", program],
            env={**os.environ, "MICROPYPATH": ":".join(places)},
            cwd=folder,
            check=True,
        )
        image = (Path(folder) / "vault-v1.bin").read_bytes()
        (HERE / "vault-v1.bin.gz").write_bytes(gzip.compress(image, mtime=0))
        (HERE / "vault-v1.json").write_bytes((Path(folder) / "vault-v1.json").read_bytes() + b"\n")


if __name__ == "__main__":
    main()
