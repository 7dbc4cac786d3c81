"""Drivers: a file for each chip, or for two with the same registers; the bus is an argument.

A driver sends nothing when it is made. Its methods raise OSError if the chip does not answer.
tests/unit/test_devices.py holds each to the following.

A clock chip's driver is a class, made with the bus `i2c` (as machine.I2C), `about`, and the
`frequency` (Hz) of the bus. `about` is the chip's row in board.py: its name, address, fastest bus
(Hz), accuracy and aging step. The driver has

- NAME: the name, as `tokenctl status` shows it;
- ACCURACY: by how much the clock may be fast or slow, in parts per billion;
- AGING_STEP: by how much a step of the aging offset slows it, in parts per billion; 0 if there is
  no such offset;
- START_US: when start() is to be called, in microseconds after the second begins that is set;
  negative: before;
- found(i2c, address), static: whether the chip that answers there is this one, and no other that
  may have the address; it must not write;
- read(): (year, month, day, hour, minute, second, lost), all of the same instant. `lost` says that
  the clock had stopped, so that the time is wrong. ValueError if the registers hold no date;
- prepare(year, month, day, hour, minute, second): takes the time that start() will set, and does
  what takes longer. ValueError outside 2000 to 2099, and for a date that does not exist. A power
  cut between the two leaves the old time, or one that is lost, or that no token was ever set to;
- start(): begins the second that was prepared; from then on the time is not lost;
- aging() and set_aging(steps), if there is an AGING_STEP: the offset, -128 to 127 steps.

A panel's driver is a subclass of panel.Panel, made with `i2c`, `address`, `width` and `height`
(pixels). It has ON and OFF, the commands that switch the panel and its supply, and start(), which
sets the panel up, dark.
"""
