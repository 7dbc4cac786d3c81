# In the release the names of modules are numbers of units: see host/tokenctl/release.
try:
    import micropython

    micropython.kbd_intr(-1)  # first: each script starts with Ctrl-C armed
    import sys

    sys.path[:] = [".frozen"]  # to look for built-in modules among files takes milliseconds each
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

    def give_up(reason):  # give_up.py lies behind all this, as comments: a statement at a time
        names, part = {"reason": reason}, ""
        try:
            with open("main.py") as file:
                for line in file:
                    if line[:2] == "#|":
                        part += line[2:]
                        if line == "#|\n":  # behind each statement
                            exec(part, names)  # noqa: S102
                            part = ""
        finally:
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
    except (ImportError, ValueError, MemoryError) as fault:
        # units.Damaged; this MicroPython cannot load the .mpy; or there is too little memory
        try:
            check("rescue.mpy", b"rescue.mpy")
            sys.path.insert(0, "")
            import rescue  # pyright: ignore[reportMissingImports]

            rescue.run(isinstance(fault, MemoryError))
        except Exception:  # not even that works
            give_up(repr(fault))
finally:
    import machine

    machine.reset()
