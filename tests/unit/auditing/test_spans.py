"""Spans for operators: what they hold, and that nothing personal is in them unless that is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rag.auditing.spans import Spans, spans_to
from rag.model import Event, Json

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
VISUAL = "11111111-aaaa-5000-8000-000000000001"


def event(seq: int, kind: str, body: Json) -> Event:
    return Event(seq, NOON, kind, "ann", "shop", body, "", "")


RETRIEVAL = event(
    7,
    "retrieval",
    {
        "door": "http",
        "query": {"text": "my illness", "top_k": 8, "wanted": [], "unwanted": [], "phrases": []},
        "encoder": "demo@1",
        "collection": "visuals_1",
        "evidence": [{"visual": VISUAL, "content": "a" * 64, "relevance": 0.9, "caption": "Anna"}],
        "dropped": [],
        "timings": {"encode_ms": 20.0, "search_ms": 5.0},
    },
)
ANSWER = event(
    8,
    "answer",
    {
        "door": "http",
        "retrieval": 7,
        "text": "Anna is ill [1].",
        "composer": "gpt-5-mini",
        "abstained": False,
        "verdicts": {"support": [{"supported": False}]},
        "timings": {"encode_ms": 20.0, "search_ms": 5.0, "llm_ms": 900.0},
    },
)


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def told(exporter: InMemorySpanExporter, *, content: bool) -> Any:
    spans: Spans = spans_to(SimpleSpanProcessor(exporter), content=content)
    for one in (event(6, "deletion", {}), RETRIEVAL, ANSWER):
        spans.of(one)
    spans.close()
    return exporter.get_finished_spans()


def test_an_answer_is_a_child_of_its_retrieval_by_the_genai_conventions(exporter: InMemorySpanExporter) -> None:
    retrieval, answer = told(exporter, content=False)
    assert (retrieval.name, answer.name) == ("retrieval visuals_1", "chat gpt-5-mini")
    assert answer.parent.span_id == retrieval.context.span_id
    assert answer.context.trace_id == retrieval.context.trace_id
    assert retrieval.attributes["gen_ai.data_source.id"] == "visuals_1"
    assert answer.attributes["gen_ai.request.model"] == "gpt-5-mini"
    assert answer.attributes["picturedesk.unsupported"] == 1
    assert [span.end_time - span.start_time for span in (retrieval, answer)] == [25_000_000, 900_000_000]


def test_nothing_personal_is_in_a_span_unless_that_is_asked_for(exporter: InMemorySpanExporter) -> None:
    said = "".join(span.to_json() for span in told(exporter, content=False))
    for secret in ("illness", "Anna", "ann", VISUAL, "a" * 64):
        assert f'"{secret}' not in said
        assert secret not in said.replace("channel", "")


def test_content_goes_along_when_it_is_asked_for(exporter: InMemorySpanExporter) -> None:
    retrieval, answer = told(exporter, content=True)
    assert retrieval.attributes["gen_ai.retrieval.query.text"] == "my illness"
    assert VISUAL in retrieval.attributes["gen_ai.retrieval.documents"]
    assert "Anna is ill" in answer.attributes["gen_ai.output.messages"]
