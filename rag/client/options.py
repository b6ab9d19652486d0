"""Where a desk is, and how to speak to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from rag import __version__
from rag.client.call import Request
from rag.client.failures import Patience, failure_of, may_repeat

LOCAL = "http://127.0.0.1:8000"
TIMEOUT = 120.0
"""Seconds for connecting and between two bytes; a language model may think for a while."""


@dataclass(frozen=True, slots=True)
class Options:
    """What both clients are made with.

    Attributes:
        url: of the desk, without a path of its API.
        key: None where the desk has no keys.
    """

    url: str = LOCAL
    key: str | None = None
    patience: Patience = field(default_factory=Patience)

    @property
    def headers(self) -> dict[str, str]:
        named = {"User-Agent": f"picturedesk-python/{__version__}"}
        return named | ({"Authorization": f"Bearer {self.key}"} if self.key else {})

    def made(self, request: Request, http: httpx.Client | httpx.AsyncClient, files: object) -> httpx.Request:
        """The request as httpx sends it."""
        return http.build_request(
            request.method,
            request.path,
            params=request.given,
            json=request.body,
            data=dict(request.form) or None,
            files=files,  # type: ignore[arg-type]
            headers={"Accept": request.accept},
        )

    def pause(self, attempt: int, request: Request, outcome: httpx.Response | httpx.TransportError) -> float:
        """Seconds until a request that ended so is sent again; raises its error when it is not."""
        asked = outcome.headers.get("retry-after", "") if isinstance(outcome, httpx.Response) else ""
        pause = self.patience.pause(attempt, asked) if may_repeat(outcome, reads_only=request.reads_only) else None
        if pause is None:
            raise failure_of(outcome, self.url)
        return pause
