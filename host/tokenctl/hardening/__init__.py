"""Closing a board for good, by eFuses: what each chip supports, what it buys, what it costs.

measures (the table), efuses (a chip's eFuses, through espefuse), burning (what must be so
before one is burnt, and the burning). Of the key to which a PIN is bound: chip_key, key_answers
(what is known of it afterwards), examination (what a chip with a published one is asked).
"""
