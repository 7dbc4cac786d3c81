"""tokensim: the token's real firmware on a simulated board.

From the bottom up; each room may import those before it:

- refusal: why something cannot be done
- chips: clock chips, panels and the HMAC peripheral at register level, from data sheets
- view: what somebody sees of a panel: picture (as text), photograph (a PNG), ocr (reads the code)
- port: MicroPython. compiled (the firmware's files), unix_port and prototype, with
  prototype_process (starting it), interpreter (a process with the firmware), pipes (to it), shims
  and replacements (what stands in for the board's modules and machine code, run by MicroPython),
  appflash (its files as a partition has them), repl (once a development build has ended), runtime
  (what a board runs)
- board: the hardware. wiring (the board's definition) and definition_folder, models (the chips for
  it), i2c, flash, pins, button_wire, interrupts, wakeup, uart, reset_circuit, timebase, idfheap
  (what MicroPython's heap leaves to ESP-IDF); board, which has them; requests and processor, which
  answer a program; boot_messages
- loader: the loader in the chip's ROM, and what starts from the flash; its `__init__` has the map
- link: the serial port outside of the board. link (a pseudo-terminal, TCP), rfc2217 (TCP, with DTR
  and RTS); in simulated time transport (the computer's end) and adapter (a USB chip between)
- running: the firmware on the board. execution (its interpreter, and the reply that it waits for),
  console (input for it or for the REPL), chip (supply, resets, sleep), simulator (the loop, in
  real and in simulated time), board_thread (in real time), running_board (from its start, for
  which it has patience, to its end), fault_injection
- token: SimulatedToken, for programs and tests: a running_board, and what somebody does with it
- play: a script of what somebody does (script), and who does it (play)
- control: orders (to a token in another process) and control (which carries them out there)
- commands: run, with tui and terminal (--tui); play, fault, client (all others)
- cli: the command `tokensim`
"""
