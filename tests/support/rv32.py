"""Machine code of the ESP32-C3 (RV32IMC) from an .mpy file, run in an instruction emulator.

The code is mpy-cross's for a viper function. Its environment is built here: the function
object, its module's table, and the table of the runtime's functions (py/nativeglue.c of
MicroPython), of which those that convert arguments and results are implemented in Python.
Loads and stores in `device` are passed to a model, with their addresses.
"""

import struct
from pathlib import Path
from typing import Any

from unicorn import UC_ARCH_RISCV, UC_HOOK_CODE, UC_MODE_RISCV32, Uc
from unicorn import riscv_const as riscv

_CODE, _STACK, _HEAP, _TRAPS = 0x40000000, 0x3FC80000, 0x3FCA0000, 0x50000000
_PAGE = 0x10000
_FROM_OBJECT, _TO_OBJECT, _CHECK_ARGUMENTS = 3, 4, 44  # in the runtime's table
_VIPER = 2  # the kind of a raw code, less MP_CODE_BYTECODE


class Viper:
    """A viper function, whose arguments are ints and addresses of buffers from buffer()."""

    def __init__(self, mpy: Path, device: range, model: Any) -> None:
        code = _viper_code(mpy.read_bytes())
        self.instructions = 0
        self._model, self._device = model, device
        self._emulator = Uc(UC_ARCH_RISCV, UC_MODE_RISCV32)
        for at in (_CODE, _STACK, _HEAP, _TRAPS):
            self._emulator.mem_map(at, _PAGE)
        start = device.start & ~0xFFF
        self._emulator.mmio_map(start, 0x1000, self._load, start, self._store, start)
        self._emulator.mem_write(_CODE, code)
        # the function object: type, context; the context: module, names, objects; the runtime
        context, objects, runtime = _HEAP + 0x20, _HEAP + 0x40, _HEAP + 0x100
        self._emulator.mem_write(_HEAP, struct.pack("<II", 0, context))
        self._emulator.mem_write(context, struct.pack("<IIII", 0, 0, 0, objects))
        self._emulator.mem_write(objects, struct.pack("<I", runtime))
        table = struct.pack("<128I", *(_TRAPS + 4 * number for number in range(128)))
        self._emulator.mem_write(runtime, table)
        self._free = _HEAP + 0x1000
        self._emulator.hook_add(UC_HOOK_CODE, self._step)

    def buffer(self, data: bytes) -> int:
        """Return the address of a copy of these bytes."""
        address, self._free = self._free, self._free + (len(data) + 15 & ~15)
        self._emulator.mem_write(address, data)
        return address

    def read(self, address: int, length: int) -> bytes:
        """Return the present bytes at an address."""
        return bytes(self._emulator.mem_read(address, length))

    def __call__(self, *arguments: int) -> int:
        """Call the function; return its result."""
        registers, end = self._emulator, _TRAPS + 0x8000
        values = self.buffer(struct.pack(f"<{len(arguments)}I", *arguments))
        for number, value in (
            (riscv.UC_RISCV_REG_SP, _STACK + _PAGE - 64),
            (riscv.UC_RISCV_REG_RA, end),
            (riscv.UC_RISCV_REG_A0, _HEAP),
            (riscv.UC_RISCV_REG_A1, len(arguments)),
            (riscv.UC_RISCV_REG_A2, 0),
            (riscv.UC_RISCV_REG_A3, values),
        ):
            registers.reg_write(number, value)
        registers.emu_start(_CODE, end)
        result = registers.reg_read(riscv.UC_RISCV_REG_A0)
        assert isinstance(result, int)
        return result

    def _step(self, emulator: Any, address: int, size: int, _: object) -> None:
        if address < _TRAPS:
            self.instructions += 1
            return
        number = (address - _TRAPS) // 4  # a call of the runtime: an int is passed as it is
        assert number in (_FROM_OBJECT, _TO_OBJECT), f"the code calls number {number}"
        emulator.reg_write(riscv.UC_RISCV_REG_PC, emulator.reg_read(riscv.UC_RISCV_REG_RA))

    def _load(self, emulator: object, offset: int, size: int, start: int) -> int:
        assert size == 4 and start + offset in self._device, "only words of the device"
        return self._model[start + offset]

    def _store(self, emulator: object, offset: int, size: int, value: int, start: int) -> None:
        assert size == 4 and start + offset in self._device, "only words of the device"
        self._model[start + offset] = value


def _viper_code(mpy: bytes) -> bytes:
    """Return the machine code of the only function of an .mpy file (tools/mpy-tool.py's format)."""
    at = 4

    def number() -> int:
        nonlocal at
        value = 0
        while True:
            value = value << 7 | mpy[at] & 0x7F
            at += 1
            if not mpy[at - 1] & 0x80:
                return value

    names, objects = number(), number()
    for _ in range(names):
        length = number()
        if not length & 1:
            at += (length >> 1) + 1
    assert objects == 1 and mpy[at] == 0, "an object besides the runtime's table"
    at += 1
    outer = number()  # the module: bytecode, with a child
    at += outer >> 3
    assert outer & 4 and number() == 1, "more than one function"
    inner = number()
    assert inner & 3 == _VIPER and not inner & 4
    return mpy[at : at + (inner >> 3)]
