"""POST /v1/ask over HTTP: answers as they are written, and conversations that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.settings import ApiKey, Settings
from tests.flows.desk import Desk, drawn, serving, stock, until
from tests.services.llm import LlmServer, status, text

STREAM = {"Accept": "text/event-stream"}
KEYS = {"ann": "a" * 20, "bob": "b" * 20}
AUDITOR = "c" * 20


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, shared_llm: LlmServer) -> Iterator[Desk]:
    """Two people and an auditor with keys, and an LLM that does as a test tells it."""
    from hashlib import sha256

    folder = tmp_path_factory.mktemp("asking")
    pictures = drawn(folder / "pictures", 8)
    settings = Settings(data=folder / "data", llm="scripted", llm_url=shared_llm.url, llm_retries=0)
    stock(settings, pictures)
    keys = tuple(
        ApiKey(sha256=sha256(key.encode()).hexdigest(), actor=name, libraries=frozenset({"default"}))
        for name, key in KEYS.items()
    )
    hashed = sha256(AUDITOR.encode()).hexdigest()
    keys += (ApiKey(sha256=hashed, actor="ada", roles=frozenset({"auditor"}), libraries=frozenset({"*"})),)
    with serving(settings.model_copy(update={"api_keys": keys})) as desk:
        yield Desk(desk.url, folder, tuple(caption for _, caption in pictures))


@pytest.fixture
def ann(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client(headers={"X-API-Key": KEYS["ann"]}) as client:
        yield client


@pytest.fixture
def bob(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client(headers={"X-API-Key": KEYS["bob"]}) as client:
        yield client


@pytest.fixture(autouse=True)
def no_script_left(shared_llm: LlmServer) -> Iterator[None]:
    yield
    shared_llm.script = []


def events(client: httpx.Client, **asked: Any) -> list[tuple[str, Any]]:
    with client.stream("POST", "/v1/ask", json=asked, headers=STREAM) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(parsed(response.iter_lines()))


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_evidence_then_pieces_then_the_answer(desk: Desk, ann: httpx.Client, shared_llm: LlmServer) -> None:
    shared_llm.script = [text("It is ", "here [1", "] and not ", "there [9].")]
    found = events(ann, question=desk.captions[0])
    names = [name for name, _ in found]
    assert names[0] == "evidence"
    assert names[-1] == "answer"
    assert set(names[1:-1]) == {"piece"}
    evidence, answer = found[0][1], found[-1][1]
    assert evidence["evidence"][0]["caption"]["text"] == desk.captions[0]
    assert evidence["event"] == answer["events"][0]
    assert "".join(data["text"] for name, data in found if name == "piece") == answer["answer"]
    assert answer["answer"] == "It is here [1] and not there."
    assert {"first_ms", "llm_ms", "search_ms"} <= set(answer["timings"])
    assert answer["support"][0]["citations"] == [1]


def test_a_stream_that_breaks_is_restarted(desk: Desk, ann: httpx.Client, shared_llm: LlmServer) -> None:
    shared_llm.script = [text("It is half ", finish=None)]
    found = events(ann, question=desk.captions[0])
    names = [name for name, _ in found]
    after = found[names.index("restarted") + 1 :]
    assert "".join(data["text"] for name, data in after if name == "piece") == found[-1][1]["answer"]
    assert found[-1][1]["composer"] == "extractive"


def test_what_cannot_be_asked_is_a_problem_and_no_stream(ann: httpx.Client) -> None:
    for asked, expected in (({"question": " "}, 422), ({"question": "x", "library": "nope"}, 404)):
        response = ann.post("/v1/ask", json=asked, headers=STREAM)
        assert response.status_code == expected
        assert response.headers["content-type"] == "application/problem+json"


def test_in_strict_mode_an_llm_that_fails_is_a_problem(desk: Desk, ann: httpx.Client, shared_llm: LlmServer) -> None:
    asked = {"question": desk.captions[0], "strict": True}
    shared_llm.script = [status(401)]
    response = ann.post("/v1/ask", json=asked)
    assert response.status_code == 502
    assert response.json()["type"].endswith("llm-refused")
    shared_llm.script = [status(429, retry_after=17)]
    response = ann.post("/v1/ask", json=asked)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "17"
    found = events(ann, **asked)
    assert [name for name, _ in found] == ["evidence", "error"]
    assert found[-1][1]["type"].endswith("llm-unavailable")


def test_hanging_up_stops_the_llm(desk: Desk, ann: httpx.Client, shared_llm: LlmServer) -> None:
    shared_llm.script = [text(*["on and on "] * 2_000, between=0.02)]
    with ann.stream("POST", "/v1/ask", json={"question": desk.captions[0]}, headers=STREAM) as response:
        for name, _ in parsed(response.iter_lines()):
            if name == "piece":
                break
    until(lambda: shared_llm.open_lines == 0)
    assert len(shared_llm.answers[-1]) < 10_000


def test_a_conversation_goes_on_and_is_read_listed_and_deleted(
    desk: Desk, ann: httpx.Client, shared_llm: LlmServer
) -> None:
    shared_llm.script = [text("Here [1].")]
    first = ann.post("/v1/ask", json={"question": desk.captions[0], "conversation": "new"}).json()
    shared_llm.script = [text(desk.captions[1]), text("There [1].")]
    second = ann.post("/v1/ask", json={"question": "and the other?", "conversation": first["conversation"]}).json()
    assert second["standalone"] == desk.captions[1]
    kept = ann.get(f"/v1/conversations/{first['conversation']}").json()
    assert [turn["question"] for turn in kept["turns"]] == [desk.captions[0], "and the other?"]
    assert kept["turns"][1]["evidence"][0]["caption"]["text"] == desk.captions[1]
    assert kept["turns"][1]["evidence"][0]["number"] == 1
    listed = ann.get("/v1/conversations").json()["conversations"]
    assert listed[0]["id"] == first["conversation"]
    assert listed[0]["turns"] == 2
    assert ann.delete(f"/v1/conversations/{first['conversation']}").status_code == 204
    assert ann.get(f"/v1/conversations/{first['conversation']}").status_code == 404
    with desk.client(headers={"X-API-Key": AUDITOR}) as ada:
        (event,) = ada.get("/v1/ledger/events", params={"kind": "conversation"}).json()["events"]
    said = {"action": "deleted", "conversation": first["conversation"], "turns": 2}
    assert (event["actor"], event["library"]) == ("ann", "")
    assert {name: value for name, value in event["body"].items() if name != "actor"} == {"door": "http", **said}


def test_conversations_come_page_by_page(desk: Desk, bob: httpx.Client, shared_llm: LlmServer) -> None:
    shared_llm.script = [text("Here [1].")]
    for caption in desk.captions[:3]:
        bob.post("/v1/ask", json={"question": caption, "conversation": "new"})
    seen, after = [], ""
    while True:
        page = bob.get("/v1/conversations", params={"limit": 2, "after": after}).json()
        seen += [one["title"] for one in page["conversations"]]
        after = page["next_page"]
        if not after:
            break
    assert seen == list(reversed(desk.captions[:3]))


def test_nobody_reads_or_continues_the_conversation_of_another(
    desk: Desk, ann: httpx.Client, bob: httpx.Client, shared_llm: LlmServer
) -> None:
    shared_llm.script = [text("Here [1].")]
    mine = ann.post("/v1/ask", json={"question": desk.captions[0], "conversation": "new"}).json()["conversation"]
    assert bob.get(f"/v1/conversations/{mine}").status_code == 404
    assert bob.delete(f"/v1/conversations/{mine}").status_code == 404
    assert bob.post("/v1/ask", json={"question": "and?", "conversation": mine}).status_code == 404
    assert mine not in bob.get("/v1/conversations").text


def test_a_deleted_picture_is_gone_from_the_conversation(tmp_path: Path) -> None:
    pictures = drawn(tmp_path / "pictures", 3)
    settings = Settings(data=tmp_path / "data")
    stock(settings, pictures)
    with serving(settings) as desk, desk.client() as client:
        caption = pictures[0][1]
        answer = client.post("/v1/ask", json={"question": caption, "conversation": "new"}).json()
        asset = answer["evidence"][0]["asset_id"]
        assert client.delete(f"/v1/assets/{asset}").status_code < 300
        kept = client.get(f"/v1/conversations/{answer['conversation']}").json()["turns"][0]
        assert asset not in [item["asset_id"] for item in kept["evidence"]]


def test_history_and_conversation_exclude_each_other(ann: httpx.Client) -> None:
    asked = {"question": "x", "conversation": "new", "history": [{"question": "a", "answer": "b"}]}
    response = ann.post("/v1/ask", json=asked)
    assert response.status_code == 422
    assert "brings its own history" in response.json()["detail"]
