# main.py of a development build, in main.py's place there: nothing is caught and no reset
# ends it, so that Ctrl-C and a fault, with its traceback, lead to the REPL.
import gc

gc.threshold(8192)
from tokenfw import board  # noqa: E402
from tokenfw.system import app  # noqa: E402
from tokenfw.ui import notice  # noqa: E402


class Board(board.Board):
    """The board without its watchdog and its sleep: either would end the REPL."""

    def watchdog(self):
        return lambda: None

    def sleep(self):
        return None


app.develop(Board, notice.Notice)
