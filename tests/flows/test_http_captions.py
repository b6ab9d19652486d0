"""The editor's desk over HTTP: drafts, their review, checks, exports; and what is refused."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.settings import ApiKey, Settings
from tests.flows.desk import Desk, drawn, serving, stock

KEYS = {"eve": "editor", "rita": "reader"}


def headers(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer key of {name}"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("http-captions")
    pictures = drawn(folder / "pictures", 6)
    stock(Settings(data=folder / "data"), [*pictures[:4], *((path, "") for path, _ in pictures[4:])])
    keys = tuple(
        ApiKey(
            sha256=sha256(f"key of {name}".encode()).hexdigest(),
            actor=name,
            roles=frozenset({role}),
            libraries=frozenset({"default"}),
        )
        for name, role in KEYS.items()
    )
    with serving(Settings(data=folder / "data", api_keys=keys)) as desk:
        yield Desk(desk.url, folder)
    shutil.rmtree(folder / "data")


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client(headers=headers("eve")) as client:
        yield client


@pytest.fixture
def visual(client: httpx.Client) -> str:
    found = client.get("/v1/search", params={"q": "a picture", "k": 6}).json()["evidence"]
    return min(str(item["visual_id"]) for item in found)


def made(client: httpx.Client, visual: str, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/captions/drafts", json={"visual": visual, "form": "alt", "count": 1, **more})
    assert response.status_code == 200, response.text
    first: dict[str, Any] = response.json()["drafts"][0]
    return first


def test_a_draft_is_edited_approved_and_found(client: httpx.Client, visual: str) -> None:
    draft = made(client, visual)
    assert draft["state"] == "draft"
    assert draft["composer"] == "composed"
    path = f"/v1/captions/drafts/{draft['id']}"
    edited = client.patch(path, json={"text": "A walrus on a bicycle", "reason": "it is", "revision": 0}).json()
    assert (edited["state"], edited["drafted"]) == ("edited", draft["text"])
    approved = client.post(f"{path}/approve", json={"revision": edited["revision"]}).json()
    assert approved["state"] == "approved"
    assert [(step["state"], step["actor"]) for step in approved["steps"]] == [("edited", "eve"), ("approved", "eve")]
    assert "+walrus" in approved["steps"][0]["difference"]
    query = {"query": "A walrus on a bicycle", "channels": ["caption"], "top_k": 1}
    (hit,) = client.post("/v1/search", json=query).json()["evidence"]
    assert (hit["visual_id"], hit["matched"]["origin"]) == (visual, "generated")
    assert client.get(path).json() == approved


def test_a_decision_that_came_too_late_is_a_409(client: httpx.Client, visual: str) -> None:
    draft = made(client, visual)
    path = f"/v1/captions/drafts/{draft['id']}"
    client.patch(path, json={"text": "A first text"})
    stale = client.post(f"{path}/approve", json={"revision": 0})
    assert stale.status_code == 409
    assert client.post(f"{path}/reject", json={"reason": "dull"}).status_code == 200
    late = client.post(f"{path}/approve")
    assert (late.status_code, late.json()["type"]) == (409, "urn:picturedesk:problem:already-decided")
    assert client.patch(path, json={"text": "New"}).status_code == 409


def test_an_upload_is_drafted_and_not_kept(client: httpx.Client, desk: Desk) -> None:
    picture = next(Path(desk.folder, "pictures").glob("*.jpg"))
    files = {"file": (picture.name, picture.read_bytes())}
    request = {"form": "social", "count": 1, "library": "default"}
    path = "/v1/captions/drafts/upload"
    response = client.post(path, files=files, data={"request": json.dumps(request)}, headers=headers("rita"))
    assert response.status_code == 200, response.text
    assert response.json()["drafts"][0]["id"] is None
    for bad, status in (({"form": "poem"}, 422), ({"form": "alt", "library": "secret"}, 404)):
        assert client.post(path, files=files, data={"request": json.dumps(bad)}).status_code == status
    broken = client.post(path, files={"file": ("a.jpg", b"x")}, data={"request": json.dumps(request)})
    assert broken.status_code == 415


def test_any_text_is_checked(client: httpx.Client, visual: str) -> None:
    text = "Image of Angela Merkel"
    body = {"visual": visual, "form": "alt", "text": text, "style": {"banned": ["image"]}}
    findings = client.post("/v1/captions/lint", json=body, headers=headers("rita")).json()["findings"]
    assert {"image-of", "unsourced-name", "banned-phrase"} <= {finding["code"] for finding in findings}
    assert all(text[one["start"] : one["end"]] == one["words"] for one in findings)


def test_drafts_are_listed_page_by_page(client: httpx.Client, visual: str) -> None:
    made(client, visual, form="news", count=3)
    made(client, visual)
    first = client.get("/v1/captions/drafts", params={"visual": visual, "state": "draft", "limit": 1}).json()
    rest = client.get("/v1/captions/drafts", params={"visual": visual, "state": "draft", "after": first["next"]})
    assert len(first["drafts"]) == 1
    assert first["drafts"][0]["id"] not in {one["id"] for one in rest.json()["drafts"]}
    news = client.get("/v1/captions/drafts", params={"form": "news"}).json()["drafts"]
    assert {one["form"] for one in news} == {"news"}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xmp"])
def test_approved_texts_are_given_out(client: httpx.Client, visual: str, kind: str) -> None:
    draft = made(client, visual)
    client.post(f"/v1/captions/drafts/{draft['id']}/approve", json={"text": "A walrus in a hat"})
    response = client.get("/v1/captions/export", params={"format": kind}, headers=headers("rita"))
    assert response.status_code == 200
    assert "attachment" in response.headers["content-disposition"]
    if kind == "xmp":
        archive = zipfile.ZipFile(io.BytesIO(response.content))
        content = b"".join(archive.read(name) for name in archive.namelist())
    else:
        content = response.content
    assert b"A walrus in a hat" in content


def test_what_is_not_allowed_not_there_or_not_well_said_is_a_problem(client: httpx.Client, visual: str) -> None:
    wish = {"visual": visual, "form": "alt"}
    draft = made(client, visual)
    path = f"/v1/captions/drafts/{draft['id']}"
    assert client.post("/v1/captions/drafts", json=wish, headers=headers("rita")).status_code == 403
    assert client.post(f"{path}/approve", headers=headers("rita")).status_code == 403
    assert client.get(path, headers=headers("rita")).status_code == 200
    assert client.get("/v1/captions/drafts/00000000-0000-4000-8000-000000000000").status_code == 404
    assert client.post("/v1/captions/drafts", json=wish | {"visual": "nothing"}).status_code == 404
    for bad in ({"count": 11}, {"facts": {"Who": "x"}}, {"language": "x y"}, {"form": "poem"}, {"colour": 1}):
        assert client.post("/v1/captions/drafts", json=wish | bad).status_code == 422, bad
    assert client.post(f"{path}/reject", json={"reason": ""}).status_code == 422
    assert client.get("/v1/captions/export", params={"library": "secret"}).status_code == 404
