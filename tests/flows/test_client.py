"""The desk from Python: both clients against a real server."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rag.api.schemas.asking import Found, Text
from rag.api.schemas.classifying import Counts, Results
from rag.api.schemas.jobs import Job, Progress
from rag.client import AsyncClient, Client, Patience
from rag.errors import (
    BadQuery,
    BadRequest,
    LedgerUnavailable,
    NotAllowed,
    NotFound,
    PictureDeskError,
    Rejected,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from rag.settings import ApiKey, Settings
from tests.flows.desk import Desk, drawn, serving

ABSENT = "0" * 64
HURRIED = Patience(retries=2, longest=0.01)


class Awaited:
    """An AsyncClient whose methods are run to their end at once, so that one test serves both clients."""

    def __init__(self, client: AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def __getattr__(self, name: str) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            given = getattr(self._client, name)(*args, **kwargs)
            return self._drained(given) if inspect.isasyncgen(given) else self._loop.run_until_complete(given)

        return run

    def _drained(self, values: Any) -> Iterator[Any]:
        try:
            while True:
                yield self._loop.run_until_complete(anext(values))
        except StopAsyncIteration:
            pass
        finally:
            self._loop.run_until_complete(values.aclose())


@pytest.fixture(params=["Client", "AsyncClient"])
def connect(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes a client of either kind; each is closed at the end."""
    loop = asyncio.new_event_loop()
    made: list[Any] = []

    def connected(url: str, key: str | None = None, *, patience: Patience | None = None) -> Any:
        kind: Any = Client if request.param == "Client" else AsyncClient
        client = kind(url, key, trust_env=False, patience=patience)
        made.append(client)
        return client if request.param == "Client" else Awaited(client, loop)

    yield connected
    for client in made:
        client.close() if isinstance(client, Client) else loop.run_until_complete(client.close())
    loop.close()


@pytest.fixture
def desk(connect: Any, running_desk: Desk) -> Any:
    return connect(running_desk.url)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Pictures that no other test has."""
    seed = int(sha256(str(tmp_path).encode()).hexdigest()[:6], 16)
    return [path for path, _ in drawn(tmp_path / "drawn", 2, size=200, seed=seed)]


def test_from_files_to_an_answer_to_the_ledger_and_out_again(desk: Any, pictures: list[Path], tmp_path: Path) -> None:
    library = f"client-{sha256(str(tmp_path).encode()).hexdigest()[:8]}"
    upload = desk.ingest(
        [pictures[0], ("zebra.jpg", pictures[1].read_bytes())],
        library=library,
        caption="A zebra reading the newspaper",
        tags=["zebra", "paper"],
    )
    *told, last = desk.job_events(upload.job.id)
    assert all(isinstance(event, Progress) for event in told)
    assert isinstance(last, Job)
    assert (last.total, last.done) == (2, True)
    assert desk.wait(upload.job.id) == desk.job(upload.job.id) == desk.jobs(library=library).jobs[0]
    assert [item.state for item in desk.job_items(upload.job.id, states=["indexed"]).items] == ["indexed"] * 2
    assert library in desk.libraries()

    found = desk.search("zebra newspaper", libraries=[library], where={"field": "tags", "eq": "paper"})
    hit = found.evidence[0]
    assert hit.caption.text == "A zebra reading the newspaper"
    answer = desk.ask("Who reads the newspaper? A zebra", libraries=[library])
    assert "[1]" in answer.answer
    assert desk.ledger_event(answer.events[-1]).body["text"] == answer.answer
    assert desk.ledger_events(library=library, kind="answer").events[0].seq == answer.events[-1]
    assert desk.verify_ledger().holds

    assert desk.original(hit.asset_id, library=library) in [path.read_bytes() for path in pictures]
    assert desk.thumbnail(hit.asset_id, library=library, locator=hit.locator).startswith(b"\xff\xd8")
    assert desk.asset(hit.asset_id).visuals[0].id == hit.visual_id
    assert desk.delete(hit.asset_id, library=library) is None
    assert [asset.id == hit.asset_id for asset in desk.assets(library=library).assets] == [False]
    assert desk.status(libraries=[library]).coverage.searched == 1


def test_an_answer_comes_as_it_is_written_and_is_kept_as_a_conversation(desk: Any, running_desk: Desk) -> None:
    found, *texts, answer = desk.ask_stream(running_desk.captions[3], libraries=["default"], conversation="new")
    assert isinstance(found, Found)
    assert all(isinstance(one, Text) for one in texts)
    assert "".join(one.text for one in texts).strip() == answer.answer
    assert answer.evidence[0].visual_id == found.evidence[0].visual_id
    further = desk.ask("And where?", libraries=["default"], conversation=answer.conversation)
    assert running_desk.captions[3] in further.standalone
    assert desk.conversations(limit=1).conversations[0].id == answer.conversation
    assert len(desk.conversation(answer.conversation).turns) == 2
    desk.delete_conversation(answer.conversation)
    with pytest.raises(NotFound):
        desk.conversation(answer.conversation)
    again = desk.ask("And where?", libraries=["default"], history=[(running_desk.captions[3], answer.answer)])
    assert again.standalone == further.standalone


def test_a_picture_finds_itself_and_pages_go_on(desk: Any, running_desk: Desk) -> None:
    picture = running_desk.folder / "pictures" / "03.jpg"
    first = desk.search(like=[picture], libraries=["default"], top_k=1)
    assert first.evidence[0].asset_id == sha256(picture.read_bytes()).hexdigest()
    second = desk.search(page=first.next_page, top_k=1)
    assert second.page_of == first.event
    assert second.evidence[0].visual_id != first.evidence[0].visual_id
    everything = desk.search("a picture", not_like=[picture], libraries=["default"], top_k=100).evidence
    assert max(everything, key=lambda hit: hit.unlike).visual_id == first.evidence[0].visual_id


def test_labels_for_visuals_files_and_a_whole_library(desk: Any, running_desk: Desk) -> None:
    picture = running_desk.folder / "pictures" / "00.jpg"
    hit = desk.search(like=[picture], libraries=["default"], top_k=1).evidence[0]
    labels = ["cat", "car", "boat"]
    by_visual = desk.classify(labels, visuals=[hit.visual_id]).results[0]
    by_file = desk.classify_file(picture, labels).results[0]
    assert by_visual.label == by_file.label
    *results, counts = desk.classify_library(labels, library="default")
    assert all(isinstance(one, Results) for one in results)
    assert isinstance(counts, Counts)
    assert counts.assets == sum(len(one.results) for one in results) == len(running_desk.captions)


def test_addresses_that_are_refused_end_as_skipped_files_with_the_reason(desk: Any) -> None:
    job = desk.wait(desk.ingest_urls(["http://127.0.0.1:1/a.jpg"], library="client-urls").id)
    (item,) = desk.job_items(job.id).items
    assert (item.state, job.done) == ("skipped", True)
    assert item.reason


@pytest.mark.parametrize(
    ("refused", "raised", "said"),
    [
        (lambda desk: desk.search(""), BadQuery, "empty"),
        (lambda desk: desk.search("x", top_k=1000), BadQuery, "top_k"),
        (lambda desk: desk.search("x", where={"field": "tags", "is": "y"}), BadRequest, "where"),
        (lambda desk: desk.ask("x", libraries=["nowhere"]), NotFound, "nowhere"),
        (lambda desk: list(desk.ask_stream("x", libraries=["nowhere"])), NotFound, "nowhere"),
        (lambda desk: desk.asset(ABSENT), NotFound, "asset"),
        (lambda desk: desk.wait("no-such-job"), NotFound, "job"),
        (lambda desk: desk.ingest([("a.jpg", b"words")], library="client-refused"), UnsupportedMedia, "text/plain"),
        (lambda desk: desk.ingest([], library="client-refused"), BadRequest, "files"),
        (lambda desk: list(desk.classify_library(["a"], library="nowhere")), NotFound, "nowhere"),
    ],
)
def test_what_the_desk_refuses_is_raised_as_its_own_error(
    desk: Any, refused: Any, raised: type[PictureDeskError], said: str
) -> None:
    with pytest.raises(raised, match=said):
        refused(desk)


def test_a_key_says_who_asks(connect: Any, tmp_path: Path) -> None:
    digest = sha256(b"secret").hexdigest()
    keys = (ApiKey(sha256=digest, actor="reader", libraries=frozenset({"news"})),)
    with serving(Settings(data=tmp_path / "data", api_keys=keys)) as keyed:
        assert connect(keyed.url, "secret").status().actor == "reader"
        with pytest.raises(NotAllowed):
            connect(keyed.url, "secret").verify_ledger()
        for key in (None, "wrong"):
            with pytest.raises(Unauthenticated):
                connect(keyed.url, key).libraries()


def test_an_owner_erases_keeps_and_holds(connect: Any, tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path / "data"), ready=False) as own:
        desk = connect(own.url)
        assert desk.hold("case 7", first=0, last=9).name == "case 7"
        assert [one.last for one in desk.holds().holds] == [9]
        desk.lift_hold("case 7")
        with pytest.raises(NotFound):
            desk.lift_hold("case 7")
        assert desk.keep("", days=200).days == 200
        assert [one.days for one in desk.retention().kept] == [200]
        assert desk.erase(actor="ann", preview=True).event is None
        assert desk.erase(actor="ann").subjects == 0
        with pytest.raises(BadRequest, match="who or what"):
            desk.erase()


# Servers that do not do what they should


class Stub(ThreadingHTTPServer):
    """Answers each request with the next of `answers`: a status, a body and a content type, cut off where asked."""

    daemon_threads = True

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        super().__init__(("127.0.0.1", 0), StubHandler)
        self.answers = list(answers)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Stub:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()


class StubHandler(BaseHTTPRequestHandler):
    server: Stub

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        status, body, kind = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("retry-after", "1")
        if kind != "text/event-stream":
            self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Quiet."""


BUSY = (503, '{"type": "urn:picturedesk:problem:ledger-unavailable", "status": 503, "detail": "later"}', "x/problem")
NAMES = (200, '{"libraries": ["default"]}', "application/json")


def test_a_desk_that_is_busy_is_asked_again_but_not_for_ever(connect: Any) -> None:
    with Stub(BUSY, BUSY, NAMES) as stub:
        assert connect(stub.url, patience=HURRIED).libraries() == ["default"]
    with Stub(*[BUSY] * 3, NAMES) as stub:
        with pytest.raises(PictureDeskError, match="later"):
            connect(stub.url, patience=HURRIED).libraries()
        assert stub.answers == [NAMES]


def test_a_job_is_followed_through_a_broken_connection(connect: Any, desk: Any, running_desk: Desk) -> None:
    job = desk.jobs().jobs[-1]
    counts = '{"accepted":1,"indexed":0,"skipped":0,"quarantined":0,"deleted":0}'
    progress = (
        f'event: progress\ndata: {{"done":0,"total":1,"rate":0,"seconds_left":null,"counts":{counts},"known":0}}\n\n'
    )
    done = f"event: done\ndata: {job.model_dump_json()}\n\n"
    with Stub((200, progress, "text/event-stream"), (200, progress + done, "text/event-stream")) as stub:
        assert connect(stub.url, patience=HURRIED).wait(job.id) == job
        assert stub.answers == []
    with Stub(*[(200, "", "text/event-stream")] * 3) as stub, pytest.raises(Unavailable, match="broke off"):
        connect(stub.url, patience=HURRIED).wait(job.id)


def test_an_answer_that_breaks_off_is_not_asked_again_by_itself(connect: Any) -> None:
    piece = 'event: piece\ndata: {"text": "A red car"}\n\n'
    problem = '{"type": "urn:picturedesk:problem:ledger-unavailable", "status": 503, "detail": "the disk is full"}'
    with Stub((200, piece, "text/event-stream"), NAMES) as stub:
        told = connect(stub.url, patience=HURRIED).ask_stream("a car")
        assert next(told) == Text(text="A red car")
        with pytest.raises(Unavailable, match="broke off"):
            next(told)
        assert stub.answers == [NAMES]
    failing = (200, f"{piece}event: error\ndata: {problem}\n\n", "text/event-stream")
    with Stub(failing) as stub, pytest.raises(LedgerUnavailable, match="the disk is full"):
        list(connect(stub.url).ask_stream("a car"))


def test_no_desk_and_something_else_at_the_address(connect: Any) -> None:
    with pytest.raises(Unavailable, match="does it run there") as raised:
        connect("http://127.0.0.1:1", patience=HURRIED).libraries()
    assert raised.value.__cause__ is not None
    with Stub((200, "<html>", "text/html")) as stub, pytest.raises(Rejected, match="cannot be read"):
        connect(stub.url).libraries()
