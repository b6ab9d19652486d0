"""What a handler is given of the running application."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

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


ServicesDep = Annotated[WiredServices, Depends(_services)]
WarmUpDep = Annotated[WarmUp, Depends(_warm_up)]
