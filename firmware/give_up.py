# The last resort, if the files of the firmware are damaged, or not even the fault screen runs: for
# five minutes the token tells a computer that listens; then main.py lets it sleep, until a press of
# the button if the chip supports that. `reason` describes what failed, first the exception's name.
# The build appends this to main.py, as comments: so it is intact if main.py is, takes no memory
# until it runs, and needs no other file.
# pyright: reportUndefinedVariable=false
import time

import machine

feed = machine.WDT(timeout=8000).feed  # it may run already
text = "the firmware is damaged; write it again with tokenctl flash"
if reason[:11] == "MemoryError":  # noqa: F821
    text = "too little memory for the firmware; flash one that fits with tokenctl flash"
for _ in range(100):
    print("\notptoken:", text)
    feed()
    time.sleep_ms(3000)
try:  # see tokenfw/waking.py
    import json

    import esp32

    with open("board.json") as file:
        board = json.load(file)
    number, chip = board["button"]["pin"], board["chip"]
    mode, pull = machine.Pin.IN, machine.Pin.PULL_UP
    if chip != "esp32c3":
        pin = machine.Pin(number, mode, pull)
        esp32.wake_on_ext0(pin, esp32.WAKEUP_ALL_LOW)
        if chip != "esp32":  # they lose the pull-up, unless the pad is held
            machine.Pin(number, mode, pull, hold=True)  # pyright: ignore[reportCallIssue]
    elif number < 6:
        esp32.wake_on_gpio((machine.Pin(number, mode, pull),), esp32.WAKEUP_ALL_LOW)
except Exception:  # noqa: S110 (only a reset ends the sleep then)
    pass
