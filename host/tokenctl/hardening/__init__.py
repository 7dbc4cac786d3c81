"""Closing a board for good, by eFuses: what each chip supports, what it buys, what it costs.

measures (the table), chip_key (the key to which a PIN is bound), answers (what is known of it), examination (what a chip with the published test key is asked), efuses (a chip's eFuses, through espefuse), burning (what must be so
before one is burnt, and the burning).
"""
