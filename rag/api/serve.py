"""Runs the application under uvicorn, with clear words when it cannot."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from rag.api.app import create_app
from rag.api.startup import WarmUp, open_database
from rag.listening import listening_on, require_keys_beyond_loopback, url_of
from rag.settings import ONE_MIB, Settings
from rag.wiring import WiredServices, opened

LONGEST_HEAD = ONE_MIB
"""Room for a question in a link that is too long, so that the refusal can say so."""

GRACE = 10
"""Seconds that requests have to finish after a stop."""


class Server(uvicorn.Server):
    """Says its URL once it answers, and when it can be searched; stops when it never will."""

    def __init__(self, config: uvicorn.Config, url: str, app: FastAPI, say: Callable[[str], None]) -> None:
        super().__init__(config)
        warm_up: WarmUp = app.state.warm_up
        self.warm_up = warm_up
        self._closing: threading.Event = app.state.closing
        self._url = url
        self._say = say
        self._told, self._warm = False, False
        self._lock = threading.Lock()
        warm_up.on_end = self._on_warm

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            with self._lock:
                self._told = True
                self._say(f"Picture Desk is at {self._url}" + ("" if self._warm else " and loads its encoder"))
                if self._warm:
                    self._say("Ready")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    def _on_warm(self) -> None:
        """Runs in the warm-up's thread, before or after the URL is told."""
        if self.warm_up.failure is not None:
            self.should_exit = True
            return
        with self._lock:
            self._warm = True
            if self._told:
                self._say("Ready")


def serve(settings: Settings, *, say: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Args:
        say: takes each line for people: the URL, then that it is ready. By default they go to stdout.

    Raises:
        BadSettings: the host needs keys and there are none, or the address cannot be had.
        PictureDeskError: database, encoder or collection cannot be opened, and trying again would not help.
    """
    require_keys_beyond_loopback(settings)
    with listening_on(settings.host, settings.port) as listening, opened(settings) as services:
        open_database(services)
        server = server_for(services, listening, say or _say)
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again once everything is closed
            server.run(sockets=[listening])
    if server.warm_up.failure is not None:
        raise server.warm_up.failure


def server_for(services: WiredServices, listening: socket.socket, say: Callable[[str], None]) -> Server:
    """The server of an application over `services`, for a socket that is bound already."""
    app = create_app(services)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    return Server(config, url_of(services.settings.host, listening.getsockname()[1]), app, say)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
