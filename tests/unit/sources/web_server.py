"""A web server on loopback that answers as badly as servers do; the path says how.

/picture.jpg    a picture, declared as text/html
/cookie         the same, with a cookie
/big            more bytes than it admits to
/declared       says that it has a thousand million bytes
/drip           a byte every twentieth of a second, without an end
/drip-headers   the same, before any body
/silent         takes the request and does not answer
/gzip           the picture, compressed though nobody asked
/bomb           50 MB of zeros in 50 kB
/brotli         says that it is compressed in a way nobody reads
/short          breaks off in the middle
/garbage        speaks no HTTP
/status/N       answers N
/to?URL         redirects to URL
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from tests.unit.media.pictures import corner_picture, encoded


class WebServer(ThreadingHTTPServer):
    """Remembers the paths it was asked for and the headers that came along."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.picture = encoded(corner_picture())
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.stopping = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet: clients that go away in the middle are what is tested."""

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: WebServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        path, _, query = self.path.partition("?")
        name, _, argument = path.strip("/").partition("/")
        if name == "to":
            self._answer(302, b"", location=unquote(query))
        elif name == "status":
            self._answer(int(argument), b"sorry")
        else:
            answer = getattr(self, f"_{name.partition('.')[0].replace('-', '_')}", None)
            if answer is None:
                self._answer(404, b"no such page")
            else:
                answer()

    def _picture(self) -> None:
        self._answer(200, self.server.picture, content_type="text/html")

    def _cookie(self) -> None:
        self._answer(200, self.server.picture, set_cookie="session=1; Path=/")

    def _big(self) -> None:
        self._head(200, transfer_encoding="chunked")
        self._chunks(b"10000\r\n" + bytes(0x10000) + b"\r\n", pause=0)

    def _declared(self) -> None:
        self._head(200, content_length="1000000000")

    def _drip(self) -> None:
        self._head(200, content_length="100000")
        self._chunks(b"x", pause=0.05)

    def _drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self._chunks(b"x", pause=0.05)

    def _silent(self) -> None:
        self.server.stopping.wait(30)
        self.close_connection = True

    def _gzip(self) -> None:
        self._answer(200, gzip.compress(self.server.picture), content_encoding="gzip")

    def _bomb(self) -> None:
        self._answer(200, gzip.compress(bytes(50_000_000)), content_encoding="gzip")

    def _brotli(self) -> None:
        self._answer(200, b"\x0b\x02\x80", content_encoding="br")

    def _short(self) -> None:
        self._head(200, content_length="1000")
        self.wfile.write(b"half of it")
        self.close_connection = True

    def _garbage(self) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
        self.close_connection = True

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self._head(status, content_length=str(len(body)), **headers)
        self.wfile.write(body)

    def _head(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _chunks(self, chunk: bytes, pause: float) -> None:
        """The same bytes again and again, until the other side goes or the test is over."""
        self.close_connection = True
        try:
            while not self.server.stopping.wait(pause):
                self.wfile.write(chunk)
        except OSError:
            return

    def log_message(self, *args: object) -> None:
        """Quiet: the tests look at `asked`."""


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server on 127.0.0.1, stopped when the test is over."""
    server = WebServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.stopping.set()
    server.shutdown()
    thread.join()
    server.server_close()
