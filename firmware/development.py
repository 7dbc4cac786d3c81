# main.py of a development build: it runs the same units as a release, but catches nothing and does
# not reset, so that Ctrl-C and faults, with their traceback, lead to the REPL.
import sys

import units


def make_board():  # without its watchdog and its sleep: either would end the REPL
    class Board(units.once("tokenfw.board").Board):
        def watchdog(self):
            return lambda: None

        def sleep(self):
            return None

    return Board()


def make_notice(stack, codes):
    return units.once("tokenfw.ui.notice").Notice(stack, codes)


try:
    units.begin("app.bin", b"identity")
    units.load("tokenfw.system.app").develop(make_board, make_notice)
finally:
    sys.path.extend(["", "/lib"])  # for the REPL: units took them away
