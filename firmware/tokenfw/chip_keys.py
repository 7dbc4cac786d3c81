"""The keys in the chip's eFuses: their drivers, with the chip's registers and its machine code."""

import machine

from tokenfw.system import on_demand


class ChipKeys:
    """The keys in the eFuses of a `chip` ("esp32c3"), and what is asked of them.

    What drives the HMAC peripheral is in memory as long as somebody has it: see drivers/chip_key.
    """

    def __init__(self, chip):
        self._chip = chip

    def open(self, block):
        """Return the ChipKey of an eFuse block (0 to 5); whether there is one shows in use."""
        module, burst = on_demand.once("tokenfw.drivers.chip_key"), None
        if self._chip in module.REGISTERS:  # elsewhere its machine code would lie there for nothing
            burst = on_demand.once("tokenfw.drivers.hmac_burst").burst
        interrupts = machine.disable_irq, machine.enable_irq
        return module.ChipKey(machine.mem32, burst, self._chip, *interrupts, block)

    def examination(self, key):
        """Return the Examination of a ChipKey; see drivers/chip_key_examination."""
        return on_demand.once("tokenfw.drivers.chip_key_examination").Examination(key)

    def checks(self):
        """Return the module that tells whether a ChipKey may be relied on."""
        return on_demand.once("tokenfw.drivers.chip_key_checks")
