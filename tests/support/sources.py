"""Python sources as trees, each parsed once in a process.

A tree is everybody's: nobody may change it.
"""

import ast
import functools
from pathlib import Path


@functools.cache
def tree(path: Path) -> ast.Module:
    """Return the module in a file."""
    return ast.parse(path.read_text("utf-8"))
