"""The clock chips and panels, and their drivers.

Made by make hardware from tokenctl.boards' devices.json; do not edit.
"""

# Module, class, and of a clock chip what it is made with: name, address, fastest bus
# (Hz), accuracy and step of its aging offset (parts per billion).
CLOCK_CHIPS = {
    "ds3231": ("tokenfw.drivers.ds3231", "DS3231", ("DS3231", 0x68, 400000, 2000, 100)),
    "ds3231m": ("tokenfw.drivers.ds3231", "DS3231", ("DS3231M", 0x68, 400000, 5000, 120)),
    "pcf8563": ("tokenfw.drivers.pcf8563", "PCF8563", ("PCF8563", 0x51, 400000, 35000, 0)),
    "ds1307": ("tokenfw.drivers.ds1307", "DS1307", ("DS1307", 0x68, 100000, 35000, 0)),
    "ds1338": ("tokenfw.drivers.ds1307", "DS1307", ("DS1338", 0x68, 400000, 35000, 0)),
}
FOUND = (  # when none is named: the best first
    ("tokenfw.drivers.ds3231", "DS3231", ("DS3231", 0x68, 400000, 5000, 100)),
    ("tokenfw.drivers.pcf8563", "PCF8563", ("PCF8563", 0x51, 400000, 35000, 0)),
    ("tokenfw.drivers.ds1307", "DS1307", ("DS1307", 0x68, 100000, 35000, 0)),
)
PANELS = {
    "ssd1306": ("tokenfw.drivers.ssd1306", "SSD1306"),
    "sh1106": ("tokenfw.drivers.sh1106", "SH1106"),
}
