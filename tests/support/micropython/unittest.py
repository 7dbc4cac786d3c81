"""The part of unittest that the tests in portable/ and target/ use, for MicroPython.

MicroPython's unix wheel has no unittest, and micropython-lib's exits 0 on failure. On
CPython the same tests use the real one.
"""


class SkipTest(Exception):
    """The test does not apply here; the argument says why."""


class TestCase:
    failureException = AssertionError

    def setUp(self):
        pass

    def tearDown(self):
        pass

    def fail(self, msg=None):
        raise AssertionError(msg or "failed")

    def skipTest(self, reason):
        raise SkipTest(reason)

    def assertEqual(self, first, second, msg=None):
        if first != second:
            self._fail(f"{first!r} != {second!r}", msg)

    def assertNotEqual(self, first, second, msg=None):
        if first == second:
            self._fail(f"{first!r} == {second!r}", msg)

    def assertTrue(self, value, msg=None):
        if not value:
            self._fail(f"{value!r} is not true", msg)

    def assertFalse(self, value, msg=None):
        if value:
            self._fail(f"{value!r} is not false", msg)

    def assertIs(self, first, second, msg=None):
        if first is not second:
            self._fail(f"{first!r} is not {second!r}", msg)

    def assertIsNone(self, value, msg=None):
        if value is not None:
            self._fail(f"{value!r} is not None", msg)

    def assertIsNotNone(self, value, msg=None):
        if value is None:
            self._fail("None", msg)

    def assertIsInstance(self, value, kind, msg=None):
        if not isinstance(value, kind):
            self._fail(f"{value!r} is no {kind!r}", msg)

    def assertIn(self, member, container, msg=None):
        if member not in container:
            self._fail(f"{member!r} is not in {container!r}", msg)

    def assertNotIn(self, member, container, msg=None):
        if member in container:
            self._fail(f"{member!r} is in {container!r}", msg)

    def assertLess(self, first, second, msg=None):
        if not first < second:
            self._fail(f"{first!r} >= {second!r}", msg)

    def assertLessEqual(self, first, second, msg=None):
        if not first <= second:
            self._fail(f"{first!r} > {second!r}", msg)

    def assertGreater(self, first, second, msg=None):
        if not first > second:
            self._fail(f"{first!r} <= {second!r}", msg)

    def assertGreaterEqual(self, first, second, msg=None):
        if not first >= second:
            self._fail(f"{first!r} < {second!r}", msg)

    def assertRaises(self, kind, function=None, *arguments, **named):
        """Call `function`; without one return a context manager with the error in `exception`."""
        context = _Raises(kind)
        if function is None:
            return context
        with context:
            function(*arguments, **named)
        return None

    def _fail(self, what, msg):
        raise AssertionError(what if msg is None else f"{what} : {msg}")


class _Raises:
    def __init__(self, kind):
        self._kind = kind
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if kind is None:
            raise AssertionError(f"{self._kind!r} was not raised")
        self.exception = error
        return issubclass(kind, self._kind)


def skip(reason):
    """Decorator: skip the test."""

    def decorate(function):
        def skipped(self):
            raise SkipTest(reason)

        return skipped

    return decorate


def skipIf(condition, reason):
    """Decorator: skip the test if `condition` is true."""
    return skip(reason) if condition else lambda function: function


def skipUnless(condition, reason):
    """Decorator: skip the test unless `condition` is true."""
    return skipIf(not condition, reason)
