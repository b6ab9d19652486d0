"""The tasks. Each is a door onto a flow of `rag`."""

from __future__ import annotations

from celery import Task, shared_task

from rag import ingest
from rag.dispatch.app import ADVANCE, INDEX, INTERACTIVE, services_of
from rag.dispatch.logs import logging_context
from rag.errors import Retryable
from rag.migration import work
from rag.model import AssetRef


@shared_task(name=INDEX, bind=True, throws=(Retryable,))  # type: ignore[untyped-decorator]
def index(self: Task, refs: list[str], alone: bool = False) -> None:
    """Index accepted assets by id; safe to run twice. What fails here is sent again from the outbox."""
    urgent = self.request.delivery_info.get("routing_key") == INTERACTIVE
    with logging_context(task=self.request.id, name=self.name, batch=len(refs)):
        ingest.index(services_of(self.app), [AssetRef.parse(ref) for ref in refs], urgent=urgent, alone=alone)


@shared_task(name=ADVANCE, bind=True, throws=(Retryable,))  # type: ignore[untyped-decorator]
def advance(self: Task, number: int) -> None:
    """Work on a coming generation; safe to run twice. What stops here is sent again from the catalog."""
    with logging_context(task=self.request.id, name=self.name, generation=number):
        work.advance(services_of(self.app), number)
