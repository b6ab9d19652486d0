"""Spans of retrievals and answers for OpenTelemetry, by its GenAI conventions. A view for operators, never the record.

Attributes are those of the semantic conventions for generative AI (`gen_ai.*`); ours begin with `picturedesk.`. Without
`content`, a span holds neither questions nor answers, and names neither people nor pictures: the conventions make
all that opt-in. Spans are sent by a thread of their own; what cannot be sent is lost, and delays nothing.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from rag.auditing.entries import entry_of, listed
from rag.errors import BadSettings
from rag.model import Event
from rag.ports import Draft, Ledger

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

log = logging.getLogger(__name__)

Value = str | int | float | bool
MOST_OPEN = 1_000
"""Retrievals whose answers may still come: an answer is a child of its retrieval."""
MILLISECOND = 1_000_000
SECONDS = 2.0
"""A collector is tried for, each time and at the end: a command that has answered does not wait longer for it."""


class Spans:
    """Args:
    content: also questions, answers, and ids of people and pictures.
    """

    def __init__(self, provider: TracerProvider, *, content: bool) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("picturedesk")
        self._content = content
        self._open: OrderedDict[int, Context] = OrderedDict()

    def of(self, event: Event) -> None:
        """Begin and end the span that an event tells of; other kinds have none."""
        if event.kind not in ("retrieval", "answer"):
            return
        from opentelemetry import trace

        told = _retrieval(event) if event.kind == "retrieval" else _answer(event)
        name, attributes = told
        parent = self._open.pop(event.body["retrieval"], None) if event.kind == "answer" else None
        end = int(event.at.timestamp() * 1_000_000_000)
        span = self._tracer.start_span(name, context=parent, start_time=end - _spent(event))
        span.set_attributes({**_ours(event), **attributes, **(_content(event) if self._content else {})})
        span.end(end_time=end)
        if event.kind == "retrieval":
            self._open[event.seq] = trace.set_span_in_context(span)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


class SpanningLedger:
    """A ledger that makes a span of what it has recorded; all else is the ledger's own."""

    def __init__(self, ledger: Ledger, spans: Spans) -> None:
        self._ledger, self._spans = ledger, spans

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def append(self, draft: Draft) -> Event:
        event = self._ledger.append(draft)
        try:
            self._spans.of(event)
        except Exception:
            log.exception("event %d has no span", event.seq)  # it is recorded: nothing else counts
        return event

    def close(self) -> None:
        self._spans.close()
        self._ledger.close()


def spanning(ledger: Ledger, spans: Spans) -> Ledger:
    return cast("Ledger", SpanningLedger(ledger, spans))


def open_spans(address: str, *, content: bool) -> Spans:
    """Spans that go to an OTLP/HTTP endpoint. Raises BadSettings: the packages are not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise BadSettings("PICTUREDESK_OTEL needs OpenTelemetry: pip install 'picturedesk[otel]'") from error
    return spans_to(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=SECONDS)), content=content)


def spans_to(processor: SpanProcessor, *, content: bool) -> Spans:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(resource=Resource.create({"service.name": "picturedesk"}), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return Spans(provider, content=content)


def _retrieval(event: Event) -> tuple[str, Mapping[str, Value]]:
    body = event.body
    return f"retrieval {body['collection']}", {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.data_source.id": body["collection"],
        "gen_ai.request.model": body["encoder"],
        "gen_ai.request.top_k": body["query"]["top_k"],
    }


def _answer(event: Event) -> tuple[str, Mapping[str, Value]]:
    model = event.body["composer"]
    return f"chat {model}", {"gen_ai.operation.name": "chat", "gen_ai.request.model": model}


def _ours(event: Event) -> Mapping[str, Value]:
    """Figures that name nobody."""
    entry = entry_of(event)
    found: dict[str, Value | None] = {
        "picturedesk.event": event.seq,
        "picturedesk.library": event.library,
        "picturedesk.door": entry.door,
        "picturedesk.relevance": entry.relevance,
        **{
            f"picturedesk.{name}": getattr(entry, name)
            for name in ("evidence", "dropped", "abstained", "removed", "unsupported", "withheld", "stopped")
        },
    }
    return {name: value for name, value in found.items() if value is not None}


def _content(event: Event) -> Mapping[str, Value]:
    if event.kind == "answer":
        said = [{"role": "assistant", "parts": [{"type": "text", "content": event.body["text"]}]}]
        return {"enduser.id": event.actor, "gen_ai.output.messages": json.dumps(said)}
    documents = [{"id": one["visual"], "score": one["relevance"]} for one in listed(event, "evidence")]
    return {
        "enduser.id": event.actor,
        "gen_ai.retrieval.query.text": event.body["query"]["text"],
        "gen_ai.retrieval.documents": json.dumps(documents),
    }


def _spent(event: Event) -> int:
    """Nanoseconds. An answer's timings repeat its retrieval's, which are taken off."""
    before = ("encode_ms", "search_ms", "explain_ms") if event.kind == "answer" else ()
    timings = event.body.get("timings") or {}
    return int(sum(ms for name, ms in timings.items() if name not in before) * MILLISECOND)
