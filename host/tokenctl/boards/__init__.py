"""Board definitions: what a token is built of, as data, and the rules for its wiring.

definition reads one and derives what a board gets; chips knows the pins of each chip, devices the
panels and clock chips; rules (pin_rules, part_rules) says what is wrong with a wiring before
anything is written or soldered, deep_sleep what wakes it.
"""
