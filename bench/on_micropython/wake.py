"""From main.py's first line to the code, after a sleep: the processor's time by step, in HMACs.

The firmware is compiled; its board consists of mocks that answer at once, so that only the
firmware's own time is measured. The minimum of many rounds counts.
"""

import asyncio
import gc
import json
import os
import sys
import time

ACCOUNTS = 40
SECTORS = 128
ROUNDS = 15
OURS = ("tokenfw", "otpcore")


class Nothing:
    """A context manager that replaces the radio and the processor's full speed."""

    def __enter__(self):
        return True

    def __exit__(self, *_):
        pass


class Bus:
    """A bus that accepts whatever is sent to the panel."""

    def writeto(self, address, message):
        pass

    def readfrom_mem(self, address, register, size):
        return bytes(size)


class RTC:
    """A clock chip that shows a fixed time."""

    NAME = "DS3231"
    SPEC_PPB = 5000

    def read(self):
        return 2026, 11, 28, 12, 0, 5, False


def took(action):
    """Return how many us an action takes, and its result."""
    gc.collect()
    start = time.ticks_us()
    result = action()
    return time.ticks_diff(time.ticks_us(), start), result


def forget():
    """Unload all modules of the firmware."""
    for name in list(sys.modules):
        if name.split(".")[0] in OURS:
            sys.modules.pop(name)


def load_first():
    """Load what the first picture needs, as main.py and the board do."""
    import tokenfw.drivers.button
    import tokenfw.drivers.ds3231
    import tokenfw.drivers.ssd1306
    import tokenfw.system.app
    import tokenfw.system.assembly
    import tokenfw.system.entropy  # noqa: F401


def load_rest():
    """Load what only a computer needs."""
    import tokenfw.link.commands
    import tokenfw.link.link  # noqa: F401


def vault_on(flash):
    """Return a vault on `flash` that is not opened yet."""
    from tokenfw.system.entropy import Entropy
    from tokenfw.vault.vault import Vault

    return Vault(flash, Entropy(Nothing, lambda: b""), Nothing)


def fill():
    """Return the flash of a vault with accounts."""
    from norflash import NorFlash

    from otpcore.account import Account

    flash = NorFlash(SECTORS)
    vault = vault_on(flash)
    asyncio.run(vault.start())
    for number in range(ACCOUNTS):
        name = f"someone{number:04}@example.com"
        vault.add(b"%08d" % number, Account("Example Company", name, os.urandom(20)))
    return flash


def picture(vault):
    """Return a function that paints and sends the first picture."""
    from tokenfw.clock.clock import Clock
    from tokenfw.display.canvas import Canvas
    from tokenfw.drivers.ssd1306 import SSD1306
    from tokenfw.ui.codes import Codes
    from tokenfw.ui.dialogs.consent import Hands
    from tokenfw.ui.stack import Stack
    from tokenfw.ui.words import Words

    canvas = Canvas(SSD1306(Bus()))
    words, clock = Words(vault.setting), Clock(RTC(), vault)
    codes = Codes(Stack(Hands()), vault, clock, words, None, None, None)
    codes.selection.select(1)

    def show():
        codes.paint(canvas, 0)
        canvas.lit(True)
        asyncio.run(canvas.show())

    return show


def hmacs(hmac):
    """Compute 100 HMACs."""
    for _ in range(100):
        hmac("SHA256", bytes(32), bytes(32))


def measure():
    """Return the minimum of each step, in HMACs."""
    from otpcore.mac import hmac

    flash = fill()
    unit = min(took(lambda: hmacs(hmac))[0] for _ in range(ROUNDS)) / 100
    steps = {"first": [], "opened": [], "whole": [], "picture": [], "rest": []}
    for _ in range(ROUNDS):
        forget()
        steps["first"].append(took(load_first)[0])
        steps["rest"].append(took(load_rest)[0])
        whole, tidy = vault_on(flash), vault_on(flash)
        steps["whole"].append(took(lambda vault=whole: asyncio.run(vault.start()))[0])
        steps["opened"].append(took(lambda vault=tidy: asyncio.run(vault.start(woken=True)))[0])
        steps["picture"].append(took(picture(tidy))[0])
    found = {name: min(times) / unit for name, times in steps.items()}
    forget()
    load_first()
    ours = [name for name in sys.modules if name.split(".")[0] in OURS]
    return dict(found, modules=sorted(ours))


print(json.dumps(measure()))
