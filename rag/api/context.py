"""What a handler is given of the running application."""

from __future__ import annotations

import threading
from typing import Annotated

from fastapi import Depends, Request

from rag.api.fetching import Fetching
from rag.api.startup import WarmUp
from rag.wiring import WiredServices

DOOR = "http"
"""How the ledger names this door."""


def services_of(request: Request) -> WiredServices:
    services: WiredServices = request.app.state.services
    return services


async def _services(request: Request) -> WiredServices:
    return services_of(request)


async def _warm_up(request: Request) -> WarmUp:
    warm_up: WarmUp = request.app.state.warm_up
    return warm_up


async def _fetching(request: Request) -> Fetching:
    fetching: Fetching = request.app.state.fetching
    return fetching


async def _closing(request: Request) -> threading.Event:
    closing: threading.Event = request.app.state.closing
    return closing


ServicesDep = Annotated[WiredServices, Depends(_services)]
WarmUpDep = Annotated[WarmUp, Depends(_warm_up)]
FetchingDep = Annotated[Fetching, Depends(_fetching)]
ClosingDep = Annotated[threading.Event, Depends(_closing)]
"""Set when the server is about to stop: for responses that would never end by themselves."""


def _sound(warm_up: WarmUpDep) -> None:
    warm_up.require_sound()


Sound = Depends(_sound)
"""For what searches or indexes: nothing does before the encoder was checked."""
