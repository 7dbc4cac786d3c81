try:
    import micropython

    micropython.kbd_intr(-1)  # first: each script starts with Ctrl-C armed
    import machine

    from tokenfw import app, board

    app.run(board.Board, machine.RTC().memory)
finally:
    import machine

    machine.reset()
