"""How vault-v2.bin.gz was made: by the firmware whose sectors had both headers in front.

`python tests/data/images/make_v2.py` takes that firmware and its tests' support out of the
history, and writes images of one size, one behind the other, and beside them what is in
each. The power was cut in some of them.
"""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

COMMIT = "bc63969"  # the last commit with that vault
HERE = Path(__file__).parent
ROOT = HERE.parents[2]

PROGRAM = """
import binascii, json, random
from norflash import NorFlash, PowerCut
from scenarios import OTHER, PIN, about_to_compact, advance, image, mixed, several
from vaults import content, power_up, run

def cut(start, step, operation, pin=""):
    random.seed(operation)
    flash = NorFlash(8, start)
    vault = power_up(flash, pin)
    flash.cut_after(operation, operation % 2)
    try:
        result = step(vault)
        if hasattr(result, "send"):
            run(result)
    except PowerCut:
        pass
    return bytes(flash.memory)

change = lambda vault: vault.set_pin(OTHER)
images = [("empty", image(), ""), ("empty, PIN", image(None, PIN), PIN)]
images += [("several", image(several), ""), ("several, PIN", image(several, PIN), PIN)]
images += [("mixed, PIN", image(mixed, PIN), PIN)]
start = about_to_compact(advance)
for operation in (3, 6, 9, 12, 13, 14, 15):
    images.append(("takeover, cut %d" % operation, cut(start, advance, operation), ""))
start = image(several, PIN)
for operation in (4, 5, 7, 9, 11, 13, 15, 17):
    images.append(("PIN change, cut %d" % operation, cut(start, change, operation, PIN), ""))
said = []
with open("vault-v2.bin", "wb") as file:
    for name, memory, pin in images:
        file.write(memory)
        pins = (pin,) if pin else (PIN, OTHER)
        vault = power_up(NorFlash(8, memory), *pins)
        listed, settings, length = content(vault)
        assert not vault.damaged() and not vault.changed()
        pin = {0: "", len(PIN): PIN, len(OTHER): OTHER}[length]
        listed = [[n, binascii.hexlify(record).decode()] for n, record in listed]
        said.append([name, pin, listed, settings])
with open("vault-v2.json", "w") as file:
    json.dump(said, file)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        old = subprocess.run(
            ["git", "archive", COMMIT, "firmware", "tests/micropython"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(old)) as archive:
            archive.extractall(folder, filter="data")
        program = Path(folder) / "program.py"
        program.write_text(PROGRAM)
        places = [Path(folder) / "firmware", Path(folder) / "tests" / "micropython", ".frozen"]
        subprocess.run(
            [Path(sys.executable).with_name("micropython"), "-X", "heapsize=8M", program],
            env={**os.environ, "MICROPYPATH": ":".join(map(str, places))},
            cwd=folder,
            check=True,
        )
        data = (Path(folder) / "vault-v2.bin").read_bytes()
        (HERE / "vault-v2.bin.gz").write_bytes(gzip.compress(data, 9, mtime=0))
        (HERE / "vault-v2.json").write_bytes((Path(folder) / "vault-v2.json").read_bytes() + b"\n")


if __name__ == "__main__":
    main()
