"""A chip's own key, in place of tokenfw.chip_keys.ChipKeys: HMAC-SHA-256, and its faults."""

from otpcore.mac import hmac
from tokenfw.system import on_demand

_once = on_demand.once


def once(name):
    """Stands for on_demand.once: a chain that is bound takes few HMACs."""
    module = _once(name)
    if name == "tokenfw.vault.binding":
        module.ROUNDS_MIN, module.CHAIN_MIN, module.CHAIN_MAX, module.SAMPLE = 1, 3, 8, 4
    return module


on_demand.once = once


class ChipKeys:
    """Those of a chip that has `key` (bytes) in every block.

    `wrong(number)` tells of each burst, counted from 1, whether it gives something else;
    `dead` that it is never heard of again.
    """

    slice = 400

    def __init__(self, key):
        self.key = key
        self.bursts = 0
        self.wrong = lambda number: False
        self.dead = False
        self.opened = 0

    def open(self, block):
        self.opened += 1
        return self

    def answer(self, message):
        return self.chain(message, 1)

    def chain(self, message, count):
        if self.dead:
            raise OSError
        self.bursts += 1
        for _ in range(count):
            message = hmac("SHA256", self.key, message)
        return b"w" * 32 if self.wrong(self.bursts) else message


def chip(keys):
    """Return what set_pin() binds a vault to, as the link's command makes it."""
    binding = on_demand.once("tokenfw.vault.binding")
    return binding.pack(1, 2, binding.ask(keys))
