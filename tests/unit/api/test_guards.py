"""Hosts and origins that are let through without keys."""

from __future__ import annotations

import pytest

from rag.api.guards import accepted_hosts, check_host, check_origin
from rag.errors import NotAllowed
from rag.settings import ApiKey, Settings

HOSTS = accepted_hosts(Settings(host="127.0.0.1"))
OURS = "127.0.0.1:8000"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "[::1]", "desk.localhost:80"]
)
def test_loopback_names_are_answered(host: str) -> None:
    check_host(HOSTS, host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]:8000"]
)
def test_a_name_that_merely_resolves_here_is_refused(host: str) -> None:
    with pytest.raises(NotAllowed):
        check_host(HOSTS, host)


def test_with_keys_any_host_is_answered() -> None:
    key = ApiKey(sha256="0" * 64, actor="a")
    check_host(accepted_hosts(Settings(api_keys=(key,))), "desk.example")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/v1/ask", {}),
        ("POST", "/v1/ask", {"origin": f"http://{OURS}", "sec-fetch-site": "same-origin"}),
        ("GET", "/v1/status", {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}),
        ("GET", "/v1/assets/x/original", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
        ("GET", "/", {"sec-fetch-site": "cross-site"}),
    ],
)
def test_programs_our_own_page_and_links_pass(method: str, path: str, headers: dict[str, str]) -> None:
    check_origin(method, path, {"host": OURS, **headers})


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/v1/assets", {"origin": "http://evil.example"}),
        ("POST", "/v1/assets", {"origin": "null"}),
        ("POST", "/v1/assets", {"origin": "http://127.0.0.1:9999"}),
        ("POST", "/v1/assets", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
        ("DELETE", "/v1/session", {"sec-fetch-site": "same-site"}),
        ("GET", "/v1/search", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
    ],
)
def test_other_sites_pages_are_refused(method: str, path: str, headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        check_origin(method, path, {"host": OURS, **headers})
