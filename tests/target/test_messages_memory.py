"""A request that is nested as deep as a message allows, on a board with little memory left."""

import gc
import unittest

from otpcore.messages import MESSAGE_MAX, dump, load

LEFT = 24000  # bytes: less than so many lists take


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.taken = []
        gc.collect()
        while gc.mem_free() > LEFT:
            self.taken.append(bytearray(1024))

    def tearDown(self):
        self.taken = None
        gc.collect()

    def test_nested_too_deep_is_no_message(self):
        for data in (b"[" * MESSAGE_MAX, b'{"a":' * (MESSAGE_MAX // 5)):
            self.assertEqual(load(data), None)

    def test_a_message_still_fits(self):
        message = {"request_id": "AAAAAAAA", "method": "status"}
        self.assertEqual(load(dump(message)), message)
