"""Several keys on one desk: each actor sees its own libraries, and nothing tells of the others."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import httpx
import pytest

from rag.settings import ApiKey, Settings
from tests.flows.desk import Desk, drawn, finished, serving
from tests.flows.test_http import jpeg, problem

NEWS_READER, SPORT_READER, EDITOR = "news-key", "sport-key", "editor-key"
AUDITOR, NEWS_AUDITOR = "auditor-key", "news-auditor-key"


def key(secret: str, *roles: str, libraries: set[str]) -> ApiKey:
    digest = sha256(secret.encode()).hexdigest()
    return ApiKey(sha256=digest, actor=secret, roles=frozenset(roles), libraries=frozenset(libraries))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("keyed-desk")
    keys = (
        key(NEWS_READER, "reader", libraries={"news"}),
        key(SPORT_READER, "reader", libraries={"sport"}),
        key(EDITOR, "editor", libraries={"news", "sport"}),
        key(AUDITOR, "auditor", libraries={"*"}),
        key(NEWS_AUDITOR, "auditor", libraries={"news"}),
    )
    pictures = drawn(folder / "pictures", 2, size=200)
    with serving(Settings(data=folder / "data", api_keys=keys)) as desk:
        with as_actor(desk, EDITOR) as editor:
            for library, (path, _) in zip(("news", "sport"), pictures, strict=True):
                data = {"library": library, "caption": f"A picture of the {library} desk"}
                taken = editor.post("/v1/assets", files=[jpeg(f"{library}.jpg", path.read_bytes())], data=data)
                finished(editor, taken.json()["job"])
        yield desk


def as_actor(desk: Desk, secret: str) -> httpx.Client:
    return desk.client(headers={"Authorization": f"Bearer {secret}"})


def assets_of(desk: Desk, library: str) -> dict[str, str]:
    with as_actor(desk, EDITOR) as editor:
        found: dict[str, str] = editor.get("/v1/assets", params={"library": library}).json()["assets"][0]
    return found


def test_each_reader_finds_only_its_own(desk: Desk) -> None:
    for secret, library in ((NEWS_READER, "news"), (SPORT_READER, "sport")):
        with as_actor(desk, secret) as client:
            assert client.get("/v1/libraries").json() == {"libraries": [library]}
            found = client.post("/v1/search", json={"query": "a picture of the desk"}).json()
            assert [item["library"] for item in found["evidence"]] == [library]
            assert found["coverage"]["searched"] == 1
            asked = client.post("/v1/ask", json={"question": f"A picture of the {library} desk"}).json()
            assert {item["library"] for item in asked["evidence"]} <= {library}


def test_a_page_token_is_good_for_its_owner_alone_and_shows_nothing_hidden_since(desk: Desk) -> None:
    with as_actor(desk, EDITOR) as editor:
        first = editor.post("/v1/search", json={"query": "a picture of the desk", "top_k": 1}).json()
        token = first["next_page"]
        (second,) = editor.post("/v1/search", json={"page": token}).json()["evidence"]
        assert {first["evidence"][0]["library"], second["library"]} == {"news", "sport"}
    for secret in (NEWS_READER, AUDITOR):
        with as_actor(desk, secret) as client:
            refused = problem(client.post("/v1/search", json={"page": token}), 422, "bad-query")
            assert "no token of a search of yours" in refused["detail"]


def test_a_visual_of_another_library_cannot_be_searched_by(desk: Desk) -> None:
    with as_actor(desk, SPORT_READER) as client:
        (hidden,) = client.post("/v1/search", json={"query": "a picture"}).json()["evidence"]
    with as_actor(desk, NEWS_READER) as client:
        refused = client.post("/v1/search", json={"wanted": [{"visual": hidden["visual_id"]}]})
        assert "there is no visual" in problem(refused, 404, "not-found")["detail"]
        assert client.post("/v1/search", json={"query": "x library:sport"}).status_code == 404


def test_another_library_is_as_if_it_were_not_there(desk: Desk) -> None:
    sport = assets_of(desk, "sport")
    with as_actor(desk, NEWS_READER) as client:
        for path in (
            f"/v1/assets/{sport['id']}",
            f"/v1/assets/{sport['id']}?library=sport",
            sport["thumbnail_url"],
            sport["original_url"],
        ):
            problem(client.get(path), 404, "not-found")
        for body in ({"query": "x", "library": "sport"}, {"query": "x", "library": "never-made"}):
            answer = problem(client.post("/v1/search", json=body), 404, "not-found")
            assert "news" in answer["detail"]
        assert client.get("/v1/assets", params={"library": "sport"}).json()["assets"] == []


def test_jobs_are_for_those_who_may_read_their_library(desk: Desk) -> None:
    with as_actor(desk, EDITOR) as editor:
        content = drawn(desk.folder / "more", 1, size=200, seed=5)[0][0].read_bytes()
        job = editor.post("/v1/assets", files=[jpeg("a.jpg", content)], data={"library": "sport"}).json()["job"]
        finished(editor, job)
    with as_actor(desk, SPORT_READER) as reader:
        assert reader.get(job["url"]).status_code == 200
    with as_actor(desk, NEWS_READER) as stranger:
        problem(stranger.get(job["url"]), 404, "not-found")
        problem(stranger.get(job["items_url"]), 404, "not-found")


def test_readers_add_nothing_and_editors_only_to_their_own(desk: Desk) -> None:
    files = [jpeg("a.jpg", b"\xff\xd8\xff")]
    with as_actor(desk, NEWS_READER) as reader:
        problem(reader.post("/v1/assets", files=files, data={"library": "news"}), 403, "not-allowed")
    with as_actor(desk, EDITOR) as editor:
        problem(editor.post("/v1/assets", files=files, data={"library": "elsewhere"}), 403, "not-allowed")


def test_readers_change_nothing_and_strangers_find_nothing_to_change(desk: Desk) -> None:
    sport = assets_of(desk, "sport")
    with as_actor(desk, EDITOR) as editor:
        job = editor.post("/v1/assets", files=[jpeg("no.txt", b"a"), jpeg("no.md", b"b")], data={"library": "sport"})
    url = job.json()["job"]["url"]
    asset = f"/v1/assets/{sport['id']}"
    attempts = [("DELETE", asset), ("POST", f"{asset}/retry"), ("POST", f"{url}/cancel"), ("POST", f"{url}/retry")]
    for secret, status, kind in ((SPORT_READER, 403, "not-allowed"), (NEWS_READER, 404, "not-found")):
        with as_actor(desk, secret) as client:
            for method, path in attempts:
                problem(client.request(method, path), status, kind)
            urls = {"urls": ["http://example.org/a.jpg"], "library": "sport"}
            problem(client.post("/v1/assets/urls", json=urls), 403, "not-allowed")
            listed = client.get("/v1/jobs").json()["jobs"]
            assert {job["library"] for job in listed} == ({"sport"} if status == 403 else {"news"})
    with as_actor(desk, NEWS_READER) as stranger:
        problem(stranger.get(f"{url}/events"), 404, "not-found")
    assert assets_of(desk, "sport") == sport


def test_the_ledger_is_for_auditors(desk: Desk) -> None:
    paths = ("/v1/ledger/events", "/v1/ledger/events/0", "/v1/ledger/verify")
    for secret in (NEWS_READER, EDITOR):
        with as_actor(desk, secret) as client:
            client.post("/v1/search", json={"query": "anything"})
            for path in paths:
                problem(client.get(path), 403, "not-allowed")
    with as_actor(desk, AUDITOR) as auditor:
        assert auditor.get("/v1/ledger/verify").json()["holds"] is True
        assert auditor.get("/v1/ledger/events").json()["events"][0]["actor"] == EDITOR
    with as_actor(desk, NEWS_AUDITOR) as auditor:
        auditor.get("/v1/search", params={"q": "anything", "library": "news"})
        assert {event["library"] for event in auditor.get("/v1/ledger/events").json()["events"]} == {"news"}


def test_without_a_key_there_is_only_the_page(desk: Desk) -> None:
    with desk.client() as client:
        for path in ("/", "/healthz", "/readyz", "/openapi.json"):
            assert client.get(path).status_code == 200
        for path in ("/v1/status", "/v1/libraries", "/v1/search?q=x", "/v1/ledger/events", "/v1/jobs/x"):
            refused = client.get(path)
            problem(refused, 401, "unauthenticated")
            assert refused.headers["www-authenticate"].startswith("Bearer")
        problem(client.get("/v1/status", headers={"X-API-Key": "wrong"}), 401, "unauthenticated")
        problem(client.post("/v1/session", json={"key": "wrong"}), 401, "unauthenticated")


def test_a_session_cookie_stands_for_the_key(desk: Desk) -> None:
    with desk.client() as client:
        begun = client.post("/v1/session", json={"key": NEWS_READER})
        assert begun.json()["actor"] == NEWS_READER
        cookie = begun.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/v1/libraries").json() == {"libraries": ["news"]}
        assert client.delete("/v1/session").status_code == 204
        problem(client.get("/v1/libraries"), 401, "unauthenticated")


def test_the_status_tells_readers_nothing_about_the_house(desk: Desk) -> None:
    with as_actor(desk, NEWS_READER) as client:
        status = client.get("/v1/status").json()
    assert status["profile"] is None
    assert (status["may_upload"], status["may_audit"]) == (False, False)
    assert status["libraries"] == ["news"]
