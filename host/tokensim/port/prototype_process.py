"""Loads MicroPython and the stand-ins in this process, then forks a copy of it for each start.

    prototype_process.py FOLDER CHANNEL LIMITED ARGUMENT ...

FOLDER has the port's Python module, CHANNEL is the descriptor of a socket to the simulator, LIMITED
that of an empty file; the arguments are MicroPython's. It has no fork. So once it has loaded
everything it writes to LIMITED (see shims/_boot.py), for which this process has no room
(RLIMIT_FSIZE): that raises SIGXFSZ in the midst of the write, whose handler is serve(). It does
not return here, and returns in each copy, where MicroPython goes on, with descriptors and an
environment of its own. Imports little, since each worker of the tests starts one.
"""

import _socket
import marshal
import os
import resource
import signal
import sys
from array import array

LONGEST = 65536  # bytes of a request
STREAMS = 3  # descriptors of a copy that come first: standard input, output and error
_ENDS = 5  # descriptors that come with a start


def serve() -> None:
    """Answer requests until the simulator is gone: (environment, folder, processors), or a pid.

    The first starts a copy, in which this returns; the answer is its pid. The second waits for a
    copy's end; the answer is its exit status, as of os.waitpid().
    """
    while True:
        data, ends = _receive()
        if not data:
            os._exit(0)
        wish = marshal.loads(data)  # noqa: S302 (from the process that started this one)
        if isinstance(wish, int):
            _channel.send(marshal.dumps(os.waitpid(wish, 0)[1]))
            continue
        pid = os.fork()
        if not pid:
            _become(ends, *wish)
            return
        for end in ends:
            os.close(end)
        _channel.send(marshal.dumps(pid))


def _receive() -> tuple[bytes, list[int]]:
    """Return a request, and the descriptors that came with it."""
    ends = array("i")
    room = _socket.CMSG_SPACE(_ENDS * ends.itemsize)
    data, ancillary, _, _ = _channel.recvmsg(LONGEST, room)
    for _, _, part in ancillary:
        ends.frombytes(part)
    return data, ends.tolist()


def _become(
    ends: list[int], environment: dict[str, str], folder: str, processors: list[int]
) -> None:
    """Make this process, a copy, that of a start: streams, environment, folder, processors.

    The last two descriptors are those of requests and replies.
    """
    os.setpgid(0, 0)  # a Ctrl-C at the terminal is the simulator's
    resource.setrlimit(resource.RLIMIT_FSIZE, _usual)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python has it
    _channel.close()
    for number, end in enumerate(ends[:STREAMS]):
        os.dup2(end, number)
        os.close(end)
    os.environ.update(environment)
    os.environ["TOKENSIM_REQUESTS"], os.environ["TOKENSIM_REPLIES"] = map(str, ends[STREAMS:])
    os.chdir(folder)
    if processors:
        os.sched_setaffinity(0, processors)


def _handle(_: int) -> None:
    try:
        serve()
    except BaseException as error:  # it would be printed, and MicroPython would go on
        sys.excepthook(type(error), error, error.__traceback__)
        os._exit(1)


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    import ctypes

    from micropython_run import run_main

    _channel = _socket.socket(fileno=int(sys.argv[2]))
    os.environ["TOKENSIM_LIMITED"] = sys.argv[3]
    _handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(_handle)
    _usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    ctypes.CDLL(None).signal(signal.SIGXFSZ, _handler)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, _usual[1]))
    _code = run_main(["micropython", *sys.argv[4:]])
    os._exit(_code)  # of a copy: nothing of this process is to be tidied up there
