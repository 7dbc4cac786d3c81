"""A mock board whose eFuses are espefuse's virtual ones, so that they can be burnt over the wire.

The virtual controller handles its registers instead of the mock, so that esptool, espefuse and
the loader's protocol are real. Not simulated: that a chip's loader closes, or that an eFuse fails
to burn.
"""

import functools
import pickle
import struct
from typing import Any

import yaml
from esp32_mock_bootloader import protocol, registers, server
from espefuse import get_esp

_read_yaml = yaml.safe_load


@functools.cache
def _pickled(text):
    return pickle.dumps(_read_yaml(text))


def _read_once(file):
    """Return the contents of a YAML file, cached: parsing a chip's eFuse tables takes long."""
    return pickle.loads(_pickled(file.read()))  # noqa: S301 (of a moment ago)


yaml.safe_load = _read_once


class _Registers(dict):
    """The registers of a session: the eFuse controller's, and others as they were written."""

    def __init__(self, chip):
        super().__init__()
        self._chip = chip
        base = chip.REGS.DR_REG_EFUSE_BASE
        self._places = range(base, base + chip.REGS.EFUSE_MEM_SIZE)
        self._more = getattr(chip.REGS, "APB_CTL_DATE_ADDR", None)  # has a bit of the revision

    def __contains__(self, address):
        return address in self._places or address == self._more or super().__contains__(address)

    def __getitem__(self, address):
        if address in self._places or address == self._more:
            return self._chip.read_reg(address)
        return super().__getitem__(address)

    def get(self, address, default=None):
        try:
            return self[address]
        except KeyError:
            return default

    def __setitem__(self, address, value):
        if address in self._places:
            self._chip.write_reg(address, value)
        else:
            super().__setitem__(address, value)


def virtual_chip(name: str, revision: int = 0) -> Any:
    """Return espefuse's virtual chip, with the mock board's serial number."""
    chip: Any = get_esp(chip=name, virt=True)
    chip.set_chip_revision(revision)
    base = chip.REGS.DR_REG_EFUSE_BASE
    for address, value in registers.rom_profile(name).items():
        if base <= address < base + chip.REGS.EFUSE_MEM_SIZE:
            chip.update_reg(address, 0xFFFFFFFF, value)
    return chip


def use(monkeypatch, chip, secure=False):
    """Give the mock boards of this test the eFuses of a virtual chip.

    With `secure` its loader is in secure download mode, and reads no registers.
    """

    class Session(server.ChipSession):
        def __init__(self, mode):
            super().__init__(mode)
            self.registers = _Registers(chip)

    flags = 4 if secure else 0  # SECURE_DOWNLOAD_ENABLE

    def security_info(session):
        """Answer as the ROMs of S2 (12 bytes) and later chips (20 bytes) do."""
        answer = struct.pack("<IB7x", flags, 0)
        if session.chip_mode == "esp32":
            return server.make_response(info, status=1, error=invalid, stub=session.stub_active)
        if session.chip_mode != "esp32s2":
            answer += struct.pack("<II", session.image_chip_id(), 0)
        answer += bytes(2)
        return server.slip_encode(struct.pack("<BBHI", 1, info, len(answer), 0) + answer)

    def refuse(data, session):
        return server.make_response(protocol.CMD_READ_REG, status=1, error=invalid)

    info, invalid = protocol.CMD_GET_SECURITY_INFO, protocol.ROM_INVALID_MESSAGE
    monkeypatch.setattr(server, "ChipSession", Session)
    monkeypatch.setattr(server, "handle_get_security_info", security_info)
    if secure:
        monkeypatch.setattr(server, "handle_read_reg", refuse)
