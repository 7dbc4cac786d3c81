"""X25519: the vectors of RFC 7748, sections 5.2 and 6.1, and the points that give no secret."""

import unittest
from binascii import hexlify, unhexlify

from otpcore import x25519

VECTORS = (  # scalar, point, product
    (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ),
    (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ),
)
ONCE = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
ALICE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
ALICE_PUBLIC = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
BOB = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
P = (1 << 255) - 19
SMALL_ORDER = (0, 1, P - 1, P, P + 1)  # and two more, of order 8, which the oracle's test has


def multiply(scalar, point):
    """Return the product of what is given in hex, in hex."""
    products = list(x25519.multiply(unhexlify(scalar), unhexlify(point)))
    return hexlify(products[-1]).decode()


class X25519Test(unittest.TestCase):
    def test_the_vectors(self):
        for scalar, point, product in VECTORS:
            self.assertEqual(multiply(scalar, point), product)

    def test_the_product_of_the_base_point(self):
        base = hexlify(x25519.BASE).decode()
        self.assertEqual(multiply(base, base), ONCE)

    def test_both_sides_agree(self):
        base = hexlify(x25519.BASE).decode()
        self.assertEqual(multiply(ALICE, base), ALICE_PUBLIC)
        self.assertEqual(multiply(BOB, base), BOB_PUBLIC)
        self.assertEqual(multiply(ALICE, BOB_PUBLIC), SHARED)
        self.assertEqual(multiply(BOB, ALICE_PUBLIC), SHARED)

    def test_a_point_of_small_order_gives_zeros(self):
        for point in SMALL_ORDER:
            point = hexlify(point.to_bytes(32, "little")).decode()
            self.assertEqual(multiply(ALICE, point), "00" * 32)

    def test_the_point_s_highest_bit_does_not_count(self):
        marked = bytearray(unhexlify(BOB_PUBLIC))
        marked[31] |= 0x80
        self.assertEqual(multiply(ALICE, hexlify(marked).decode()), SHARED)

    def test_it_goes_by_many_small_steps(self):
        products = list(x25519.multiply(unhexlify(ALICE), x25519.BASE))
        self.assertEqual(set(products[:-1]), {None})
        self.assertTrue(len(products) > 500)


if __name__ == "__main__":
    unittest.main()
