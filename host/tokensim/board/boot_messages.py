"""What the chip itself writes to its serial port: its ROM at a start, ESP-IDF before a reset."""

from tokensim.board.processor import DEEP_SLEEP, HARD_RESET, POWER_ON, WATCHDOG

_BOOT_LOG = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x%x (%s),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"configsip: 0, SPIWP:0xee\r\nload:0x3fff0030,len:4892\r\nentry 0x400805ac\r\n"
)
# Where there is nothing to start, and with BOOT held.
NOTHING = b"invalid header: 0xffffffff\r\n"
DOWNLOAD = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x3 "
    b"(DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n"
)
NO_DOWNLOAD = b"Download mode disabled\r\n"
_CAUSES = {
    POWER_ON: (1, b"POWERON_RESET"),
    HARD_RESET: (12, b"SW_CPU_RESET"),
    WATCHDOG: (12, b"SW_CPU_RESET"),
    DEEP_SLEEP: (5, b"DEEPSLEEP_RESET"),
}
# What ESP-IDF writes before it resets the chip after a crash, or when the watchdog expires.
_BACKTRACE = (
    b"\r\n\r\nBacktrace: 0x400d2f0c:0x3ffcd150 0x400d9a41:0x3ffcd180\r\n\r\nRebooting...\r\n"
)
CRASH = (
    b"\r\nGuru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.\r\n"
) + _BACKTRACE
BITE = (
    b"\r\nE (0) task_wdt: Task watchdog got triggered. The following tasks/users did not reset"
    b" the watchdog in time:\r\nE (0) task_wdt:  - mp_task (CPU 1)\r\n"
    b"E (0) task_wdt: Aborting.\r\n"
) + _BACKTRACE


def boot_log(cause: int) -> bytes:
    """Return what the ROM writes at a start, by its cause (see processor.py)."""
    return _BOOT_LOG % _CAUSES[cause]
