"""Searching over HTTP: by words and pictures, page after page, with every hit explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.desk import Desk, drawn, finished
from tests.flows.test_http import jpeg, problem

ABSENT = "0b6b1c6e-6a0f-5c1e-9d0e-3d8a6a1b2c3d"


@pytest.fixture
def client(running_desk: Desk) -> Iterator[httpx.Client]:
    with running_desk.client() as client:
        yield client


def search(client: httpx.Client, **asked: Any) -> dict[str, Any]:
    response = client.post("/v1/search", json={"library": "default", **asked})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def visuals(found: dict[str, Any]) -> list[str]:
    return [item["visual_id"] for item in found["evidence"]]


def take(client: httpx.Client, library: str, files: list[tuple[str, bytes]], **said: str) -> None:
    uploads = [jpeg(name, content) for name, content in files]
    finished(client, client.post("/v1/assets", files=uploads, data={"library": library, **said}).json()["job"])


# By pictures


def test_a_picture_finds_itself_and_is_recorded_by_its_hash_alone(client: httpx.Client, running_desk: Desk) -> None:
    content = (running_desk.folder / "pictures" / "03.jpg").read_bytes()
    request = json.dumps({"library": "default", "top_k": 5})
    found = client.post("/v1/search/by-image", files={"like": ("x.jpg", content)}, data={"request": request}).json()
    assert len(found["evidence"]) == 5
    first = found["evidence"][0]
    assert first["caption"]["text"] == running_desk.captions[3]
    assert first["scores"]["image"] > 0.99
    assert "bm25" not in first["ranks"]
    recorded = client.get(f"/v1/ledger/events/{found['event']}").json()["body"]["query"]
    assert recorded["wanted"] == [{"image": first["asset_id"], "weight": 1}]


def test_a_visual_of_the_library_finds_others_and_words_turn_them(client: httpx.Client, running_desk: Desk) -> None:
    (given,) = visuals(search(client, query=running_desk.captions[0], top_k=1))
    others = search(client, wanted=[{"visual": given}], top_k=24)
    assert given not in visuals(others)
    assert len(others["evidence"]) >= 20
    other = running_desk.captions[5]
    turned = search(client, wanted=[{"visual": given}, {"text": other, "weight": 3}], top_k=24)
    place = [item["caption"]["text"] for item in others["evidence"]].index(other)
    assert [item["caption"]["text"] for item in turned["evidence"]].index(other) <= place


def test_what_is_unwanted_moves_down_and_says_so(client: httpx.Client, running_desk: Desk) -> None:
    unwanted = running_desk.captions[7]
    plain = search(client, query="a picture", top_k=24)
    without = search(client, query="a picture", unwanted=[{"text": unwanted}], top_k=24)
    last = next(item for item in without["evidence"] if item["caption"]["text"] == unwanted)
    assert last["unlike"] > 0.5
    assert last["unlike"] == max(item["unlike"] for item in without["evidence"])
    before = next(item for item in plain["evidence"] if item["caption"]["text"] == unwanted)
    assert last["number"] >= before["number"]
    assert last["relevance"] <= before["relevance"]
    assert before["unlike"] == 0


def test_uploads_count_by_their_weights_and_an_unwanted_one_moves_down(
    client: httpx.Client, running_desk: Desk
) -> None:
    one, two = ((running_desk.folder / "pictures" / f"0{n}.jpg").read_bytes() for n in (1, 2))
    request = json.dumps({"library": "default", "top_k": 24})

    def found(files: list[tuple[str, bytes]], **data: Any) -> dict[str, dict[str, Any]]:
        uploads = [(name, ("x.jpg", content)) for name, content in files]
        answer = client.post("/v1/search/by-image", files=uploads, data={"request": request, **data}).json()
        return {item["caption"]["text"]: item for item in answer["evidence"]}

    first, second = running_desk.captions[1:3]
    both = [("like", one), ("like", two)]
    towards_one, towards_two = found(both, like_weight=["9", "1"]), found(both, like_weight=["1", "9"])
    assert towards_one[first]["scores"]["image"] > towards_one[second]["scores"]["image"]
    assert towards_two[second]["scores"]["image"] > towards_two[first]["scores"]["image"]
    without = found([("like", one), ("not_like", two)], query="-licence:none")
    assert without[second]["unlike"] == max(item["unlike"] for item in without.values())
    assert without[second]["unlike"] > 0.9


@pytest.mark.parametrize(
    ("channel", "by"), [("image", "query"), ("caption", "query"), ("image", "visual"), ("caption", "visual")]
)
def test_one_channel_alone_can_be_asked(client: httpx.Client, running_desk: Desk, channel: str, by: str) -> None:
    caption = running_desk.captions[6]
    (given,) = visuals(search(client, query=caption, top_k=1))
    asked: dict[str, Any] = {"query": caption} if by == "query" else {"wanted": [{"visual": given}]}
    found = search(client, channels=[channel], **asked)
    assert found["evidence"]
    assert all(list(item["ranks"]) == [channel] for item in found["evidence"])


# Filters in the short form


def test_the_short_form_filters_and_is_told_back(client: httpx.Client, tmp_path: Path) -> None:
    contents = [path.read_bytes() for path, _ in drawn(tmp_path, 3, size=200, seed=811)]
    take(client, "short", [("one.jpg", contents[0])], tags="harbour", licence="CC0-1.0", caption="A ferry at the pier")
    take(client, "short", [("two.jpg", contents[1])], tags="harbour, archive", caption="The pier at a ferry")
    take(client, "short", [("three.jpg", contents[2])], tags="forest")
    found = search(client, query="a ferry tag:Harbour -tag:archive has:licence width:>=100", library="short")
    (only,) = found["evidence"]
    assert only["name"] == "one.jpg"
    assert found["terms"] == ["tag:Harbour", "-tag:archive", "has:licence", "width:>=100"]
    assert [one["held"] for one in only["conditions"]] == [True] * 5
    assert {"words": "width:>=100", "held": True, "found": "200"} in only["conditions"]
    said = search(client, query='"at the pier"', library="short")
    assert [item["name"] for item in said["evidence"]] == ["one.jpg"]
    literal = search(client, query="a ferry tag:nowhere", library="short", short_form=False)
    assert len(literal["evidence"]) == 3


# Further pages


def test_pages_neither_overlap_nor_skip_whatever_is_ingested_meanwhile(client: httpx.Client, tmp_path: Path) -> None:
    files = [(path.name, path.read_bytes()) for path, _ in drawn(tmp_path / "a", 7, size=160, seed=821)]
    later = [(f"later-{path.name}", path.read_bytes()) for path, _ in drawn(tmp_path / "b", 3, size=160, seed=822)]
    take(client, "paged", files, caption="A harbour")
    whole = visuals(search(client, query="a harbour", library="paged", top_k=100))
    first = client.post("/v1/search", json={"query": "a harbour", "library": "paged", "top_k": 3})
    assert first.headers["link"].startswith("</v1/search?page=")
    page = first.json()
    take(client, "paged", later, caption="A harbour")
    seen, numbers = visuals(page), [1, 2, 3]
    pages = 1
    while page["next_page"]:
        before = page
        page = client.get("/v1/search", params={"page": page["next_page"], "k": 3}).json()
        pages += 1
        seen += visuals(page)
        numbers += [item["number"] for item in page["evidence"]][len(numbers) :]
        assert page["page_of"] == first.json()["event"]
        assert page["evidence"][0]["scores"]
        assert page["evidence"][0]["relevance"] <= 1
        event = client.get(f"/v1/ledger/events/{page['event']}").json()["body"]
        assert event["page"]["of"] == first.json()["event"]
        assert [item["visual"] for item in event["evidence"]] == visuals(page)
        assert before["next_page"] != page["next_page"]
    assert seen == whole
    assert pages == 3


def test_what_was_deleted_since_is_left_out_and_said(client: httpx.Client, tmp_path: Path) -> None:
    files = [(path.name, path.read_bytes()) for path, _ in drawn(tmp_path, 4, size=160, seed=831)]
    take(client, "shrinking", files, caption="A harbour")
    every = search(client, query="a harbour", library="shrinking")["evidence"]
    page = search(client, query="a harbour", library="shrinking", top_k=2)
    client.delete(f"/v1/assets/{every[2]['asset_id']}", params={"library": "shrinking"}).raise_for_status()
    following = search(client, page=page["next_page"], library="shrinking")
    assert visuals(following) == [every[3]["visual_id"]]
    event = client.get(f"/v1/ledger/events/{following['event']}").json()["body"]
    assert event["dropped"][0]["visual"] == every[2]["visual_id"]
    assert "since the first page" in event["dropped"][0]["reason"]


def test_a_token_of_another_query_or_a_made_up_one_is_refused(client: httpx.Client) -> None:
    token = search(client, query="a boat", top_k=2)["next_page"]
    event, after, check = token.split("-")
    other = client.post("/v1/search", json={"query": "a car", "page": token, "diversity": 0.5})
    assert "page belongs to another query: text, diversity differ" in problem(other, 422, "bad-query")["detail"]
    for made_up in (
        f"{event}-9-{check}",
        f"{int(event) + 1}-{after}-{check}",
        "99999999-2-" + check,
        "nonsense",
        "0-0-0",
    ):
        refused = client.post("/v1/search", json={"page": made_up})
        assert "page is no token of a search of yours" in problem(refused, 422, "bad-query")["detail"]
    assert "top_k is 0" in problem(client.get("/v1/search", params={"page": token, "k": 0}), 422, "bad-query")["detail"]


# Diversity, and one film among others


def test_one_asset_does_not_fill_the_page(client: httpx.Client, tmp_path: Path) -> None:
    from tests.unit.media.documents import pdf

    pages = pdf(["A red boat", "A red boat again", "A red boat once more"])
    photo = drawn(tmp_path, 1, size=160, seed=841)[0][0].read_bytes()
    take(client, "many-pages", [("report.pdf", pages), ("photo.jpg", photo)])
    free = search(client, query="a red boat", library="many-pages")
    assert len(free["evidence"]) == 4
    limited = search(client, query="a red boat", library="many-pages", per_asset=1)
    assert len(limited["evidence"]) == 2
    assert visuals(limited)[0] == visuals(free)[0]
    body = client.get(f"/v1/ledger/events/{limited['event']}").json()["body"]
    assert [item["reason"] for item in body["dropped"]] == ["beyond per_asset: 1 of its asset rank higher"] * 2


def test_diversity_reorders_and_loses_nothing(client: httpx.Client) -> None:
    plain = search(client, query="a boat", top_k=24)
    mixed = search(client, query="a boat", top_k=24, diversity=0.9)
    assert visuals(mixed)[0] == visuals(plain)[0]
    assert sorted(visuals(mixed)) == sorted(visuals(plain))
    assert visuals(mixed) != visuals(plain)


# Explained


def test_every_hit_explains_itself(client: httpx.Client, running_desk: Desk) -> None:
    caption = running_desk.captions[2]
    first = search(client, query=caption, top_k=2)["evidence"][0]
    assert first["matched"]["text"] == caption
    assert set(first["scores"]) == {"image", "caption", "bm25"}
    assert first["ranks"]["caption"] == 1
    assert first["conditions"] == []
    assert first["reranked"] is None


# What cannot be asked


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "nothing is wanted"),
        ({"unwanted": [{"text": "night"}]}, "nothing is wanted"),
        ({"query": "tag:beach"}, "nothing is wanted"),
        ({"query": "x", "top_k": 0}, "top_k is 0; it must lie between 1 and 100"),
        ({"query": "x", "top_k": 100_000}, "top_k is 100,000"),
        ({"query": "x", "diversity": 2}, "diversity is 2"),
        ({"query": "x", "per_asset": -1}, "per_asset is -1"),
        ({"query": "x", "where": {"field": "smell", "eq": "y"}}, "'smell'; it can name: access_groups"),
        ({"query": "x", "where": {"field": "width", "between": [9, 3]}}, "width"),
        ({"query": "x after:2024 before:2023"}, "the ranges of captured_at contradict each other"),
        ({"query": "x tga_s:beach"}, "tga_s: is no field to filter by"),
        ({"query": "x", "wanted": [{}]}, "wanted[0] needs exactly one of text, url and visual"),
        ({"query": "x", "wanted": [{"text": "y", "weight": 0}]}, "wanted[0].weight is 0"),
        ({"wanted": [{"url": "http://127.0.0.1/a.jpg"}]}, "wanted[0].url cannot be searched by"),
        ({"wanted": [{"url": "file:///etc/passwd"}]}, "wanted[0].url cannot be searched by"),
        ({"wanted": [{"visual": ABSENT}], "channels": ["bm25"]}, "no visual"),
    ],
)
def test_what_cannot_be_asked_names_the_field(client: httpx.Client, asked: dict[str, Any], says: str) -> None:
    status = 404 if says == "no visual" else 422
    refused = client.post("/v1/search", json={"library": "default", **asked})
    assert says in problem(refused, status, "not-found" if status == 404 else "bad-query")["detail"]


def test_a_channel_that_compares_words_needs_words(client: httpx.Client) -> None:
    (given,) = visuals(search(client, query="a boat", top_k=1))
    refused = client.post("/v1/search", json={"wanted": [{"visual": given}], "channels": ["bm25"]})
    assert "bm25 alone compares words" in problem(refused, 422, "bad-query")["detail"]
    refused = client.post("/v1/search", json={"query": "x", "channels": ["smell"]})
    assert "body.channels.0" in problem(refused, 422, "bad-request")["detail"]


@pytest.mark.parametrize("content", [b"", b"plain words", b"\xff\xd8\xff\xe0 cut"])
def test_a_picture_that_cannot_be_decoded_is_named(client: httpx.Client, content: bytes) -> None:
    refused = client.post("/v1/search/by-image", files={"like": ("x.jpg", content)}, data={"query": "boat"})
    assert "wanted[0] is no picture that can be searched by" in problem(refused, 422, "bad-query")["detail"]


def test_forms_that_cannot_be_are_refused(client: httpx.Client) -> None:
    files = {"like": ("x.jpg", b"x")}
    for data, says in (
        ({"request": "{"}, "request"),
        ({"request": '{"topk": 3}'}, "request.topk"),
        ({"query": "a", "request": '{"query": "b"}'}, "query and request.query are both given"),
        ({"like_weight": ["1", "2"]}, "like_weight has 2 numbers for 1 pictures"),
    ):
        refused = client.post("/v1/search/by-image", files=files, data=data)
        assert says in problem(refused, 422, "bad-query")["detail"]


def test_an_answer_needs_words(client: httpx.Client) -> None:
    (given,) = visuals(search(client, query="a boat", top_k=1))
    refused = client.post("/v1/ask", json={"question": "", "wanted": [{"visual": given}]})
    assert "an answer needs words" in problem(refused, 422, "bad-query")["detail"]
