"""Downloads a URL into a file over HTTPS; a download that broke off resumes.

A later call requests the rest with Range and If-Range (RFC 9110, section 13.1.5), so
that a file that changed on the server is fetched anew. A server without support for
this sends all of it again. Whether the file is the right one is not checked here.

requests brings the roots of TLS with it (certifi; REQUESTS_CA_BUNDLE names others), and
takes the proxies of the environment or the system.
"""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from otpcore.version import VERSION
from tokenctl.errors import BadPayload, DownloadFailed
from tokenctl.flashing.download_faults import explain, explain_status
from tokenctl.flashing.partial_file import PartialFile
from tokenctl.language import _

_PIECE = 64 * 1024  # bytes
_REDIRECTS = 5

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Limits:
    """Seconds until the server must have answered, seconds without a byte, and the most bytes."""

    connect: float = 20.0
    stall: float = 60.0
    size: int = 4 * 1024 * 1024


class _Broken(Exception):
    """The transfer ended early; the message says why, as the beginning of a sentence."""


def download(
    part: PartialFile,
    progress: Progress,
    pinned: bool = False,
    size: int | None = None,
    limits: Limits | None = None,
) -> bool:
    """Fetch what is at the part's URL; return whether an earlier part was resumed.

    `progress` gets the number of bytes received, and the total (None: the server did not say).
    `pinned` says that the caller knows the file's digest: then plain http will do. `size` is
    the file's size, where it is known. Raises DownloadFailed; BadPayload when the file is of
    another size than it should be; OSError when the part cannot be written.
    """
    limits = limits or Limits()
    with _Session() as session:
        try:
            while not part.is_complete:
                have = part.have
                with _ask(session, part.url, _range(part), pinned, limits) as response:
                    if not _is_continued(response, part):
                        part.discard()
                        if response.status_code in (206, 416):
                            continue  # that was not what was asked for: now all of it
                        have = 0
                    _take(response, part, have, size, limits, progress)
                return have > 0
            return True
        except _Broken as broken:
            raise DownloadFailed(f"{broken}; {_advice(part)}") from None


def is_loopback(url: str) -> bool:
    """Return whether the URL points to this computer."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Follow no redirect automatically: each is checked first, and its body is not read."""


@contextmanager
def _ask(
    session: requests.Session, url: str, headers: dict[str, str], pinned: bool, limits: Limits
) -> Iterator[requests.Response]:
    """Request a URL, following redirects that are allowed; raise _Broken."""
    headers = {
        "Accept-Encoding": "identity",  # parts of what is packed would not fit together
        "User-Agent": f"tokenctl/{VERSION}",
    } | headers
    _check(url, url, pinned)
    for _hop in range(_REDIRECTS + 1):
        # A proxy must not resolve this computer's name as its own.
        direct = {"no_proxy": str(urlsplit(url).hostname)} if is_loopback(url) else None
        try:
            response = session.get(
                url,
                headers=headers,
                stream=True,
                timeout=(limits.connect, limits.stall),
                proxies=direct,
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise _Broken(explain(error, url)) from None
        with response:
            if not response.is_redirect:
                yield response
                return
            target = _target(url, response.headers["Location"])
        _check(target, url, pinned)
        url = target
    raise _Broken(_("{hostname} redirects endlessly").format(hostname=urlsplit(url).hostname))


def _target(url: str, location: str) -> str:
    """Return the target of a redirect; '' if it has none."""
    try:
        target = urljoin(url, location)
        return target if urlsplit(target).hostname else ""
    except ValueError:
        return ""


def _check(url: str, origin: str, pinned: bool) -> None:
    """Raise DownloadFailed if nothing would vouch for what comes from this URL."""
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    if scheme == "https" and host:
        return
    if scheme == "http" and host and origin.startswith("http:") and (pinned or is_loopback(url)):
        return
    if url == origin:
        raise DownloadFailed(
            _(
                "nothing is downloaded from {url}: plain http requires a sha256 in the "
                "manifest entry; use https, or give a file with --micropython"
            ).format(url=url)
        )
    raise DownloadFailed(
        _(
            "the server of {origin} redirects to {shown}, which nothing vouches for, "
            "so it was not downloaded; give a file with --micropython"
        ).format(origin=origin, shown=_shown(url))
    )


def _range(part: PartialFile) -> dict[str, str]:
    if part.note is None or not part.have:
        return {}
    return {"Range": f"bytes={part.have}-", "If-Range": part.note.validator}


def _is_continued(response: requests.Response, part: PartialFile) -> bool:
    """Return whether this is the requested rest; raise _Broken if it is an error."""
    if part.note is None or not part.have:
        _check_answer(response, (200,))
        return False
    if response.status_code == 416:
        return False
    _check_answer(response, (200, 206))
    place = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    return (
        response.status_code == 206
        and place[0].partition("-")[0] == str(part.have)
        and (part.note.total is None or place[2] in ("*", str(part.note.total)))
    )


def _check_answer(response: requests.Response, wanted: tuple[int, ...]) -> None:
    """Raise _Broken if the answer's body is not a file."""
    host = urlsplit(response.url).hostname or ""
    if response.status_code not in wanted:
        raise _Broken(explain_status(response.status_code, response.url))
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _Broken(
            _(
                "{host} sent a web page instead of the image (perhaps the network "
                "requires a login first)"
            ).format(host=host)
        )
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Broken(
            _("{host} sent the image compressed, although that was not requested").format(host=host)
        )


def _take(
    response: requests.Response,
    part: PartialFile,
    have: int,
    size: int | None,
    limits: Limits,
    progress: Progress,
) -> None:
    """Append the body to the part, which has `have` bytes; raise _Broken, BadPayload."""
    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else size
    limit = limits.size if size is None else size
    if total is not None and (total > limit or total != (size or total)):
        raise _wrong_size(part, size, limit, str(total))
    if not have:
        part.begin(_validator(response), total)
    with part.path.open("ab") as file:
        for piece in _pieces(response):
            have += len(piece)
            if have > limit:
                break
            file.write(piece)
            progress(have, total)
    if have > limit:
        raise _wrong_size(part, size, limit, _("more"))
    if total is not None and have < total:
        raise _Broken(
            _("the connection to {hostname} was lost").format(hostname=urlsplit(part.url).hostname)
        )


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Return the body as it arrives: each piece at once, so that none is lost when it ends."""
    while True:
        try:
            piece = response.raw.read1(_PIECE, decode_content=False)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _Broken(explain(error, response.url)) from None
        if not piece:
            return
        yield piece


def _wrong_size(part: PartialFile, size: int | None, limit: int, found: str) -> BadPayload:
    """Discard the part, and return why."""
    part.discard()
    if size is None:
        sentence = _(
            "the download of {url} was rejected: an image has at most {limit} bytes, but it has "
            "{found}"
        )
    else:
        sentence = _(
            "the download of {url} was rejected: it should have {limit} bytes, but it has {found}"
        )
    return BadPayload(sentence.format(url=part.url, limit=limit, found=found))


def _validator(response: requests.Response) -> str:
    """Return the validator of this version of the file, empty if there is none."""
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):  # a weak one (W/) says nothing about bytes
        return etag
    return response.headers.get("Last-Modified", "")


def _advice(part: PartialFile) -> str:
    """Return what to do now, and where the next run resumes."""
    if part.note is None or not part.have:
        return _(
            "run the same command again, or fetch {url} on another computer and give the file with "
            "--micropython"
        ).format(url=part.url)
    if part.note.total:
        return _("run the same command again to resume at {percent} %").format(
            percent=100 * part.have // part.note.total
        )
    return _("run the same command again to resume after {have} bytes").format(have=part.have)


def _shown(url: str) -> str:
    """Return a URL without what may be secret: redirecting servers sign the query."""
    if not url:
        return _("an invalid address")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
