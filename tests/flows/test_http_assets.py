"""Films, documents and addresses over HTTP; deletion; an encoder that is not to be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from rag.api.serve import serve
from rag.errors import EncoderBroken
from rag.settings import Settings
from rag.wiring import opened
from tests.flows.desk import PATIENCE, Desk, drawn, finished, serving, until
from tests.flows.test_http import jpeg, problem
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene
from tests.unit.sources.web_server import WebServer, web

__all__ = ["web"]


@pytest.fixture
def client(running_desk: Desk) -> Iterator[httpx.Client]:
    with running_desk.client() as client:
        yield client


def taken_in(client: httpx.Client, name: str, content: bytes, library: str) -> dict[str, Any]:
    """The asset that one uploaded file became."""
    files = [("files", (name, content))]
    (item,) = finished(client, client.post("/v1/assets", files=files, data={"library": library}).json()["job"])
    assert item["state"] == "indexed", item
    asset: dict[str, Any] = client.get(f"/v1/assets/{item['asset_id']}", params={"library": library}).json()
    return asset


# Films and documents


def test_each_page_of_a_document_is_found_shown_and_opened_at_its_place(client: httpx.Client) -> None:
    pages = ["Minutes of the meeting", "A red boat at the pier", "Three kites over the beach"]
    asset = taken_in(client, "report.pdf", pdf(pages), "paper")
    assert [visual["place"] for visual in asset["visuals"]] == ["page 1", "page 2", "page 3"]
    thumbnails = {client.get(visual["thumbnail_url"]).content for visual in asset["visuals"]}
    assert len(thumbnails) == 3
    assert client.get(asset["thumbnail_url"]).content in thumbnails

    found = client.get("/v1/search", params={"q": "a red boat at the pier", "library": "paper"}).json()["evidence"][0]
    assert (found["locator"], found["place"]) == ("page=2", "page 2")
    assert found["caption"] == {"text": pages[1], "origin": "embedded", "status": "approved", "language": ""}
    assert found["original_url"].endswith("#page=2")
    assert client.get(found["thumbnail_url"]).content == client.get(asset["visuals"][1]["thumbnail_url"]).content
    original = client.get(asset["original_url"])
    assert original.headers["content-disposition"].startswith('inline; filename="report.pdf"')
    assert original.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_film_can_be_played_from_the_moment_that_was_found(client: httpx.Client) -> None:
    content = film([(scene(0), 6), (scene(1), 6)], kind="webm")
    asset = taken_in(client, "trip.webm", content, "films")
    assert [visual["place"] for visual in asset["visuals"]] == ["0:00", "0:06"]
    first, second = (client.get(visual["thumbnail_url"]).content for visual in asset["visuals"])
    assert first != second
    part = client.get(asset["original_url"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, content[100:200])
    beyond = client.get(asset["original_url"], headers={"Range": f"bytes={len(content)}-"})
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"
    problem(beyond, 416, "range-not-satisfiable")


def test_a_picture_that_a_file_does_not_have_is_not_there(client: httpx.Client) -> None:
    asset = taken_in(client, "one.pdf", pdf(["The only page of this one"]), "paper")
    for locator in ("page=2", "../../catalog.sqlite", "t=1"):
        answer = client.get(f"/v1/assets/{asset['id']}/thumbnail", params={"library": "paper", "locator": locator})
        problem(answer, 404, "not-found")
    long = client.get(f"/v1/assets/{asset['id']}/thumbnail", params={"locator": "x" * 1000})
    problem(long, 422, "bad-request")


# Deletion


def test_what_is_deleted_is_gone_from_searches_and_from_the_desk(client: httpx.Client, tmp_path: Path) -> None:
    (path, caption), (kept, _) = drawn(tmp_path, 2, size=200, seed=601)
    for picture in (path, kept):
        files = [jpeg(picture.name, picture.read_bytes())]
        finished(
            client, client.post("/v1/assets", files=files, data={"library": "bin", "caption": caption}).json()["job"]
        )
    search = {"q": caption, "library": "bin"}
    gone = next(
        item for item in client.get("/v1/search", params=search).json()["evidence"] if item["name"] == path.name
    )
    assert client.delete(gone["asset_url"]).status_code == 204
    left = client.get("/v1/search", params=search).json()
    assert [item["name"] for item in left["evidence"]] == [kept.name]
    assert left["coverage"]["searched"] == 1
    for url in (gone["asset_url"], gone["thumbnail_url"], gone["original_url"]):
        problem(client.get(url), 404, "not-found")
    problem(client.delete(gone["asset_url"]), 404, "not-found")


# Addresses


@pytest.fixture(scope="module")
def fetching_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose operator lets it fetch from this machine."""
    folder = tmp_path_factory.mktemp("fetching-desk")
    ports = tuple(range(1024, 65536))
    settings = Settings(data=folder / "data", fetch_private=("127.0.0.0/8",), fetch_ports=ports, fetch_seconds=20)
    with serving(settings) as desk:
        yield Desk(desk.url, folder)


def test_addresses_are_fetched_after_the_answer_and_each_stands_or_falls_alone(
    fetching_desk: Desk, web: WebServer
) -> None:
    urls = [web.url(path) for path in ("/picture.jpg", "/status/404", "/bomb")]
    with fetching_desk.client() as client:
        asked = client.post("/v1/assets/urls", json={"urls": urls, "library": "web", "caption": "From afar"})
        assert asked.status_code == 202, asked.text
        assert asked.headers["location"] == asked.json()["url"]
        items = finished(client, asked.json())
        assert [item["state"] for item in items] == ["indexed", "skipped", "skipped"]
        assert "404" in items[1]["reason"]
        asset = client.get(f"/v1/assets/{items[0]['asset_id']}").json()
        assert [caption["text"] for caption in asset["captions"]] == ["From afar"]


def test_addresses_inside_are_refused_and_never_asked(client: httpx.Client, web: WebServer) -> None:
    urls = [web.url("/picture.jpg"), "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"]
    items = finished(client, client.post("/v1/assets/urls", json={"urls": urls, "library": "inside"}).json())
    assert [item["state"] for item in items] == ["skipped"] * 3
    assert all(item["reason"] for item in items)
    assert web.asked == []


@pytest.mark.parametrize("body", [{"urls": []}, {"urls": ["http://x"] * 101}, {"urls": [""]}, {"url": "http://x"}])
def test_requests_for_no_or_too_many_addresses(client: httpx.Client, body: dict[str, Any]) -> None:
    problem(client.post("/v1/assets/urls", json=body), 422, "bad-request")
    named = client.post("/v1/assets/urls", json={"urls": ["http://x"], "library": "No Name!"})
    problem(named, 422, "bad-query")


# An encoder that is not to be trusted


@pytest.fixture
def changed_canary(tmp_path: Path) -> Settings:
    """An installation whose encoder is on record as seeing something else."""
    settings = Settings(data=tmp_path / "data", port=0)
    with opened(settings) as services:
        encoder = services.encoder
        vector = np.zeros(encoder.dim, dtype=np.float32)
        vector[0] = 1.0
        services.catalog.canary(encoder.id, vector)
    return settings


def test_an_encoder_that_sees_something_else_searches_and_indexes_nothing_and_readiness_says_so(
    changed_canary: Settings, tmp_path: Path
) -> None:
    from fastapi.testclient import TestClient

    from rag.api.app import create_app
    from rag.wiring import WiredServices

    content = drawn(tmp_path / "drawn", 1, size=200)[0][0].read_bytes()
    with TestClient(create_app(WiredServices(changed_canary)), base_url="http://127.0.0.1") as client:
        until(lambda: client.get("/readyz").json()["parts"]["encoder"] == "broken")
        assert client.get("/readyz").status_code == 503
        assert "sees the canary picture differently" in client.get("/v1/status").json()["trouble"]
        for refused in (
            client.get("/v1/search", params={"q": "a boat"}),
            client.post("/v1/assets", files=[jpeg("a.jpg", content)]),
        ):
            assert (refused.status_code, refused.json()["type"]) == (500, "urn:picturedesk:problem:encoder-broken")


def test_the_server_ends_with_the_reason_when_its_encoder_is_not_to_be_trusted(changed_canary: Settings) -> None:
    with pytest.raises(EncoderBroken, match="sees the canary picture differently"):
        serve(changed_canary, say=lambda line: None)


def test_the_limits_of_a_desk_are_those_of_its_settings(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", max_bytes=2000)
    content = drawn(tmp_path / "drawn", 1, size=200)[0][0].read_bytes()
    with serving(settings) as desk, desk.client(headers={}) as client:
        refused = client.post("/v1/assets", files=[jpeg("large.jpg", content)], timeout=PATIENCE)
        assert "over the limit of 2,000 bytes" in problem(refused, 415, "unsupported-media")["detail"]
