"""What went wrong on the way to a server, as the beginning of a sentence."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as faults

from tokenctl.language import _


def explain(error: BaseException, url: str) -> str:
    """Return why the request to this URL failed, with requests' or urllib3's exception."""
    host = urlsplit(url).hostname or url
    chain = list(_chain(error))

    def is_any(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in chain)

    if is_any(faults.ProxyError, requests.exceptions.ProxyError):
        return _("the proxy refuses the connection to {host} (HTTPS_PROXY names the proxy)").format(
            host=host
        )
    if is_any(faults.SSLError, requests.exceptions.SSLError):
        return _(
            "the identity of {host} could not be verified, so nothing was downloaded "
            "(the computer's date may be wrong, or the network inspects TLS: then "
            "name its root certificate in REQUESTS_CA_BUNDLE)"
        ).format(host=host)
    if is_any(faults.NameResolutionError):
        return _("the name {host} cannot be resolved; perhaps this computer is offline").format(
            host=host
        )
    if is_any(faults.NewConnectionError):  # urllib3 takes it for a kind of the next
        return _("{host} cannot be reached").format(host=host)
    if is_any(faults.ConnectTimeoutError, requests.exceptions.ConnectTimeout):
        return _("{host} does not answer").format(host=host)
    if is_any(faults.ReadTimeoutError, requests.exceptions.ReadTimeout):
        return _("{host} has stopped sending").format(host=host)
    if is_any(faults.ProtocolError, requests.exceptions.ConnectionError):
        return _("the connection to {host} was lost").format(host=host)
    return _("the request to {host} failed").format(host=host)


def explain_status(status: int, url: str) -> str:
    """Return what this status code, which is not a success, means."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if status in (404, 410):
        return _("{host} no longer has {file} (status {status})").format(
            file=parts.path.rpartition("/")[2], host=host, status=status
        )
    if status == 429 or status >= 500:
        return _("{host} cannot answer at the moment (status {status})").format(
            host=host, status=status
        )
    return _("{host} refused the download (status {status})").format(host=host, status=status)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception, and those that caused it."""
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
