"""A URL becomes a file, over HTTPS, and what broke off goes on where it ended.

What arrives is a partial file, with a note beside it (.json) of the validator that the
server gave with it. A later call asks for the rest with Range and If-Range (RFC 9110,
section 13.1.5), so that what has changed on the server in between begins anew. A
server that does not do this sends all of it again. Nothing here says that the file
is the right one.

requests brings the roots of TLS with it (certifi; REQUESTS_CA_BUNDLE names others), and
takes the proxies of the environment or the system.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from otpcore.version import VERSION
from tokenctl.errors import BadPayload, DownloadFailed
from tokenctl.flashing.download_faults import explain, explain_status

_PIECE = 64 * 1024  # bytes
_REDIRECTS = 5

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Limits:
    """Seconds until the server must have answered, seconds without a byte, and bytes at most."""

    connect: float = 20.0
    stall: float = 60.0
    size: int = 4 * 1024 * 1024


@dataclass(frozen=True)
class _Note:
    """What was noted of a partial file. `validator` is an ETag or a date, `total` in bytes."""

    url: str
    validator: str
    total: int | None


class _Broken(Exception):
    """The transfer ended early; the message says why, as the beginning of a sentence."""


def download(
    url: str,
    partial: Path,
    progress: Progress,
    pinned: bool = False,
    size: int | None = None,
    limits: Limits | None = None,
) -> bool:
    """Fetch what is at `url` into `partial`; return whether that went on with an earlier part.

    `progress` gets the bytes that are there, and of how many (None: the server did not say).
    `pinned` says that the caller knows the file's digest: then plain http will do. `size` is
    the file's size, where it is known. Raises DownloadFailed; BadPayload when the file is of
    another size than it should be; OSError when `partial` cannot be written.
    """
    limits = limits or Limits()
    with _Session() as session:
        try:
            while True:
                note = _noted(partial, url)
                have = partial.stat().st_size if note else 0
                if note and have == note.total:
                    return True
                with _ask(session, url, _range(note, have), pinned, limits) as response:
                    if not _is_continued(response, note, have):
                        discard(partial)
                        if response.status_code in (206, 416):
                            continue  # that was not what was asked for: now all of it
                        have = 0
                    _take(response, url, partial, have, size, limits, progress)
                return have > 0
        except _Broken as broken:
            raise DownloadFailed(f"{broken}; {_advice(partial, url)}") from None


def discard(partial: Path) -> None:
    """Remove a partial file, and the note beside it."""
    _note_of(partial).unlink(missing_ok=True)
    partial.unlink(missing_ok=True)


def is_loopback(url: str) -> bool:
    """Tell whether the URL leads to this computer."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Follow none: each is looked at first, and its body is not read."""


@contextmanager
def _ask(
    session: requests.Session, url: str, headers: dict[str, str], pinned: bool, limits: Limits
) -> Iterator[requests.Response]:
    """Ask for a URL, through redirects to where it may be fetched from; raise _Broken."""
    headers = {
        "Accept-Encoding": "identity",  # parts of what is packed would not fit together
        "User-Agent": f"tokenctl/{VERSION}",
    } | headers
    _check(url, url, pinned)
    for _ in range(_REDIRECTS + 1):
        # A proxy must not take this computer's name for its own.
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
    raise _Broken(f"{urlsplit(url).hostname} redirects without an end")


def _target(url: str, location: str) -> str:
    """Return the URL that a redirect leads to; one that is none leads to ''."""
    try:
        target = urljoin(url, location)
        return target if urlsplit(target).hostname else ""
    except ValueError:
        return ""


def _check(url: str, origin: str, pinned: bool) -> None:
    """Raise DownloadFailed when nothing would vouch for what comes from this URL."""
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    if scheme == "https" and host:
        return
    if scheme == "http" and host and origin.startswith("http:") and (pinned or is_loopback(url)):
        return
    if url == origin:
        raise DownloadFailed(
            f"nothing is fetched from {url}: plain http takes a sha256 in the manifest's entry; "
            "use https, or give a file with --micropython"
        )
    raise DownloadFailed(
        f"the server of {origin} redirects to {_shown(url)}, for which nothing vouches: it is not "
        "fetched; give a file with --micropython"
    )


def _range(note: _Note | None, have: int) -> dict[str, str]:
    if note is None or not have:
        return {}
    return {"Range": f"bytes={have}-", "If-Range": note.validator}


def _is_continued(response: requests.Response, note: _Note | None, have: int) -> bool:
    """Tell whether this is the rest that was asked for; raise _Broken when it is an error."""
    if note is None or not have:
        _check_answer(response, (200,))
        return False
    if response.status_code == 416:
        return False
    _check_answer(response, (200, 206))
    place = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    return (
        response.status_code == 206
        and place[0].partition("-")[0] == str(have)
        and (note.total is None or place[2] in ("*", str(note.total)))
    )


def _check_answer(response: requests.Response, wanted: tuple[int, ...]) -> None:
    """Raise _Broken when the answer's body is no file."""
    host = urlsplit(response.url).hostname or ""
    if response.status_code not in wanted:
        raise _Broken(explain_status(response.status_code, response.url))
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _Broken(
            f"{host} sent a web page and not the image (perhaps the network wants a login first)"
        )
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Broken(f"{host} sent the image packed, which it was not asked for")


def _take(
    response: requests.Response,
    url: str,
    partial: Path,
    have: int,
    size: int | None,
    limits: Limits,
    progress: Progress,
) -> None:
    """Append the body to the partial file, which has `have` bytes; raise _Broken, BadPayload."""
    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else size
    limit = limits.size if size is None else size
    if total is not None and (total > limit or total != (size or total)):
        discard(partial)
        raise BadPayload(f"{_wrong_size(url, size, limit)}: it has {total} bytes")
    if not have:
        _write_note(partial, _Note(url, _validator(response), total))
    with partial.open("ab") as file:
        for piece in _pieces(response):
            if have + len(piece) > limit:
                break
            file.write(piece)
            file.flush()  # Ctrl-C may come at any time
            have += len(piece)
            progress(have, total)
        else:
            if total is not None and have < total:
                raise _Broken(f"the connection to {urlsplit(url).hostname} broke off")
            return
    discard(partial)
    raise BadPayload(f"{_wrong_size(url, size, limit)}: it has more")


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


def _wrong_size(url: str, size: int | None, limit: int) -> str:
    if size is None:
        return f"the download of {url} is refused, since an image has {limit} bytes at most"
    return f"the download of {url} is refused, since the released image has {size} bytes"


def _validator(response: requests.Response) -> str:
    """Return what tells this version of the file from others, empty when nothing does."""
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):  # a weak one (W/) says nothing about bytes
        return etag
    return response.headers.get("Last-Modified", "")


def _note_of(partial: Path) -> Path:
    return partial.with_name(partial.name + ".json")


def _write_note(partial: Path, note: _Note) -> None:
    """Begin a partial file: it is empty before there is a note, and goes on only with one."""
    discard(partial)
    partial.write_bytes(b"")
    if note.validator:
        _note_of(partial).write_text(json.dumps(asdict(note)), "utf-8")


def _noted(partial: Path, url: str) -> _Note | None:
    """Return the note of a partial file that can go on, None when there is none."""
    try:
        fields: Any = json.loads(_note_of(partial).read_text("utf-8"))
        note = _Note(**fields)
    except (OSError, ValueError, TypeError):
        return None
    return note if note.url == url and note.validator and partial.exists() else None


def _advice(partial: Path, url: str) -> str:
    """Return what to do now, and that the next run goes on where this one ended, if it does."""
    note = _noted(partial, url)
    have = partial.stat().st_size if note else 0
    if note is None or not have:
        return "run the same command again, or give a file with --micropython"
    if note.total:
        return f"run the same command again, it goes on at {100 * have // note.total} %"
    return f"run the same command again, it goes on after {have} bytes"


def _shown(url: str) -> str:
    """Return a URL without what may be secret in it: a server that redirects signs its query."""
    if not url:
        return "what is no address"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
