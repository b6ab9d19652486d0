"""An S3 server on loopback, as small as can be: lists in pages of two, gives objects, and remembers what was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

PAGE = 2
CHANGED = "2024-05-01T00:00:00.000Z"
CHANGED_HTTP = "Wed, 01 May 2024 00:00:00 GMT"


class S3Server(ThreadingHTTPServer):
    """Holds the objects of one bucket, `desk`."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.out_of_order = False

    def page(self, prefix: str, after: str) -> tuple[list[str], bool]:
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        return keys[:PAGE], len(keys) > PAGE


class Handler(BaseHTTPRequestHandler):
    server: S3Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        bucket, _, key = unquote(url.path).strip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.server.asked.append(f"{self.command} {key or 'list'}")
        if self.server.out_of_order:
            self._answer(400, b"<Error><Code>Broken</Code><Message>out of order</Message></Error>")
        elif bucket != "desk":
            self._answer(404, b"<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>")
        elif not key:
            self._answer(200, self._list(query))
        elif key in self.server.objects:
            self._answer(200, self.server.objects[key])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>")

    def do_HEAD(self) -> None:
        self.do_GET()

    def _list(self, query: dict[str, str]) -> bytes:
        keys, more = self.server.page(query.get("prefix", ""), query.get("continuation-token", ""))
        found = "".join(map(self._object, keys))
        token = f"<NextContinuationToken>{escape(keys[-1])}</NextContinuationToken>" if more else ""
        flag = str(more).lower()
        return (
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>desk</Name>'
            f"<KeyCount>{len(keys)}</KeyCount><IsTruncated>{flag}</IsTruncated>{token}{found}</ListBucketResult>"
        ).encode()

    def _object(self, key: str) -> str:
        content = self.server.objects[key]
        return (
            f"<Contents><Key>{escape(key)}</Key><LastModified>{CHANGED}</LastModified>"
            f"<ETag>{_tag(content)}</ETag><Size>{len(content)}</Size></Contents>"
        )

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-type", "application/xml")
        self.send_header("etag", _tag(body))
        self.send_header("last-modified", CHANGED_HTTP)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet: the tests look at `asked`."""


def _tag(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """A bucket `desk` at s3://, through s3fs."""
    s3fs = pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    server = S3Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    yield server
    s3fs.S3FileSystem.clear_instance_cache()
    server.shutdown()
    thread.join()
    server.server_close()
