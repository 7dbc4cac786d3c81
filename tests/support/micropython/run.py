"""Run one test file under MicroPython: `micropython run.py FILE [SEED]`.

With SEED each test begins with `random` seeded with it: then it draws the same in each run.
Prints one line of JSON for each test, {"test", "ok", "why"}, on the real standard
output: "why" is empty for a test that passed, "ok" is null for one that was skipped.
Exits 1 if a test failed, or if the file cannot be imported or has no test.
"""

import io
import json
import random
import sys
import unittest


def main(path, seed=None):
    folder, _, name = path.rpartition("/")
    sys.path.insert(0, folder or ".")
    failed = ran = 0
    try:
        module = __import__(name[:-3])
    except (Exception, SystemExit) as error:
        report(name, False, trace(error))
        return 1
    for group, method, case in collect(module):
        if seed is not None:
            random.seed(int(seed))
        ok, why = run(case, method)
        report(f"{group}.{method}", ok, why)
        ran += ok is not None
        failed += ok is False
    return 1 if failed or not ran else 0


def collect(module):
    """Return (class name, method name, class) of every test, sorted by name."""
    found = []
    for group in dir(module):
        case = getattr(module, group)
        if isinstance(case, type) and issubclass(case, unittest.TestCase):
            for method in dir(case):
                if method.startswith("test"):
                    found.append((group, method, case))
    return sorted(found, key=lambda each: each[:2])


def run(case, method):
    """Run one test in an instance of its own; return (ok, why), ok None if it was skipped."""
    try:
        instance = case()
        instance.setUp()
        try:
            getattr(instance, method)()
        finally:
            instance.tearDown()
    except unittest.SkipTest as error:
        return None, str(error)
    except (Exception, SystemExit) as error:
        return False, trace(error)
    return True, ""


def trace(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


def report(test, ok, why):
    print(json.dumps({"test": test, "ok": ok, "why": why}))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
