"""Runs the server over stdio or streamable HTTP, and says who acts."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

import anyio
import anyio.to_thread
import uvicorn
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.access import actor_for
from rag.errors import BadSettings, PictureDeskError, Unauthenticated
from rag.integrations.mcp.server import make_server
from rag.integrations.mcp.tools import ActorOf
from rag.listening import listening_on, require_keys_beyond_loopback, url_of
from rag.model import LOCAL_OWNER, Actor
from rag.ports import Services
from rag.settings import Settings
from rag.wiring import WiredServices, opened

PATH = "/mcp"
GRACE = 10
"""Seconds that calls have to finish after a stop."""

URN = "urn:picturedesk:problem:"
"""As in the HTTP API."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def run_stdio(settings: Settings) -> None:
    """Serve one client over stdin and stdout until it hangs up. Nothing but the protocol is written to stdout.

    Raises:
        BadSettings, Unauthenticated: PICTUREDESK_MCP_KEY is none of the configured keys.
    """
    actor = local_actor(settings)
    with opened(settings) as services, suppress(KeyboardInterrupt):
        _load_beside(services)
        anyio.run(make_server(services, lambda ctx: actor).run_stdio_async)


def run_http(settings: Settings, *, say: Callable[[str], None] | None = None) -> None:
    """Serve over streamable HTTP at `/mcp` until SIGINT or SIGTERM.

    Args:
        say: takes the line with the URL; by default it goes to stdout.

    Raises:
        BadSettings: the host needs keys and there are none, or the address cannot be had.
    """
    require_keys_beyond_loopback(settings)
    with listening_on(settings.host, settings.port) as listening, opened(settings) as services:
        _ = services.catalog, services.ledger
        url = f"{url_of(settings.host, listening.getsockname()[1])}{PATH}"
        config = uvicorn.Config(
            http_app(services),
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        _load_beside(services)
        (say or _say)(f"Picture Desk speaks MCP at {url}")
        with suppress(KeyboardInterrupt):
            Server(config, services).run(sockets=[listening])


class Server(uvicorn.Server):
    """Closes the services once the last call has ended; uvicorn then raises the signal again, which ends all."""

    def __init__(self, config: uvicorn.Config, services: WiredServices) -> None:
        super().__init__(config)
        self._services = services

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await anyio.to_thread.run_sync(self._services.close)


def http_app(services: Services) -> ASGIApp:
    """Without sessions: any process can take any call, and each call acts as the key that came with it."""
    settings = services.settings
    server = make_server(services, actor_by_key(settings))
    app: Starlette = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, transport_security=_guard(settings)
    )
    return RequireKey(app, settings)


def local_actor(settings: Settings) -> Actor:
    """Over stdio: the local owner, or whom PICTUREDESK_MCP_KEY stands for."""
    if settings.mcp_key is None:
        return LOCAL_OWNER
    if not settings.api_keys:
        raise BadSettings(
            "PICTUREDESK_MCP_KEY is set, but there are no keys: set PICTUREDESK_API_KEYS as the desk has it"
        )
    return actor_for(settings, settings.mcp_key.get_secret_value())


def actor_by_key(settings: Settings) -> ActorOf:
    """Over HTTP: whom the key of this very request stands for."""

    def actor_of(ctx: Context) -> Actor:
        return actor_for(settings, key_of(ctx.headers or {}))

    return actor_of


def key_of(headers: Mapping[str, str]) -> str | None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return headers.get("x-api-key")


class RequireKey:
    """ASGI middleware: who has no key learns nothing, not even which tools there are."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                actor_for(self.settings, key_of(Headers(scope=scope)))
            except Unauthenticated as error:
                refused = {
                    "type": f"{URN}{error.type}",
                    "title": error.title,
                    "status": error.status,
                    "detail": str(error),
                }
                headers = {"WWW-Authenticate": "Bearer"}
                response = JSONResponse(refused, error.status, headers, media_type="application/problem+json")
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _guard(settings: Settings) -> TransportSecuritySettings:
    """Without keys, only this machine's own names are answered: a stranger's page could reach the port by another."""
    if settings.api_keys:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    names = dict.fromkeys([*LOOPBACK, settings.host])
    return TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names],
        allowed_origins=[f"http://{name}:*" for name in names],
    )


def _load_beside(services: Services) -> None:
    """Load the encoder while the client says hello. The collection stays closed until somebody searches: another
    process may be using the folder, and an assistant that merely runs must not keep it out.
    """

    def load() -> None:
        with suppress(PictureDeskError):  # whoever searches is told
            _ = services.encoder

    threading.Thread(target=load, name="load-encoder", daemon=True).start()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
