# In the release the names of modules are numbers of units: see host/tokenctl/release.
try:
    import micropython

    micropython.kbd_intr(-1)  # first: each script starts with Ctrl-C armed
    import sys

    sys.path[:] = [".frozen"]  # to look for built-in modules among files takes milliseconds each
    import time
    from binascii import crc32

    import machine

    def check(path, checksum):
        found = 0
        try:
            with open(path, "rb") as file:
                while True:
                    data = file.read(512)
                    if not data:
                        break
                    found = crc32(data, found)
        except OSError:
            pass
        if found != checksum:
            raise ImportError

    def give_up():  # tells a computer for five minutes, then sleeps until a reset
        feed = machine.WDT(timeout=8000).feed
        for _ in range(100):
            print("\notptoken: the firmware is damaged; write it again with tokenctl flash")
            feed()
            time.sleep_ms(3000)
        machine.deepsleep()

    try:
        machine.freq(240_000_000)  # until the first picture
    except ValueError:
        pass  # some chips are slower
    try:
        check("units.mpy", b"units.mpy")
        sys.path.append("")
        import units

        units.begin("app.bin", b"identity")
        units.load("tokenfw.system.app").run(
            lambda: units.once("tokenfw.board").Board(),
            machine.RTC().memory,
            machine.reset_cause() == machine.HARD_RESET,  # by machine.reset(), or by a crash
            machine.reset_cause() == machine.WDT_RESET,
            machine.reset_cause() == machine.DEEPSLEEP_RESET,
            give_up,
        )
    except (ImportError, ValueError):  # units.Damaged; or this MicroPython cannot load the .mpy
        try:
            check("rescue.mpy", b"rescue.mpy")
            sys.path.insert(0, "")
            import rescue  # pyright: ignore[reportMissingImports]

            rescue.run()
        except Exception:  # not even that works
            give_up()
finally:
    import machine

    machine.reset()
