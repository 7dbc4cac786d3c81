"""A web server for one file, correct (RFC 9110: ranges, If-Range), or faulty as requested."""

import contextlib
import datetime
import ipaddress
import re
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class ImageServer:
    """A server at 127.0.0.1, a context manager, whose attributes control its answers.

    `cut`      so many bytes of the next body are sent, then the connection is dropped
    `stall`    so many bytes of a body are sent, then nothing more
    `lengths`  whether it sends the length of a body
    `gate`     an event that the second half of a body waits for
    `asked`    the requests: path and headers, in order
    """

    def __init__(self, body=b"", tls=None, name="127.0.0.1"):
        self.body = body
        self.etag: str | None = '"1"'
        self.modified: str | None = None
        self.ranges = True
        self.heeds_if_range = True
        self.status = 200
        self.headers = {"Content-Type": "application/octet-stream"}
        self.cut: int | None = None
        self.stall: int | None = None
        self.lengths = True
        self.endless = False
        self.redirect: str | None = None
        self.gate: Any = None
        self.asked = []
        self._stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http{'s' if tls else ''}://{name}:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the server: from now on connections are refused."""
        if not self._stop.is_set():
            self._stop.set()
            self._server.shutdown()
            self._thread.join(10)
            self._server.server_close()

    def ranges_asked(self):
        """Return the Range headers of all requests, None for a request without one."""
        return [headers.get("Range") for _, headers in self.asked]

    def _handler(outer):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                with contextlib.suppress(OSError, ssl.SSLError):
                    outer._answer(self)
                self.close_connection = True

        return Handler

    def _answer(self, request):
        self.asked.append((request.path, dict(request.headers)))
        if self.redirect is not None:
            request.send_response(302)
            request.send_header("Location", self.redirect)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start, status = self._start(request.headers)
        body = b"<html>No such range</html>" if status == 416 else self.body[start:]
        request.send_response(status)
        headers = dict(self.headers)
        if self.etag:
            headers["ETag"] = self.etag
        if self.modified:
            headers["Last-Modified"] = self.modified
        if self.lengths and not self.endless:
            headers["Content-Length"] = str(len(body))
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        if status == 416:
            headers["Content-Type"] = "text/html"
            headers["Content-Range"] = f"bytes */{len(self.body)}"
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        self._send(request.wfile, body)

    def _start(self, headers):
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("Range", ""))
        if self.status != 200 or not asked or not self.ranges:
            return 0, self.status
        validators = (self.etag, self.modified)
        if self.heeds_if_range and headers.get("If-Range") not in (None, *validators):
            return 0, 200
        if int(asked[1]) >= len(self.body):
            return 0, 416
        return int(asked[1]), 206

    def _send(self, file, body):
        if self.endless:
            while not self._stop.is_set():
                file.write(bytes(4096))
        count = len(body)
        if self.cut is not None:
            count, self.cut = min(self.cut, count), None
        if self.stall is not None:
            count = min(self.stall, count)
        half = count // 2
        file.write(body[:half])
        file.flush()
        if self.gate is not None:
            self.gate.wait(60)
        file.write(body[half:count])
        file.flush()
        if self.stall is not None:
            self._stop.wait(60)


def certificate(folder):
    """Return a TLS context for a server, and the file of its self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a server of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "both.pem").write_bytes(private + pem)
    (folder / "root.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context, folder / "root.pem"
