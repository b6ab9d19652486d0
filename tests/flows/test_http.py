"""HTTP as a program speaks it: a real server, real files, real problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.desk import Desk, drawn, finished

PROBLEM = "application/problem+json"
ABSENT = "0" * 64


@pytest.fixture
def client(running_desk: Desk) -> Iterator[httpx.Client]:
    with running_desk.client() as client:
        yield client


@pytest.fixture
def pictures(tmp_path: Path) -> list[bytes]:
    """Four pictures that no other test has."""
    seed = hash(tmp_path.name) % 10_000 + 100
    return [path.read_bytes() for path, _ in drawn(tmp_path / "drawn", 4, size=200, seed=seed)]


def problem(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem that a response is, checked for the shape that all of them have."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    body: dict[str, Any] = response.json()
    assert body["type"] == f"urn:picturedesk:problem:{kind}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == response.request.url.path
    assert "Traceback" not in response.text
    return body


def jpeg(name: str, content: bytes) -> tuple[str, tuple[str, bytes, str]]:
    return "files", (name, content, "image/jpeg")


# The whole way


def test_upload_search_ask_and_the_ledger_that_has_it_all(client: httpx.Client, pictures: list[bytes]) -> None:
    said = {"library": "trip", "caption": "A zebra reading the newspaper", "tags": "zebra, paper", "licence": "CC0-1.0"}
    taken = client.post("/v1/assets", files=[jpeg("zebra.jpg", pictures[0])], data=said)
    assert taken.status_code == 202, taken.text
    job = taken.json()["job"]
    assert taken.headers["location"] == job["url"]
    (item,) = finished(client, job)
    assert item["state"] == "indexed", item

    found = client.post("/v1/search", json={"query": "zebra newspaper", "library": "trip"}).json()
    (evidence,) = found["evidence"]
    assert evidence["number"] == 1
    assert evidence["asset_id"] == item["asset_id"]
    assert evidence["caption"]["text"] == "A zebra reading the newspaper"
    assert evidence["caption"]["origin"] == "human"
    assert evidence["tags"] == ["zebra", "paper"]
    assert 0 <= evidence["relevance"] <= 1
    assert evidence["ranks"]["bm25"] == 1
    assert found["coverage"]["text"] == "searched 1 visuals"
    assert found["encoder"]["demo"] is True

    asked = client.post("/v1/ask", json={"question": "A zebra reading the newspaper", "library": "trip"}).json()
    assert asked["abstained"] is False
    assert asked["citations"] == [1]
    assert "[1]" in asked["answer"]
    assert asked["composer"] == "extractive"
    assert asked["notices"]
    recorded, answered = asked["events"]
    event = client.get(f"/v1/ledger/events/{answered}").json()
    assert event["kind"] == "answer"
    assert event["body"]["retrieval"] == recorded
    assert event["body"]["text"] == asked["answer"]
    assert client.get(f"/v1/ledger/events/{found['event']}").json()["body"]["query"]["text"] == "zebra newspaper"
    verified = client.get("/v1/ledger/verify").json()
    assert (verified["holds"], verified["fault"], verified["notices"]) == (True, None, [])


def test_a_picture_is_found_by_its_caption_among_the_others(client: httpx.Client, running_desk: Desk) -> None:
    caption = running_desk.captions[3]
    found = client.get("/v1/search", params={"q": caption, "library": "default", "k": 3}).json()
    assert len(found["evidence"]) == 3
    assert found["evidence"][0]["caption"]["text"] == caption
    assert [item["number"] for item in found["evidence"]] == [1, 2, 3]
    assert found["coverage"]["searched"] == len(running_desk.captions)


def test_a_filter_narrows_the_search(client: httpx.Client, pictures: list[bytes]) -> None:
    for content, tag in zip(pictures[:2], ("harbour", "forest"), strict=True):
        data = {"library": "filters", "tags": tag}
        finished(client, client.post("/v1/assets", files=[jpeg(f"{tag}.jpg", content)], data=data).json()["job"])
    wanted = {"query": "anything", "library": "filters"}
    assert len(client.post("/v1/search", json=wanted).json()["evidence"]) == 2
    only = {"and": [{"field": "tags", "eq": "harbour"}, {"not": {"field": "tags", "eq": "forest"}}]}
    (evidence,) = client.post("/v1/search", json={**wanted, "where": only}).json()["evidence"]
    assert evidence["tags"] == ["harbour"]
    body = problem(client.post("/v1/search", json={**wanted, "where": {"field": "smell", "eq": "x"}}), 422, "bad-query")
    assert "smell" in body["detail"]


def test_what_the_library_cannot_answer_is_not_answered(client: httpx.Client) -> None:
    client.post("/v1/assets", files=[jpeg("x.jpg", b"")], data={"library": "hollow"})
    asked = client.post("/v1/ask", json={"question": "Who won the match?", "library": "hollow"}).json()
    assert asked["abstained"] is True
    assert asked["citations"] == asked["evidence"] == []
    assert len(asked["events"]) == 2


def test_the_same_file_twice_is_one_asset(client: httpx.Client, pictures: list[bytes]) -> None:
    def upload() -> dict[str, Any]:
        files = [jpeg("again.jpg", pictures[0])]
        job = client.post("/v1/assets", files=files, data={"library": "twice"}).json()["job"]
        finished(client, job)
        found: dict[str, Any] = client.get(job["url"]).json()
        return found

    first, second = upload(), upload()
    assert (first["known"], second["known"]) == (0, 1)
    assert len(client.get("/v1/assets", params={"library": "twice"}).json()["assets"]) == 1


# Files that are no good, among some that are


def test_bad_files_have_their_reasons_and_the_rest_goes_on(client: httpx.Client, pictures: list[bytes]) -> None:
    good, cut, spaced, japanese = pictures
    files = [
        jpeg("good.jpg", good),
        jpeg("empty.jpg", b""),
        jpeg("notes.jpg", b"these are words, not a picture"),
        jpeg("cut.jpg", cut[: len(cut) // 2]),
        jpeg("two words\nand a line.jpg", spaced),
        jpeg("写真 — été.jpg", japanese),
    ]
    taken = client.post("/v1/assets", files=files, data={"library": "mixed"})
    assert taken.status_code == 202
    items = finished(client, taken.json()["job"])
    assert [item["state"] for item in items] == ["indexed", "skipped", "skipped", "quarantined", "indexed", "indexed"]
    assert "0 bytes" in items[1]["reason"]
    assert "text/plain" in items[2]["reason"]
    assert "cannot be decoded" in items[3]["reason"]
    assert re.fullmatch(r"two words(\n|%0A)and a line.jpg", items[4]["name"])
    assert items[5]["name"] == "写真 — été.jpg"
    skipped = client.get(taken.json()["job"]["items_url"], params={"state": "skipped"}).json()
    assert [item["name"] for item in skipped["items"]] == ["empty.jpg", "notes.jpg"]


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "0 bytes"), (b"plain words", "text/plain"), (b"<svg onload=alert(1)>", "image/svg+xml")]
)
def test_a_single_file_that_is_refused_is_a_problem(client: httpx.Client, content: bytes, why: str) -> None:
    refused = client.post("/v1/assets", files=[jpeg("single.jpg", content)], data={"library": "single"})
    body = problem(refused, 415, "unsupported-media")
    assert "single.jpg" in body["detail"]
    assert why in body["detail"]


def test_uploads_that_cannot_be_one(client: httpx.Client, pictures: list[bytes]) -> None:
    assert "files" in problem(client.post("/v1/assets", data={"library": "x"}), 422, "bad-request")["detail"]
    many = [jpeg(f"{n}.jpg", b"") for n in range(101)]
    assert "100" in problem(client.post("/v1/assets", files=many), 422, "bad-request")["detail"]
    name = client.post("/v1/assets", files=[jpeg("a.jpg", pictures[0])], data={"library": "No Name!"})
    assert "No Name!" in problem(name, 422, "bad-query")["detail"]
    long = client.post("/v1/assets", files=[jpeg("a.jpg", pictures[0])], data={"caption": "x" * 10_001})
    assert "caption" in problem(long, 422, "bad-request")["detail"]


# Questions and requests that are no good


@pytest.mark.parametrize("length", [0, 100_000])
def test_questions_of_no_or_too_many_characters(client: httpx.Client, length: int) -> None:
    question = "写" * length
    expected = "100,000 characters; at most 4,000" if length else "empty"
    for refused in (
        client.post("/v1/ask", json={"question": question}),
        client.post("/v1/search", json={"query": question}),
    ):
        assert expected in problem(refused, 422, "bad-query")["detail"]


def test_a_link_with_too_long_a_question_is_refused_in_words(client: httpx.Client) -> None:
    refused = client.get("/v1/search", params={"q": "x" * 65_000})
    assert "at most 4,000" in problem(refused, 422, "bad-query")["detail"]
    problem(client.get("/v1/search", params={"q": ""}), 422, "bad-query")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b"[]", "body"),
        (b'{"query": 7}', "body.query"),
        (b'{"query": "\\ud800"}', "body.query"),
        (b'{"query": "x", "topk": 3}', "body.topk"),
        (b'{"query": "x", "top_k": "many"}', "body.top_k"),
        (b'{"query": "x", "where": {"field": "tags"}}', "body.where"),
        (b'{"query": ' + b"[" * 5000 + b"]" * 5000 + b"}", "body"),
    ],
)
def test_json_that_cannot_stand_names_the_field(client: httpx.Client, body: bytes, names: str) -> None:
    refused = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422), refused.text
    assert names in problem(refused, refused.status_code, "bad-request")["detail"]


@pytest.mark.parametrize(("top_k", "library", "status"), [(0, None, 422), (101, None, 422), (8, "nowhere", 404)])
def test_numbers_and_libraries_out_of_range(client: httpx.Client, top_k: int, library: str | None, status: int) -> None:
    body = {"query": "x", "top_k": top_k, **({"library": library} if library else {})}
    problem(client.post("/v1/search", json=body), status, "bad-query" if status == 422 else "not-found")


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/assets/{ABSENT}",
        f"/v1/assets/{ABSENT}/thumbnail",
        f"/v1/assets/{ABSENT}/original?library=default",
        "/v1/assets/%00..%2F..%2Fetc",
        "/v1/jobs/nothing",
        "/v1/jobs/nothing/items",
        "/v1/ledger/events/999999",
        "/v1/ledger/events/99999999999999999999999",
        "/v1/status?library=nowhere",
        "/v1/nothing",
        "/static/../app.py",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_404(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404, "not-found")


def test_other_refusals_are_problems_too(client: httpx.Client) -> None:
    problem(client.put("/v1/ask"), 405, "method-not-allowed")
    large = b'{"query": "' + b"x" * (3 * 1024 * 1024) + b'"}'
    json_type = {"Content-Type": "application/json"}
    problem(client.post("/v1/search", content=large, headers=json_type), 413, "content-too-large")
    in_pieces = (large[start : start + 65_536] for start in range(0, len(large), 65_536))
    problem(client.post("/v1/search", content=in_pieces, headers=json_type), 413, "content-too-large")
    problem(client.get("/v1/ledger/events", params={"limit": 0}), 422, "bad-request")


# Pictures on their way out


def test_pictures_come_with_safe_headers_and_are_kept_by_the_browser(client: httpx.Client, running_desk: Desk) -> None:
    asset = client.get("/v1/assets", params={"library": "default", "limit": 1}).json()["assets"][0]
    thumbnail = client.get(asset["thumbnail_url"])
    assert thumbnail.headers["content-type"] == "image/jpeg"
    original = client.get(asset["original_url"])
    assert original.content == (running_desk.folder / "pictures" / asset["name"]).read_bytes()
    assert original.headers["content-type"] == "image/jpeg"
    assert original.headers["content-disposition"].startswith(f'inline; filename="{asset["name"]}"')
    for response in (thumbnail, original):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in response.headers["content-security-policy"]
        assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
        again = client.get(response.url, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_page_runs_only_what_comes_from_here(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    assert all(source.startswith(("/", "#")) for source in sources)
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page.text)


# How the desk stands


def test_status_and_health(client: httpx.Client, running_desk: Desk) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["parts"] == {"catalog": "ok", "store": "ok", "encoder": "ok", "queue": "ok"}
    status = client.get("/v1/status", params={"library": "default"}).json()
    assert status["coverage"]["searched"] == len(running_desk.captions)
    assert status["encoder"]["demo"] is True
    assert status["composer"] == "extractive"
    assert status["profile"]["database"].startswith("sqlite:///")
    assert "default" in client.get("/v1/libraries").json()["libraries"]


def test_the_ledger_is_read_in_pages(client: httpx.Client) -> None:
    for word in ("one", "two", "three"):
        client.post("/v1/search", json={"query": word, "library": "default"})
    newest = client.get("/v1/ledger/events", params={"kind": "retrieval", "limit": 2}).json()
    assert [event["body"]["query"]["text"] for event in newest["events"]] == ["three", "two"]
    older = client.get("/v1/ledger/events", params={"kind": "retrieval", "before": newest["next_before"]}).json()
    assert older["events"][0]["body"]["query"]["text"] == "one"


# Strangers on this machine


def test_a_foreign_name_for_this_machine_is_refused(client: httpx.Client) -> None:
    for path in ("/", "/v1/status", "/healthz"):
        problem(client.get(path, headers={"Host": "evil.example"}), 403, "not-allowed")


def test_another_sites_page_can_neither_send_nor_search(client: httpx.Client, pictures: list[bytes]) -> None:
    files = [jpeg("a.jpg", pictures[0])]
    problem(client.post("/v1/assets", files=files, headers={"Origin": "http://evil.example"}), 403, "not-allowed")
    problem(client.get("/v1/search?q=x", headers={"Sec-Fetch-Site": "cross-site"}), 403, "not-allowed")
