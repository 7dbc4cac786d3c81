"""A finding: the name of a check, how it ended, in which words, and what to do about it."""

from dataclasses import dataclass, field
from typing import Any

from tokenctl.language import _

OK, WARN, FAIL, SKIPPED = "ok", "warn", "fail", "skipped"


def titles() -> dict[str, str]:
    """Return every check by its name, which is part of the JSON and stays, with its title."""
    return {
        "token": _("Token"),
        "firmware": _("Firmware"),
        "bus": _("I2C bus"),
        "clock_chip": _("Clock chip"),
        "clock_time": _("Clock"),
        "clock_offset": _("Clock offset"),
        "clock_drift": _("Clock drift"),
        "clock_cell": _("Coin cell"),
        "panel": _("Panel"),
        "panel_picture": _("Picture"),
        "buttons": _("Buttons"),
        "button_presses": _("Presses"),
        "vault": _("Vault"),
        "flash": _("Flash"),
        "flash_wear": _("Flash wear"),
        "randomness": _("Randomness"),
        "memory": _("Memory"),
        "link": _("Link"),
        "supply": _("Supply"),
        "pin": _("PIN"),
        "computer_clock": _("Computer"),
        "ports": _("Serial ports"),
        "permissions": _("Permissions"),
        "modem_manager": _("ModemManager"),
        "usb_driver": _("USB driver"),
    }


@dataclass(frozen=True)
class Finding:
    """`check` is one of titles(), `state` OK, WARN, FAIL or SKIPPED; `values` are JSON types.

    `text` says what was found, `advice` what to do about it: a clause each.
    """

    check: str
    state: str
    text: str
    advice: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return it as a dict of JSON types."""
        return {
            "check": self.check,
            "state": self.state,
            "text": self.text,
            "advice": self.advice,
            "values": self.values,
        }
