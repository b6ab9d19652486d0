"""Fetching files from a web server that means no good."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from rag.errors import PictureDeskError, Unavailable, UnsupportedMedia
from rag.media.fetch import SafeFetch, fetch
from rag.media.fetch_limits import FetchLimits
from tests.unit.sources.web_server import WebServer, web

__all__ = ["web"]

LOOPBACK = (ip_network("127.0.0.1/32"),)


@pytest.fixture
def limits(web: WebServer) -> FetchLimits:
    """What an operator sets who has a server of pictures on this machine."""
    return FetchLimits(max_bytes=200_000, seconds=10, ports=frozenset({web.server_port}), allow=LOOPBACK)


@pytest.fixture
def fetcher(limits: FetchLimits) -> Iterator[SafeFetch]:
    fetcher = SafeFetch(limits)
    yield fetcher
    fetcher.close()


class Names:
    """A resolver that gives the answers it was told, one after the other, and remembers the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0)


def refused(fetcher: SafeFetch, url: str, kind: type[PictureDeskError] = UnsupportedMedia) -> str:
    with pytest.raises(kind) as caught:
        fetcher.fetch(url)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_picture_comes_as_it_is_whatever_the_server_calls_it(web: WebServer, fetcher: SafeFetch) -> None:
    assert fetcher.fetch(web.url("/picture.jpg")) == web.picture
    assert fetcher.fetch(web.url("/gzip")) == web.picture


def test_nothing_of_ours_goes_along(web: WebServer, fetcher: SafeFetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    fetcher.fetch(web.url("/cookie"))
    fetcher.fetch(web.url("/picture.jpg"))
    for headers in web.headers:
        assert headers.pop("user-agent").startswith("PictureDesk")
        assert set(headers) == {"host", "accept", "accept-encoding"}


def test_without_leave_this_machine_is_out_of_reach(web: WebServer, limits: FetchLimits) -> None:
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(UnsupportedMedia, match="public internet"):
            fetch(web.url("/picture.jpg", host), replace(limits, allow=()))
    assert web.asked == []


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "127.0.0.2", "[64:ff9b::7f00:1]", "10.0.0.1"])
def test_addresses_that_are_written_out_are_checked_too(web: WebServer, fetcher: SafeFetch, host: str) -> None:
    refused(fetcher, web.url("/picture.jpg", host))
    assert web.asked == []


def test_redirects_are_followed_and_each_is_checked(web: WebServer, fetcher: SafeFetch) -> None:
    assert fetcher.fetch(web.url("/to?/picture.jpg")) == web.picture
    for target in (
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        f"http://127.0.0.2:{web.server_port}/picture.jpg",
        f"http://[::1]:{web.server_port}/picture.jpg",
        "http://127.0.0.1:6379/",
        "file:///etc/passwd",
        "http://2130706433/",
        f"http://someone@127.0.0.1:{web.server_port}/picture.jpg",
        f"http://good%5c@127.0.0.1:{web.server_port}/picture.jpg",
        "//",
        "",
    ):
        refused(fetcher, web.url(f"/to?{target}"))
    assert len([path for path in web.asked if path == "/picture.jpg"]) == 1


def test_only_so_many_redirects_are_followed(web: WebServer, fetcher: SafeFetch) -> None:
    assert fetcher.fetch(web.url("/to?" * 5 + "/picture.jpg")) == web.picture
    assert "redirects more than 5 times" in refused(fetcher, web.url("/to?" * 6 + "/picture.jpg"))


def test_a_name_that_changes_its_address_gains_nothing(web: WebServer, limits: FetchLimits) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    fetcher = SafeFetch(limits, resolver=names)
    assert fetcher.fetch(web.url("/picture.jpg", "pictures.example")) == web.picture
    assert names.asked == ["pictures.example"], "one look-up: what was checked is what was connected to"
    fetcher.close()

    names = Names(["127.0.0.1"], ["169.254.169.254"])
    fetcher = SafeFetch(limits, resolver=names)
    assert "link-local" in refused(fetcher, web.url(f"/to?{web.url('/picture.jpg', 'other.example')}", "a.example"))
    assert names.asked == ["a.example", "other.example"]
    assert web.asked[1:] == [f"/to?{web.url('/picture.jpg', 'other.example')}"]
    fetcher.close()


def test_one_forbidden_address_among_many_is_enough(web: WebServer, limits: FetchLimits) -> None:
    fetcher = SafeFetch(limits, resolver=Names(["127.0.0.1", "10.0.0.1"], ["127.0.0.1", "::1"], []))
    for _ in range(3):
        refused(fetcher, web.url("/picture.jpg", "pictures.example"))
    assert web.asked == []
    fetcher.close()


def test_the_host_name_goes_along_although_the_address_is_connected_to(web: WebServer, limits: FetchLimits) -> None:
    fetcher = SafeFetch(limits, resolver=Names(["127.0.0.1"]))
    fetcher.fetch(web.url("/picture.jpg", "Pictures.example"))
    assert web.headers[0]["host"] == f"pictures.example:{web.server_port}"
    fetcher.close()


@pytest.mark.parametrize("path", ["/big", "/declared", "/bomb"])
def test_a_body_over_the_limit_is_refused_whatever_the_server_says(
    web: WebServer, fetcher: SafeFetch, path: str
) -> None:
    assert "limit of 200,000" in refused(fetcher, web.url(path))


@pytest.mark.parametrize("path", ["/drip", "/drip-headers", "/silent"])
def test_a_slow_server_is_given_up_after_the_time_for_all_of_it(web: WebServer, limits: FetchLimits, path: str) -> None:
    fetcher = SafeFetch(replace(limits, seconds=0.4))
    assert "0.4 seconds" in refused(fetcher, web.url(path), Unavailable)
    fetcher.close()


def test_a_name_server_that_does_not_answer_counts_as_time(web: WebServer, limits: FetchLimits) -> None:
    answered = threading.Event()

    def slow(host: str, port: int) -> Sequence[str]:
        answered.wait(30)
        return ["127.0.0.1"]

    fetcher = SafeFetch(replace(limits, seconds=0.2), resolver=slow)
    started = time.monotonic()
    refused(fetcher, web.url("/picture.jpg", "pictures.example"), Unavailable)
    assert not answered.is_set(), f"gave up after {time.monotonic() - started:.1f} s, before the answer"
    answered.set()
    fetcher.close()


@pytest.mark.parametrize("path", ["/short", "/garbage", "/status/500", "/status/503", "/status/429"])
def test_what_may_work_later_says_so(web: WebServer, fetcher: SafeFetch, path: str) -> None:
    assert "try again later" in refused(fetcher, web.url(path), Unavailable)


@pytest.mark.parametrize(
    "path", ["/nothing-here", "/status/401", "/status/403", "/status/410", "/status/206", "/brotli"]
)
def test_what_will_not_work_later_is_refused(web: WebServer, fetcher: SafeFetch, path: str) -> None:
    refused(fetcher, web.url(path))


def test_a_server_that_is_not_there_may_be_there_later(limits: FetchLimits) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable, match="no connection"):
        fetch(f"http://127.0.0.1:{port}/a.jpg", replace(limits, ports=frozenset({port})))


def test_a_name_that_no_host_has_is_refused(limits: FetchLimits, web: WebServer) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise UnsupportedMedia("there is no host of that name")

    fetcher = SafeFetch(limits, resolver=unknown)
    assert "no host" in refused(fetcher, web.url("/picture.jpg", "nowhere.example"))
    fetcher.close()


@pytest.fixture
def certified(web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WebServer:
    """The server speaks TLS, with a certificate for pictures.example that this machine trusts."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed; it makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=pictures.example", "-addext", "subjectAltName=DNS:pictures.example"]
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web.socket = context.wrap_socket(web.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return web


def test_tls_verifies_the_name_although_the_address_is_connected_to(certified: WebServer, limits: FetchLimits) -> None:
    fetcher = SafeFetch(limits, resolver=Names(["127.0.0.1"], ["127.0.0.1"]))
    port = certified.server_port
    assert fetcher.fetch(f"https://pictures.example:{port}/picture.jpg") == certified.picture
    reason = refused(fetcher, f"https://others.example:{port}/picture.jpg")
    assert "certificate is not trusted" in reason
    assert certified.asked == ["/picture.jpg"]
    fetcher.close()


def test_many_threads_may_fetch_at_once(web: WebServer, fetcher: SafeFetch) -> None:
    found: list[bytes] = []

    def work() -> None:
        found.extend(fetcher.fetch(web.url("/picture.jpg")) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [web.picture] * 80
