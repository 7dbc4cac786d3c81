"""Closing a board for good, by eFuses: what each chip supports, what it buys, what it costs.

measures (the table), efuses (a chip's eFuses, through espefuse), burning (what must be so
before one is burnt, and the burning).
"""
