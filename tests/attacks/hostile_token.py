"""The second actor: a token that lies, babbles or never answers, as a Transport with a clock.

It keeps the link's rules (lines, acknowledgements) wherever a test does not say otherwise;
written from otpcore's description of the lines, with none of tokenctl's code.
"""

import base64
import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

from otpcore import lines, messages
from otpcore.account import Account

START = 1_790_000_000.0  # Unix time
SECRET = b"12345678901234567890"
ALICE = Account("Example", "alice", SECRET)
CHECK = ALICE.key_check_value()
SERIAL = "0123456789AB"

# An honest answer to each method.
ENTRY = {
    "account_id": 1, "type": "totp", "issuer": "Example", "name": "alice", "algorithm": "SHA1",
    "digits": 6, "period": 30, "key_check_value": CHECK,
}  # fmt: skip
STATUS = {
    "account_count": 1, "capacity": 1000, "damaged_count": 0, "changed": False, "vault": "ready",
    "has_pin": True, "pin_length": 6, "pin_iterations": 3000, "pin_attempts_left": 10,
    "strong_key": True, "lock_after_s": 300, "unix_time": int(START), "clock": "ok",
    "clock_chip": "DS3231", "clock_set_at": int(START) - 9000, "drift_ppb": 1200,
    "drift_uncertainty_ppb": 300, "drift_measured": True, "drift_correction_ppb": 100,
    "codes_valid_until": int(START) + 10**7, "battery": {"millivolts": 3900, "percent": 70},
    "fault": None, "fault_count": 0,
}  # fmt: skip
LOG = base64.b64encode(struct.pack(">IiHhB", int(START) - 946684800, 25, 30, 0, 1)).decode()
# The form of a backup of no accounts; nobody has the code of it.
BACKUP = b"OTPB\1\0" + bytes(2) + b"\x6a" * 4 + SERIAL.encode().ljust(16, b"\0") + b"\x5a" * 48
BACKUP += b"\0\x40" + b"\x5a" * 64 + b"\xa5" * 32
HONEST: dict[str, dict[str, Any]] = {
    "hello": {
        "protocol": 1, "firmware": "0.0.1", "board": "esp32", "serial": SERIAL,
        "capabilities": ["find", "chip_key", "favourites"],
        "development": True, "boot_button": True, "fault": None,
    },
    "status": STATUS,
    "accounts.list": {"accounts": [ENTRY], "total": 1},
    "accounts.find": {"rows": [[1, ENTRY["issuer"], ENTRY["name"], CHECK]], "total": 1},
    "accounts.batch": {"batch_id": "AAAAAAAA"},
    "accounts.add": {"account_id": 1, "key_check_value": CHECK},
    "accounts.replace": {"account_id": 1, "key_check_value": CHECK},
    "accounts.rename": ENTRY, "accounts.move": {}, "accounts.remove": {},
    "accounts.favourite": {},
    "accounts.code": {"code": "123456", "seconds_left": 20},
    "vault.set_pin": {"pin_length": 6}, "vault.clear_pin": {"pin_length": 0},
    "vault.lock": {}, "vault.lock_after": {}, "wipe": {}, "cancel": {},
    "backup.make": {"transfer_id": "BBBBBBBB", "account_count": 0},
    "transfer.read": {"data": base64.b64encode(BACKUP).decode(), "more": False},
    "backup.open": {"transfer_id": "BBBBBBBB"}, "transfer.write": {}, "transfer.cancel": {},
    "transfer.finish": {"added": 0, "replaced": 0, "skipped": 0, "kept": 0, "damaged": 0},
    "backup.compare": {"last": True}, "backup.forbid": {},
    "backup.state": {
        "allowed": True, "has_code": True, "made_at": int(START), "account_count": 1,
        "changed_count": 1, "drilled_at": 0,
    },
    "chip.key": {"state": "usable", "block": 0, "bound": False},
    "chip.bind": {"pin_chain": 150_000}, "chip.unbind": {},
    "chip.examine": {
        "states_readable": False, "finish_one": True, "finish_two": True,
        "without_clock": "zeros", "in_reset": "zeros", "per_second": 180_000,
    },
    "clock.read": {"unix_time": int(START)},
    "clock.set": {"unix_time": int(START), "offset_us": 1000},
    "clock.log": {"log": LOG},
    "clock.probe": {"received": 0, "sent": 0, "run_id": "0a", "bits": 30},
    "clock.edge": {"unix_time": int(START), "ticks": 0, "uncertainty_us": 10, "run_id": "0a"},
    "examine.board": {
        "chip": "esp32", "machine": "Generic ESP32 module with ESP32",
        "bus": {"frequency": 400_000, "addresses": [60, 104], "stuck": False},
        "panel": {"driver": "ssd1306", "address": 60, "width": 128, "height": 64},
        "clock": {"named": None, "used": "DS3231", "found": "DS3231", "stopped": False},
        "buttons": 2, "held": [], "usb_power": None, "battery": False, "random": True,
    },
    "examine.flash": {"sectors": 126, "free": 120, "unclean": 0, "damaged": 0, "begun": 900},
    "examine.memory": {
        "free": 60_000, "used": 90_000, "block": 4096, "idf_free": 70_000, "idf_block": 55_000,
        "word": 4,
    },
    "examine.panel": {},
    "examine.button": {"pressed": 0},
    "clone.offer": {"exchange_id": "AAAAAAAA", "account_count": 0, "commitment": "A" * 43 + "="},
    "clone.accept": {"exchange_id": "BBBBBBBB", "public_key": "B" * 43 + "="},
    "clone.meet": {"public_key": "C" * 43 + "="}, "clone.compare": {},
    "clone.give": {"transfer_id": "CCCCCCCC", "account_count": 0},
    "clone.take": {"transfer_id": "DDDDDDDD"},
}  # fmt: skip


class Raw(str):
    """JSON, or none, with "ID" where the request's id belongs."""


# A message, to which the id is added; one as text; or bytes for the wire.
Say = dict[str, Any] | Raw | bytes
Answer = Callable[["HostileToken", str, dict[str, Any]], Sequence[Say]]


def honest(token: "HostileToken", method: str, parameters: dict[str, Any]) -> Sequence[Say]:
    """Answer as a token would that has one account and the computer's time."""
    ticks = int(token.now * 1_000_000)
    second = int(token.time())
    told = {
        "accounts.rename": {"issuer": parameters.get("issuer"), "name": parameters.get("name")},
        "clock.read": {"unix_time": second},
        "clock.probe": {"received": ticks % 2**30, "sent": ticks % 2**30},
        "clock.edge": {"unix_time": second, "ticks": int((second - START) * 1_000_000) % 2**30},
    }
    return [{"result": HONEST[method] | told.get(method, {})}]


class HostileToken:
    """`answer` says what comes back for each request, `silent` whether lines are acknowledged.

    `babble` is what comes by itself whenever somebody reads: then time moves by a
    millisecond only. `methods` are those that were asked, `read` how many bytes were sent.
    """

    name = "hostile"

    def __init__(
        self, answer: Answer = honest, silent: bool = False, babble: Callable[[], bytes] = bytes
    ) -> None:
        self.answer = answer
        self.silent = silent
        self.babble = babble
        self.now = 0.0
        self.sent = 0
        self.reads = 0
        self.methods: list[str] = []
        self._reader = lines.LineReader()
        self._requests = messages.Assembler(lines.REQUEST_PART, lines.REQUEST_END)
        self._number = 0
        self._out = bytearray()

    def write(self, data: bytes) -> None:
        for line in self._reader.feed(data):
            take, whole = self._requests.take(line)
            if take and not self.silent:
                self._out += lines.encode(line.message, line.part, lines.REPLY_ACK)
            if whole is not None:
                self._carry_out(json.loads(whole))

    def _carry_out(self, request: dict[str, Any]) -> None:
        self.methods.append(request["method"])
        for each in self.answer(self, request["method"], request.get("params", {})):
            if isinstance(each, bytes):
                self._out += each
            elif isinstance(each, Raw):
                self._out += self.encoded(each.replace('"ID"', json.dumps(request["request_id"])))
            else:
                self._out += self.encoded({"request_id": request["request_id"]} | each)

    def encoded(self, message: dict[str, Any] | str) -> bytes:
        """Return a message as lines; in JSON with escapes, which may be of no Unicode."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._number = (self._number + 1) & 0xFFFF
        kinds = lines.REPLY_PART, lines.REPLY_END
        return b"".join(messages.cut(self._number, text.encode(), *kinds))

    def read(self, timeout: float) -> bytes:
        self.reads += 1
        self._out += self.babble()
        if not self._out:
            self.now += timeout
            return b""
        self.now += 0.001
        data = bytes(self._out[:4096])
        del self._out[:4096]
        self.sent += len(data)
        return data

    def restarts(self) -> None:
        pass

    def close(self) -> None:
        pass

    def time(self) -> float:
        return START + self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
