"""Classification over HTTP: a few, an upload, a whole library as a stream, tags and back; and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.desk import Desk

LABELS = ["car", "cat", "boat", "person", "pie chart"]


@pytest.fixture
def client(running_desk: Desk) -> Iterator[httpx.Client]:
    with running_desk.client() as client:
        yield client


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """Server-sent events with their data."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in response.text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]


def test_a_library_streams_its_results_and_ends_with_the_counts(client: httpx.Client) -> None:
    response = client.post("/v1/classify/library", json={"labels": LABELS})
    assert response.headers["content-type"].startswith("text/event-stream")
    *pages, (last, counts) = events(response)
    results = [result for name, page in pages if name == "results" for result in page["results"]]
    assert last == "done"
    assert counts["assets"] == len(results)
    assert counts["none"] + sum(counts["labels"].values()) == counts["assets"]
    assert pages[-1][1]["done"] == counts["visuals"]
    ids = [result["visual"] for result in results[:3]]
    few = client.post("/v1/classify", json={"labels": LABELS, "visuals": ids}).json()
    assert [result["label"] for result in few["results"]] == [result["label"] for result in results[:3]]
    assert all(0 <= result["confidence"] <= 1 for result in few["results"])
    assert client.get(f"/v1/ledger/events/{few['event']}").json()["kind"] == "classification"


def test_an_upload_is_classified_and_not_kept(client: httpx.Client, running_desk: Desk) -> None:
    picture = next(Path(running_desk.folder, "pictures").glob("*.jpg"))
    files = {"file": (picture.name, picture.read_bytes())}
    response = client.post("/v1/classify/upload", files=files, data={"labels": "car,cat,boat"})
    assert response.status_code == 200
    (result,) = response.json()["results"]
    assert result["asset"] is None
    assert {likely["label"] for likely in result["likeliest"]} == {"car", "cat", "boat"}
    broken = client.post("/v1/classify/upload", files={"file": ("a.jpg", b"nothing")}, data={"labels": "car"})
    assert broken.status_code == 415


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/classify/library", {"labels": []}, "labels"),
        ("/v1/classify/library", {"labels": [str(at) for at in range(10_000)]}, "labels"),
        ("/v1/classify", {"labels": [], "visuals": ["x"]}, "labels"),
        ("/v1/classify/library", {"labels": ["a"], "min_confidence": 2}, "min_confidence"),
        ("/v1/classify/library", {"labels": ["a"], "template": "nothing"}, "template"),
        ("/v1/classify/library", {"labels": ["a"], "lables": ["a"]}, "lables"),
        ("/v1/classify", {"labels": ["a"]}, "visuals"),
        ("/v1/classify", {"labels": ["a"], "visuals": ["x"], "tag": True}, "tag"),
    ],
)
def test_what_cannot_be_asked_is_a_422_that_names_the_field(
    client: httpx.Client, path: str, body: dict[str, Any], field: str
) -> None:
    response = client.post(path, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert field in response.text
    if field == "labels":
        assert "1" in response.json()["detail"]


def test_an_unknown_visual_or_library_is_a_404(client: httpx.Client) -> None:
    missing = client.post("/v1/classify", json={"labels": ["a"], "visuals": ["0" * 8 + "-0000-5000-8000-" + "0" * 12]})
    assert missing.status_code == 404
    assert client.post("/v1/classify/library", json={"labels": ["a"], "library": "nobody"}).status_code == 404
