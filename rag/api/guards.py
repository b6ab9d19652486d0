"""What every request passes and every response carries: host and origin checks, and safe headers.

Without keys, whoever reaches the port is the owner. Two ways lead there from a
stranger's web page in the owner's browser, and both are shut: a name that
resolves to 127.0.0.1 (DNS rebinding; the Host header gives it away), and a form
or script that sends to us directly (the Origin and Sec-Fetch-Site headers do).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import problem_of, problem_response
from rag.errors import NotAllowed
from rag.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})

SAFE_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; "
        "connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def accepted_hosts(settings: Settings) -> frozenset[str] | None:
    """The Host names to answer to without keys; None for any, where keys protect."""
    return None if settings.api_keys else LOOPBACK_NAMES | {settings.host.lower()}


def check_host(hosts: frozenset[str] | None, host: str) -> None:
    """Raises NotAllowed when `host`, a Host header, is none of `hosts`."""
    name = host.lower()
    if not name.endswith("]"):
        name = name.rpartition(":")[0] if ":" in name else name
    if hosts is not None and name not in hosts and not name.endswith(".localhost"):
        raise NotAllowed("without keys this desk answers only to localhost; configure PICTUREDESK_API_KEYS to open it")


def check_origin(method: str, path: str, headers: Mapping[str, str]) -> None:
    """Raises NotAllowed when another site's page sent this. Programs send none of these headers and pass."""
    if method in READING and (not path.startswith("/v1/") or headers.get("sec-fetch-mode") == "navigate"):
        return
    origin = headers.get("origin")
    elsewhere = origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    if elsewhere or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise NotAllowed("requests from other sites' pages are refused")


class Guard:
    """ASGI middleware with the checks and headers above."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            check_host(self.hosts, headers.get("host", ""))
            check_origin(scope["method"], scope["path"], headers)
        except NotAllowed as error:
            await problem_response(problem_of(error, scope["path"]))(scope, receive, _with_safe_headers(send, ""))
        else:
            await self.app(scope, receive, _with_safe_headers(send, scope["path"]))


def _with_safe_headers(send: Send, path: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-cache" if path.startswith("/static/") else "no-store")
        await send(message)

    return wrapped
