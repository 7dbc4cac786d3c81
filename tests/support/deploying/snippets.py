# Runs the snippets of a raw REPL on the MicroPython unix port, in one scope until a soft
# reset. The input is a snippet's length (8 digits) and its text; the output is that of the
# snippet, 0x04, the traceback if any, and 0x04.
import sys

scope = {"__name__": "__main__"}
while True:
    head = sys.stdin.buffer.read(8)
    if len(head) < 8:
        break
    code = sys.stdin.buffer.read(int(head))
    fault = None
    try:
        exec(str(code, "utf-8"), scope)  # noqa: S102
    except BaseException as raised:
        fault = raised
    sys.stdout.write("\x04")
    if fault is not None:
        sys.print_exception(fault, sys.stdout)
    sys.stdout.write("\x04")
