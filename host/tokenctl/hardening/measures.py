"""The measures of each chip against whoever holds the board, with gain and price.

Sources: the eFuse tables of espefuse (esptool 5.6, efuse_defs/*.yaml) for names and
effects; ESP-IDF, "Security Overview" and "Secure Boot V2", for what the loader does in its
secure mode and for ECO3; the comment on flash encryption in MicroPython's
ports/esp32/boards/sdkconfig.base. hardware/README.md has the same table.
"""

from dataclasses import dataclass, field

from tokenctl.language import marked

SECURE_LOADER = "secure-loader"
CHIP_KEY = "chip-key"
ESP32, S2, S3, C3 = "esp32", "esp32s2", "esp32s3", "esp32c3"


@dataclass(frozen=True)
class Measure:
    """A measure by the name that users type. `efuses` has the eFuse of each chip that has it.

    `oldest` is the chip revision (major * 100 + minor) from which on it works. One that is
    not `burnable` is explained only. Of a key the eFuse is the first block that may hold it.
    `closes_loader`: afterwards tokenctl flash never works.
    """

    name: str
    title: str
    efuses: dict[str, str]
    buys: str
    costs: str
    burnable: bool = True
    closes_loader: bool = False
    oldest: dict[str, int] = field(default_factory=dict)


MEASURES = (
    Measure(
        CHIP_KEY,
        marked("PIN bound to this chip"),
        {S2: "BLOCK_KEY0", S3: "BLOCK_KEY0", C3: "BLOCK_KEY0"},
        marked(
            "more than all others: a copy of the flash opens nowhere else, and trying PINs on "
            "this very chip takes days for 6 digits and a year for 8, where a graphics card takes "
            "seconds and minutes"
        ),
        marked(
            "a chip that fails takes its accounts with it, so keep a backup or recovery codes; "
            "one of six key blocks is used up; this computer sees the key for a moment, and a "
            "hostile one keeps it"
        ),
    ),
    Measure(
        "jtag",
        marked("JTAG pins off"),
        {ESP32: "JTAG_DISABLE", S2: "HARD_DIS_JTAG", S3: "DIS_PAD_JTAG", C3: "DIS_PAD_JTAG"},
        marked("nobody can stop the chip through its JTAG pins and read its memory, keys included"),
        marked("no debugging through JTAG pins ever again"),
    ),
    Measure(
        "usb-jtag",
        marked("JTAG over USB off"),
        {S3: "DIS_USB_JTAG", C3: "DIS_USB_JTAG"},
        marked("nobody can do the same with only a USB cable"),
        marked("no debugging over USB ever again; the token's serial port over USB stays"),
    ),
    Measure(
        SECURE_LOADER,
        marked("loader in secure mode"),
        {
            S2: "ENABLE_SECURITY_DOWNLOAD",
            S3: "ENABLE_SECURITY_DOWNLOAD",
            C3: "ENABLE_SECURITY_DOWNLOAD",
        },
        marked(
            "the loader no longer reads flash, memory or eFuses; it still writes the "
            "flash, so anyone with the cable can still install firmware that reads "
            "everything"
        ),
        marked(
            "no tokenctl flash ever again, because nothing can be verified; as a "
            "last resort, esptool can still write without verifying; no other "
            "measure can be burnt afterwards"
        ),
        closes_loader=True,
    ),
    Measure(
        "loader",
        marked("loader off"),
        {
            ESP32: "UART_DOWNLOAD_DIS",
            S2: "DIS_DOWNLOAD_MODE",
            S3: "DIS_DOWNLOAD_MODE",
            C3: "DIS_DOWNLOAD_MODE",
        },
        marked(
            "the loader, which DTR and RTS or BOOT start, never answers again, so it "
            "cannot read the flash or replace the firmware; a REPL reached by a "
            "stream of Ctrl-C at a start, and a clip on the flash chip, still can"
        ),
        marked(
            "no updates ever again: faulty firmware can never be repaired, and a "
            "token that does not start is lost; no other measure can be burnt "
            "afterwards"
        ),
        closes_loader=True,
        oldest={ESP32: 300},
    ),
    Measure(
        "soft-jtag",
        marked("JTAG off until an HMAC key opens it"),
        {S2: "SOFT_DIS_JTAG", S3: "SOFT_DIS_JTAG", C3: "SOFT_DIS_JTAG"},
        marked("less than jtag, which is permanent"),
        marked(
            "tokenctl never burns it: a token has no such key, so it would only be a weaker jtag"
        ),
        burnable=False,
    ),
    Measure(
        "usb-device",
        marked("USB serial and JTAG device off"),
        {S3: "DIS_USB_SERIAL_JTAG", C3: "DIS_USB_SERIAL_JTAG"},
        marked("nothing beyond usb-jtag"),
        marked(
            "tokenctl never burns it: a board whose only port is the chip's own USB "
            "could no longer be reached"
        ),
        burnable=False,
    ),
    Measure(
        "flash-encryption",
        marked("flash encryption"),
        {
            ESP32: "FLASH_CRYPT_CNT",
            S2: "SPI_BOOT_CRYPT_CNT",
            S3: "SPI_BOOT_CRYPT_CNT",
            C3: "SPI_BOOT_CRYPT_CNT",
        },
        marked("a clip on the flash chip reads nothing, if the firmware supports it"),
        marked(
            "tokenctl never burns it: stock MicroPython does not support it, and the "
            "vault is programmed bit by bit, which encrypted flash does not allow"
        ),
        burnable=False,
    ),
    Measure(
        "secure-boot",
        marked("secure boot"),
        {ESP32: "ABS_DONE_1", S2: "SECURE_BOOT_EN", S3: "SECURE_BOOT_EN", C3: "SECURE_BOOT_EN"},
        marked("only firmware signed by its maker starts"),
        marked(
            "tokenctl never burns it: MicroPython's images are not signed, so the "
            "board would never start again"
        ),
        burnable=False,
    ),
)
BURNABLE = tuple(each.name for each in MEASURES if each.burnable)


def measures_for(chip: str) -> list[Measure]:
    """Return the measures that this chip has, those that close the loader after the others."""
    return [each for each in MEASURES if chip in each.efuses]
