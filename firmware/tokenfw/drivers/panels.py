"""All panels' drivers at once, for what has to stand alone.

Made by make hardware from tokenctl.boards' devices.json; do not edit.
"""

from tokenfw.drivers.sh1106 import SH1106
from tokenfw.drivers.ssd1306 import SSD1306

PANELS = {
    "ssd1306": SSD1306,
    "sh1106": SH1106,
}
