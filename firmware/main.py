try:
    import micropython

    micropython.kbd_intr(-1)  # first: each script starts with Ctrl-C armed
    import gc

    gc.threshold(8192)  # collect early: what lives stays together, and large pieces fit
    import machine

    from tokenfw import app, ondemand

    app.run(
        lambda: ondemand.once("tokenfw.board").Board(),
        machine.RTC().memory,
        machine.reset_cause() == machine.HARD_RESET,  # by machine.reset(), or by a crash
        machine.reset_cause() == machine.WDT_RESET,
        machine.reset_cause() == machine.DEEPSLEEP_RESET,
    )
finally:
    import machine

    machine.reset()
