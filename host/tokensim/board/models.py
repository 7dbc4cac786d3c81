"""The models of clock chips and panels, by their names in board definitions.

tokenctl.boards.devices has the table of which model stands for which chip; the models
themselves do not depend on it.
"""

from importlib import import_module
from typing import Any

from tokenctl.boards import devices
from tokensim.chips.rtc_base import RtcBase
from tokensim.chips.sh1106 import SH1106
from tokensim.chips.ssd1306 import SSD1306

Panel = SSD1306 | SH1106


def _model(name: str) -> Any:
    """Return a model by its "module:class"."""
    module, _, kind = name.partition(":")
    return getattr(import_module(f"tokensim.chips.{module}"), kind)


RTCS: dict[str, type[RtcBase] | None] = {
    name: _model(chip.model) for name, chip in devices.CLOCK_CHIPS.items()
} | {"none": None}
# As in definitions. The first size of a driver has its name, others also have the height.
PANELS: dict[str, dict[str, Any]] = {
    name if number == 0 else f"{name}-{height}": {
        "driver": name, "address": panel.addresses[0], "width": width, "height": height
    }
    for name, panel in devices.PANELS.items()
    for number, (width, height) in enumerate(panel.sizes)
}  # fmt: skip


def fit(panel: dict[str, Any]) -> Panel | None:
    """Return a new model of a definition's panel, or None if there is no such model."""
    kind = devices.PANELS.get(panel.get("driver", ""))
    if kind is None or panel.get("address") not in kind.addresses:
        return None
    if panel | {"address": kind.addresses[0]} not in PANELS.values():
        return None
    chip = _model(kind.model)(panel["width"], panel["height"])
    chip.ADDRESS = panel["address"]
    return chip
