"""Board definitions: what a token is built of, as data, and the rules for its pins.

definition reads one and derives what a board gets; chips knows the pins of each chip;
rules says what is wrong with a wiring before anything is written or soldered.
"""
