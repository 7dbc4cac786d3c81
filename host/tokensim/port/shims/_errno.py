"""errno in lwIP's numbers, which differ from Linux's above 95."""

import errno

from _strict import module

_LWIP = {
    "EOPNOTSUPP": 95,
    "ECONNRESET": 104,
    "ENOBUFS": 105,
    "ECONNREFUSED": 111,
    "EADDRINUSE": 112,
    "ECONNABORTED": 113,
    "ETIMEDOUT": 116,
    "EHOSTUNREACH": 118,
    "EINPROGRESS": 119,
    "EALREADY": 120,
    "ENOTCONN": 128,
}
_names = [each for each in dir(errno) if each[0] == "E"]
_values = {each: _LWIP.get(each, getattr(errno, each)) for each in _names}
_values["errorcode"] = {number: name for name, number in _values.items()}
MODULE = module(" ".join(_values), _values)
