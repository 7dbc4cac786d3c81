"""What went wrong on the way to a server, as the beginning of a sentence."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as faults


def explain(error: BaseException, url: str) -> str:
    """Return why the request to this URL failed, with requests' or urllib3's exception."""
    host = urlsplit(url).hostname or url
    chain = list(_chain(error))

    def is_any(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in chain)

    if is_any(faults.ProxyError, requests.exceptions.ProxyError):
        return f"the proxy on the way to {host} does not let it through (HTTPS_PROXY names it)"
    if is_any(faults.SSLError, requests.exceptions.SSLError):
        return (
            f"{host} cannot prove who it is, so nothing is taken from it (the computer's date may "
            "be wrong, or the network looks into TLS: then name its root in REQUESTS_CA_BUNDLE)"
        )
    if is_any(faults.NameResolutionError):
        return f"the name {host} cannot be found, perhaps because this computer is offline"
    if is_any(faults.NewConnectionError):  # urllib3 takes it for a kind of the next
        return f"{host} cannot be reached"
    if is_any(faults.ConnectTimeoutError, requests.exceptions.ConnectTimeout):
        return f"{host} does not answer"
    if is_any(faults.ReadTimeoutError, requests.exceptions.ReadTimeout):
        return f"{host} sends nothing any more"
    if is_any(faults.ProtocolError, requests.exceptions.ConnectionError):
        return f"the connection to {host} broke off"
    return f"the request to {host} failed"


def explain_status(status: int, url: str) -> str:
    """Return what a server means by this status code, which is no success."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if status in (404, 410):
        return f"{host} does not have {parts.path.rpartition('/')[2]} any more (status {status})"
    if status == 429 or status >= 500:
        return f"{host} cannot answer now (status {status})"
    return f"{host} refuses to give it (status {status})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception, and those that it was made of."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
        waiting += [other for other in inner if isinstance(other, BaseException)]
