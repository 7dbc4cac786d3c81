"""The port's input: to the firmware while it runs, to the REPL once it has ended."""

from tokensim.board.processor import Processor
from tokensim.port.repl import Repl
from tokensim.running.execution import Execution

_CTRL_D = b"\4"
_PROMPT = b"\r\n(on a board, this is the REPL; here Ctrl-D starts the firmware again)\r\n>>> "


class Console:
    """Where input goes. `in_repl` is True once the firmware has ended without a reset.

    Then `repl` answers; None: nothing but Ctrl-D has an effect.
    """

    def __init__(self, execution: Execution, processor: Processor, repl: Repl | None) -> None:
        self._execution = execution
        self._processor = processor
        self._repl = repl
        self._held = b""  # input after a Ctrl-C that has not ended the firmware yet
        self.in_repl = False

    @property
    def busy(self) -> bool:
        """Whether a program runs in the REPL, whose output has to be polled."""
        return self._repl is not None and self.in_repl and self._repl.busy

    def start(self) -> None:
        """Begin anew: the chip starts."""
        self._held = b""
        self.in_repl = False

    def stop(self) -> None:
        """Leave the REPL, and kill its program."""
        self.in_repl = False
        if self._repl is not None:
            self._repl.end()

    def enter_repl(self) -> bytes:
        """Begin the REPL: the firmware has ended, and was stopped; return what it writes first."""
        self.in_repl = True
        if self._repl is None:
            return _PROMPT
        self._repl.begin()
        return b""

    def take(self, incoming: bytes) -> tuple[bytes, bool]:
        """Take what has arrived, if anything; call it often, as a program in the REPL may write.

        Return what the board writes, and whether the firmware is to restart.
        """
        if self._repl is not None and (self.in_repl or self._held):
            return self._talk(self._repl, incoming)
        if self.in_repl:
            echo = b"\r\n>>> ".join(incoming.split(b"\r"))  # nothing is carried out
            return (b"", True) if _CTRL_D in incoming else (echo, False)
        if incoming and self._execution.interpreter is not None:
            ctrl_c = self._processor.ctrl_c
            if ctrl_c and ctrl_c in incoming:
                self._execution.interrupt()
                incoming = incoming.replace(ctrl_c, b"")
                if self._repl is not None:
                    self._held += incoming + ctrl_c
                    return b"", False
            self._execution.interpreter.pipes.feed(incoming)
        return b"", False

    def _talk(self, repl: Repl, incoming: bytes) -> tuple[bytes, bool]:
        """Pass input to the REPL, starting with what followed the Ctrl-C that led to it."""
        self._held += incoming
        if not self.in_repl:
            return b"", False
        held, self._held = self._held, b""
        again = repl.take(held)
        said, later = repl.output()
        return said, again or later
