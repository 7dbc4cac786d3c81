"""Lets no time pass where the firmware waits for others to free memory: they get their turn."""

import asyncio

_sleep_ms = asyncio.sleep_ms


def sleep_ms(_):
    """Let all other tasks run once."""
    return _sleep_ms(0)


asyncio.sleep_ms = sleep_ms
