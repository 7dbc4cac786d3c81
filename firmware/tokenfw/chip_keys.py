"""Opens the keys in the chip's eFuses: gives their driver the registers and the machine code."""

import machine

from tokenfw.system import on_demand


class ChipKeys:
    """The keys in the eFuses of a `chip` (such as "esp32c3").

    The driver of the HMAC peripheral is in memory only while a ChipKey is: see drivers/chip_key.
    """

    def __init__(self, chip):
        self._chip = chip

    def open(self, block):
        """Return the ChipKey of an eFuse block (0 to 5), without checking that it has a key."""
        module, burst = on_demand.once("tokenfw.drivers.chip_key"), None
        if self._chip in module.REGISTERS:  # on other chips the machine code would waste memory
            burst = on_demand.once("tokenfw.drivers.hmac_burst").burst
        interrupts = machine.disable_irq, machine.enable_irq
        return module.ChipKey(machine.mem32, burst, self._chip, *interrupts, block)

    def examination(self, key):
        """Return the Examination of a ChipKey; see drivers/chip_key_examination."""
        return on_demand.once("tokenfw.drivers.chip_key_examination").Examination(key)

    def checks(self):
        """Return the module that checks whether a ChipKey can be relied on."""
        return on_demand.once("tokenfw.drivers.chip_key_checks")
