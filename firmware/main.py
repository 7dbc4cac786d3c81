# In the release the names of modules are numbers of units: see host/tokenctl/release.
try:
    import micropython

    micropython.kbd_intr(-1)  # first: each script starts with Ctrl-C armed
    import time

    import machine

    try:
        machine.freq(240_000_000)  # until the first picture
    except ValueError:
        pass  # some chips are slower
    import units

    units.begin("app.bin", b"identity")
    units.load("tokenfw.app").run(
        lambda: units.once("tokenfw.board").Board(),
        machine.RTC().memory,
        machine.reset_cause() == machine.HARD_RESET,  # by machine.reset(), or by a crash
        machine.reset_cause() == machine.WDT_RESET,
        machine.reset_cause() == machine.DEEPSLEEP_RESET,
    )
except units.Damaged:  # not even the fault screen can be believed
    print("\notptoken: the firmware is damaged; write it again with tokenctl flash")
    time.sleep_ms(3000)
finally:
    import machine

    machine.reset()
