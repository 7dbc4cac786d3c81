"""SHA-512: the vectors of FIPS 180-4's examples, the edges of its padding, both cores."""

import binascii
import unittest

from otpcore import sha512 as module
from otpcore.sha512 import sha512

# The message of NIST's two-block example: 112 bytes.
LONG = (
    b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
    b"ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
)
NIST = (
    (
        b"",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
    (
        b"abc",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
    (
        LONG,
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
        "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
    ),
)
MILLION = (  # a million times "a"
    "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
    "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
)
# Length of the message 1, 8, 15, ... (7 i + 1 mod 256): its hash, by OpenSSL.
EDGES = {
    1: (
        "7b54b66836c1fbdd13d2441d9e1434dc62ca677fb68f5fe66a464baadecdbd00"
        "576f8d6b5ac3bcc80844b7d50b1cc6603444bbe7cfcf8fc0aa1ee3c636d9e339"
    ),
    110: (
        "4cfab57d85a35a603d74187d57401c973455eb2b981b6cb9f6a24a437c2b4c4b"
        "783671c3fed27f8bbf258416a490d51845353b0810073611a4f6d67f2e765a30"
    ),
    111: (
        "3dfde1184fd99f233f98be4250f4edb9b535157909b668334370742204d97e04"
        "7f1fd6a74bb5ba447f337286f421d9af957811f7ef62a458771457da126cb65e"
    ),
    112: (
        "acc96c509e6d01787330a4c6a241e2cda9dcc2529dbe4288dbbcc3812133233c"
        "4698831127cf6ed0b333632b22715a5ce53a0a1002a684367b71c98aa6d1d900"
    ),
    113: (
        "4ede4e315b6ca9754af594de49c76f096a1ff4f52a1f26644c25fb45bce727e4"
        "28ed971dbdde70738ba0b45eb58c2bc637083626b692e24c0a2396c2b354659c"
    ),
    119: (
        "12f1c8b26f4083a41aefaf4c19ae5fd696d1c03700a3ccf6a087c33331ef7330"
        "cd27a480e6101a2399af3dc3a896f0906266494bc41e35ab537eda0bbc883bee"
    ),
    120: (
        "f651a21be2bab69bd863618a08977a846cdf0a65692b2ac191aa5285dfd8258c"
        "6b0167d5e624ed35d24b10f4f9e06ac2345634ec65d3e0a0e641732a49264357"
    ),
    127: (
        "a315910cb7812a8e66d87c0c49a42d93dbe97bf0240ee995792292c529256d93"
        "f40199a59b3f6266343f302651fea1589e2040a2f3756126d3fe4f421a72079d"
    ),
    128: (
        "31f33a52b36dc2e70c83b604fa999a5cabf33bf70e4556fbed7bff10870c1b7b"
        "241dd3f15d1ade24599f068fc58ab51e0028b0f0c98895c23358e8dee032ce06"
    ),
    129: (
        "748fec3280c9165199f8c260e87eea61cbbe1b23ef1567c220df65b37e3fcced"
        "15fa7f63c9a381fde38ddd4eb2b09b67f77d03c5e0a639b487e8c48343590c97"
    ),
    239: (
        "d5e023834c68aeb6e8eef9619ed5fb6fd8b3df796b49d18dce5f6fae76f3f6ca"
        "e8ddf055611c4031bf5fe6aa68708360f5de1fe69a77055eb55612c5509d5e19"
    ),
    240: (
        "67b19552bd96d84b251b262b7eef6fe73b2fdeabc4a4a0e4de2c8c621ee39572"
        "9b3877c85c2b0fa79e379ca718f1a00d7508d8a5c04967fe240d4608edf05c10"
    ),
    255: (
        "3e09a61576e14ea6d37a82b9463a1731f1de024664c4386d6a645ae40ad8b9be"
        "8d737a166ef08a1ae36f95c0179bcbcf441c45aa0509ce04740fffac9724dc35"
    ),
    256: (
        "736e6ce54295f07fa411029e1b610c4a86659552c394165c7ddc2ba622630f26"
        "f898ec8f47db21051773b1ec17b3f63ff4c5f6cf95ddfd68581daed51ff4242b"
    ),
    257: (
        "7fedbc29ce3eb21ecb0fabbf9bf5c934ed4c6674b7411844f12902e5ad71afe3"
        "cc2260f3018f750325d65371e94db8bb42ba58f1b40010a0e5b3d9262d8635a7"
    ),
}


def message(length):
    return bytes([i * 7 + 1 & 255 for i in range(length)])


def hexadecimal(data):
    return binascii.hexlify(data).decode()


class Vectors:
    """The tests of one core: that of `new`."""

    def test_nist(self):
        for data, expected in NIST:
            self.assertEqual(hexadecimal(self.new(data).digest()), expected)

    def test_edges_of_the_padding(self):
        for length, expected in EDGES.items():
            self.assertEqual(hexadecimal(self.new(message(length)).digest()), expected, length)

    def test_any_cut_gives_the_same(self):
        data = message(257)
        for cut in (0, 1, 111, 127, 128, 129, 255, 256, 257):
            digest = self.new(data[:cut])
            digest.update(data[cut:])
            self.assertEqual(hexadecimal(digest.digest()), EDGES[257], cut)

    def test_byte_by_byte_with_a_digest_in_between(self):
        digest = self.new()
        for length, byte in enumerate(message(257)):
            if length in EDGES:
                self.assertEqual(hexadecimal(digest.digest()), EDGES[length], length)
            digest.update(bytes([byte]))
        self.assertEqual(hexadecimal(digest.digest()), EDGES[257])
        self.assertEqual(hexadecimal(digest.digest()), EDGES[257])

    def test_any_buffer(self):
        for kind in (bytearray, memoryview):
            self.assertEqual(hexadecimal(self.new(kind(message(129))).digest()), EDGES[129])

    def test_two_at_a_time(self):
        one, other = self.new(b"a"), self.new(message(100))
        one.update(b"bc")
        other.update(message(129)[100:])
        self.assertEqual(hexadecimal(one.digest()), NIST[1][1])
        self.assertEqual(hexadecimal(other.digest()), EDGES[129])


class PortableTest(Vectors, unittest.TestCase):
    def new(self, data=b""):
        return sha512(data, module.compress_portable)


class DefaultTest(unittest.TestCase):
    def test_a_million(self):
        digest = sha512()
        piece = b"a" * 1000
        for _ in range(1000):
            digest.update(piece)
        self.assertEqual(hexadecimal(digest.digest()), MILLION)

    def test_viper_is_the_default_where_it_is(self):
        used = []
        before = module.compress_viper

        def core(*arguments):
            used.append(1)
            module.compress_portable(*arguments)

        module.compress_viper = core
        try:
            sha512(b"abc").digest()
        finally:
            module.compress_viper = before
        self.assertEqual(used, [1])
