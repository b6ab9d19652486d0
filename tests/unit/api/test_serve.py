"""Where the server may listen, and what it says when it cannot."""

from __future__ import annotations

import socket

import pytest

from rag.api.serve import serve
from rag.errors import BadSettings
from rag.listening import is_loopback, url_of
from rag.settings import Settings, without_credentials


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example", ""])
def test_beyond_loopback_it_takes_keys(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(BadSettings, match="PICTUREDESK_API_KEYS"):
        serve(Settings(host=host))


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSettings) as caught:
            serve(Settings(host="127.0.0.1", port=port))
    assert str(caught.value) == f"port {port} on 127.0.0.1 is taken by another program; use --port"


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000")],
)
def test_the_url_is_one_to_type_in_here(host: str, url: str) -> None:
    assert url_of(host, 8000) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://ann:secret@db:5432/desk?sslpassword=x", "postgresql+psycopg://db:5432/desk"),
        ("sqlite:////data/catalog.sqlite", "sqlite:////data/catalog.sqlite"),
        ("sqlite:///data/me@home.sqlite", "sqlite:///data/me@home.sqlite"),
        ("s3://bucket/prefix?key=secret", "s3://bucket/prefix"),
        ("redis://:secret@127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("memory://", "memory://"),
    ],
)
def test_urls_are_shown_without_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
