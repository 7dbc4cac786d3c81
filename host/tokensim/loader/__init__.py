"""The loader in the simulated chip's ROM: how esptool and espefuse reach its flash and eFuses.

- boot_rom.py: when the loader answers, and what starts from the flash
- commands.py: the protocol of the ROM's loader, and of the one that esptool puts into the RAM
- frames.py: its packets on the wire (SLIP)
- writing.py: what is written to the flash, plain or compressed
- chip_flash.py: the whole flash, of which the vault is one partition
- stored_image.py: whether an image in it starts
- registers.py: the registers that a computer reads and writes
- efuse_controller.py: those of the eFuses, through espefuse's virtual controller

No threads and no ports: the simulator passes on what a computer sends, and sends the answers.
"""
