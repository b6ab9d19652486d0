"""Spans go to a real OTLP collector over HTTP, and a collector that does not answer keeps nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from rag.ask import ask
from rag.model import LOCAL_OWNER, Answer, Event, Query
from rag.ports import Draft
from rag.search import search
from rag.settings import Settings
from rag.wiring import opened
from tests.flows.desk import drawn, stock

QUESTION = "a red car on a beach"


class Collector(ThreadingHTTPServer):
    """Attributes:
    spans: what arrived, by the name of the span.
    go_on: a request is answered once this is set.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: dict[str, Any] = {}
        self.resources: list[Any] = []
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1/traces"


class _Handler(BaseHTTPRequestHandler):
    server: Collector
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        received = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in received.resource_spans:
            self.server.resources.append(resource.resource)
            self.server.spans |= {span.name: span for scope in resource.scope_spans for span in scope.spans}
        self.server.asked.set()
        self.server.go_on.wait()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield collector
    finally:
        collector.go_on.set()
        collector.shutdown()
        thread.join()
        collector.server_close()


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spans")
    stock(Settings(data=folder / "data"), drawn(folder / "pictures", 4, size=128))
    return folder / "data"


def asked(stocked: Path, **settings: Any) -> Answer:
    """A search and an answer, once everything is closed."""
    with opened(Settings(data=stocked, min_relevance=0.0, **settings)) as services:
        search(services, LOCAL_OWNER, Query("a quiet evening", top_k=2), door="test")
        return ask(services, LOCAL_OWNER, Query(QUESTION, top_k=2), door="test")


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_a_retrieval_and_its_answer_arrive_as_one_trace_that_names_nobody_and_tells_no_words(stocked: Path) -> None:
    with collecting() as collector:
        answer = asked(stocked, otel=collector.address)
    retrieval = next(span for name, span in collector.spans.items() if name.startswith("retrieval "))
    answered = collector.spans["chat extractive"]
    assert answered.trace_id == retrieval.trace_id
    assert answered.parent_span_id == retrieval.span_id
    assert retrieval.parent_span_id == b""
    assert 0 < retrieval.start_time_unix_nano < retrieval.end_time_unix_nano <= answered.end_time_unix_nano
    found, said = attributes(retrieval), attributes(answered)
    assert found["gen_ai.operation.name"] == "retrieval"
    assert (found["gen_ai.request.top_k"], found["picturedesk.event"]) == (2, answer.events[0])
    assert retrieval.name == f"retrieval {found['gen_ai.data_source.id']}"
    assert (said["gen_ai.operation.name"], said["picturedesk.event"]) == ("chat", answer.events[1])
    assert said["picturedesk.door"] == found["picturedesk.door"] == "test"
    resource = collector.resources[0].attributes
    assert ("service.name", "picturedesk") in [(one.key, one.value.string_value) for one in resource]
    told = str(collector.spans)
    pictures = [one.visual.id for one in answer.retrieval.evidence]
    for secret in (QUESTION, "evening", answer.text, '"local"', *pictures):
        assert secret not in told


def recorded(stocked: Path, address: str) -> Event:
    """An event as an answer waits for it, once all is closed."""
    with opened(Settings(data=stocked, otel=address)) as services:
        body = {"door": "test", "retrieval": 0, "text": "A car [1].", "composer": "extractive", "verdicts": {}}
        return services.ledger.append(Draft("answer", "ann", "default", body))


def test_nobody_waits_for_a_collector_that_does_not_answer(stocked: Path) -> None:
    """It gets the span and holds on to it: what was to be recorded is, and the command comes to its end."""
    with collecting() as collector:
        collector.go_on.clear()
        assert recorded(stocked, collector.address).kind == "answer"
        assert collector.asked.is_set()
        assert not collector.go_on.is_set()


def test_a_collector_that_is_not_there_fails_nothing(stocked: Path) -> None:
    with collecting() as collector:
        gone = collector.address
    assert recorded(stocked, gone).kind == "answer"
