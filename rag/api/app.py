"""The application: guards around it, problems out of it, one router per subject."""

from __future__ import annotations

import threading

from fastapi import FastAPI

from rag import __version__
from rag.api import (
    asking,
    assets,
    auditing,
    captions,
    classifying,
    conversations,
    encoders,
    exporting,
    health,
    jobs,
    keeping,
    ledger,
    moderation,
    openai_chat,
    openai_embeddings,
    pages,
    pictures,
    reviewing,
    sessions,
    similar,
    status,
)
from rag.api.fetching import Fetching
from rag.api.guards import Guard, accepted_hosts
from rag.api.limits import BodyLimit
from rag.api.openai_errors import OpenAIErrors
from rag.api.problems import answer_with_problems
from rag.api.startup import WarmUp, lifespan
from rag.wiring import WiredServices

DESCRIPTION = """
Ask questions of an image library and get answers you can check.

- **Actor.** Without configured keys, requests from this machine act as the local owner. With keys, send
  `Authorization: Bearer KEY` or `X-API-Key: KEY`; each key sees its own libraries.
- **Errors** are `application/problem+json` (RFC 9457) with a stable `type`. Status 503 carries `Retry-After`.
  Below `/v1/chat`, `/v1/models` and `/v1/embeddings` they have the shape of OpenAI's.
- **Evidence** is numbered; the `[n]` in an answer are those numbers. `relevance` is a calibrated probability.
- **Ingest** answers with a job. `GET /v1/jobs/{id}` says how far it is, `…/events` tells as it goes on.
- **Ledger.** Every search and answer names its event, which an auditor can look up and verify.
"""

ROUTERS = (
    asking.router,
    conversations.router,
    classifying.router,
    similar.router,
    captions.router,
    assets.router,
    pictures.router,
    jobs.router,
    ledger.router,
    keeping.router,
    moderation.router,
    auditing.router,
    reviewing.router,
    exporting.router,
    status.router,
    encoders.router,
    openai_chat.router,
    openai_embeddings.router,
    sessions.router,
    health.router,
    pages.router,
)


def create_app(services: WiredServices) -> FastAPI:
    """The ASGI application over `services`; it warms them up when it starts and closes them at its end."""
    app = FastAPI(
        title="Picture Desk",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.state.warm_up = WarmUp(services)
    app.state.fetching = Fetching(services)
    app.state.closing = threading.Event()
    app.state.templates = pages.templates()
    answer_with_problems(app)
    app.add_middleware(BodyLimit, largest_file=services.settings.max_bytes)
    app.add_middleware(Guard, hosts=accepted_hosts(services.settings))
    app.add_middleware(OpenAIErrors)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", pages.static_files(), name="static")
    return app
