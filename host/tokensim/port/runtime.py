"""What a simulated board runs: the firmware, and the interpreter that runs it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from tokenctl.payload import firmware_folder
from tokenctl.release.sources import MAIN
from tokensim.port.interpreter import HEAP, Interpreter
from tokensim.port.repl import Repl


@dataclass(frozen=True)
class Runtime:
    """The folder `firmware`, of which the file `main` runs, in a heap of the size `heap` ("310K").

    With a `main` other than main.py, as in a development build, Ctrl-C stays enabled.
    `interpreter` makes the Interpreter at each start; if that counts accesses to files, they are
    in board.app. `repl` answers at the port, in real time, once the firmware has ended; with one
    the firmware is files, not what is in the flash, and the chip has no loader.

    `usual_interpreter` is that of every Runtime which names none.
    """

    usual_interpreter: ClassVar[Callable[..., Interpreter]] = Interpreter

    firmware: Path = field(default_factory=firmware_folder)
    main: str = MAIN
    heap: str = HEAP
    interpreter: Callable[..., Interpreter] = field(
        default_factory=lambda: Runtime.usual_interpreter
    )
    repl: Repl | None = None

    def start(self, files: Path | None) -> Interpreter:
        """Start the firmware; the files in the folder `files` replace its own."""
        return self.interpreter(self.firmware, self.main, files, self.heap)
