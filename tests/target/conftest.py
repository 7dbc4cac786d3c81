"""Has `pytest tests/target/test_….py` run the file where it can run: under MicroPython.

The whole suite does so by tests/unit/test_on_micropython.py, with the marks of long files.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.test_on_micropython import test_file as run


class _OnMicroPython(pytest.Item):
    """One file: it passes as a whole."""

    def runtest(self) -> None:
        """Run it; AssertionError with the names of the tests that fail."""
        run(self.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None):
        """Return the failures alone: the host's frames tell nobody anything."""
        if excinfo.errisinstance(AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, a line and the name."""
        return self.path, 0, self.name


class _File(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        """Yield the file's one item."""
        yield _OnMicroPython.from_parent(self, name=self.path.stem)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect test files here."""
    is_test = file_path.name.startswith("test_") and file_path.suffix == ".py"
    return _File.from_parent(parent, path=file_path) if is_test else None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> object:
    """Keep pytest from importing them, which CPython cannot."""
    return _Nothing.from_parent(parent, path=module_path)


class _Nothing(pytest.File):
    def collect(self) -> list[pytest.Item]:
        """Return nothing."""
        return []
