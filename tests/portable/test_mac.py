"""HMAC: every vector of RFC 2202 (SHA-1) and RFC 4231 (SHA-256 and SHA-512)."""

import binascii
import unittest

from otpcore import mac

HASH_KEY_FIRST = b"Test Using Larger Than Block-Size Key - Hash Key First"
COUNTED = bytes([i + 1 for i in range(25)])

# RFC 2202, section 3: key, data, digest.
SHA1 = (
    (b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    (COUNTED, b"\xcd" * 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
    (b"\x0c" * 20, b"Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
    (b"\xaa" * 80, HASH_KEY_FIRST, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
        "e8e99d0f45237d786d6bbaa7965c7808bbff1a91",
    ),
)

# RFC 4231, section 4: key, data, SHA-256, SHA-512. Case 5 gives 128 bits only.
SHA2 = (
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
        "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
    ),
    (
        COUNTED,
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
        "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
    ),
    (
        b"\x0c" * 20,
        b"Test With Truncation",
        "a3b6167473100ee06e0c796c2955552b",
        "415fad6271580a531d4179bc891d87a6",
    ),
    (
        b"\xaa" * 131,
        HASH_KEY_FIRST,
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size "
        b"data. The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
        "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
    ),
)


class HmacTest(unittest.TestCase):
    def check(self, algorithm, key, data, expected):
        digest = binascii.hexlify(mac.hmac(algorithm, key, data)).decode()
        self.assertEqual(digest[: len(expected)], expected)

    def test_rfc_2202(self):
        for key, data, expected in SHA1:
            self.check("SHA1", key, data, expected)

    def test_rfc_4231_sha256(self):
        for key, data, expected, _ in SHA2:
            self.check("SHA256", key, data, expected)

    def test_rfc_4231_sha512(self):
        for key, data, _, expected in SHA2:
            self.check("SHA512", key, data, expected)

    def test_lengths_of_the_digests(self):
        for algorithm, length in (("SHA1", 20), ("SHA256", 32), ("SHA512", 64)):
            self.assertEqual(len(mac.hmac(algorithm, b"key", b"")), length)

    def test_a_key_of_a_block_is_not_hashed(self):
        """At the block size a key is used as it is, one past it as its hash (RFC 2104, 2)."""
        for algorithm, block in (("SHA1", 64), ("SHA256", 64), ("SHA512", 128)):
            new = mac.HASHES[algorithm][0]
            exact, longer = b"k" * block, b"k" * (block + 1)
            tag = mac.hmac(algorithm, exact, b"x")
            self.assertNotEqual(tag, mac.hmac(algorithm, new(exact).digest(), b"x"))
            tag = mac.hmac(algorithm, longer, b"x")
            self.assertEqual(tag, mac.hmac(algorithm, new(longer).digest(), b"x"))

    def test_a_short_key_is_padded_with_zeros(self):
        for algorithm, block in (("SHA1", 64), ("SHA256", 64), ("SHA512", 128)):
            for key in (b"", b"\x00", b"\x00key", b"key"):
                padded = key + bytes(block - len(key))
                tag = mac.hmac(algorithm, key, b"x")
                self.assertEqual(tag, mac.hmac(algorithm, padded, b"x"))

    def test_unknown_algorithm(self):
        with self.assertRaises(KeyError):
            mac.hmac("MD5", b"key", b"")
