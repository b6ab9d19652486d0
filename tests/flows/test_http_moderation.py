"""Moderation over HTTP, as a page and as readers meet it: several keys on one desk under the example policy."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from rag.settings import Settings
from tests.flows.desk import Desk, finished, serving
from tests.flows.moderated import POLICY, drawn_scenes
from tests.flows.test_http import jpeg, problem
from tests.flows.test_http_rights import as_actor, key

READER, EDITOR, OTHER_EDITOR, STRANGER = "reader-key", "editor-key", "other-key", "stranger-key"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("moderated-desk")
    keys = (
        key(READER, "reader", libraries={"default"}),
        key(EDITOR, "editor", libraries={"default"}),
        key(OTHER_EDITOR, "editor", libraries={"default"}),
        key(STRANGER, "editor", libraries={"museum"}),
    )
    with serving(Settings(data=folder / "data", api_keys=keys, policy=POLICY)) as desk:
        with as_actor(desk, EDITOR) as editor:
            for path, caption in drawn_scenes(folder / "pictures"):
                taken = editor.post(
                    "/v1/assets", files=[jpeg(path.name, path.read_bytes())], data={"caption": caption}
                ).json()
                finished(editor, taken["job"])
        yield desk


@pytest.fixture
def editor(desk: Desk) -> Iterator[httpx.Client]:
    with as_actor(desk, EDITOR) as client:
        yield client


@pytest.fixture
def reader(desk: Desk) -> Iterator[httpx.Client]:
    with as_actor(desk, READER) as client:
        yield client


def assets(client: httpx.Client) -> dict[str, dict[str, Any]]:
    found = client.get("/v1/assets").json()["assets"]
    return {one["name"].partition("-")[0]: one for one in found}


def entry_of(client: httpx.Client, name: str) -> dict[str, Any]:
    states = ["open", "automatic", "decided"]
    entries = client.get("/v1/moderation/queue", params={"state": states}).json()["entries"]
    asset = assets(client)[name]["id"]
    found: dict[str, Any] = next(one for one in entries if one["asset_id"] == asset)
    return found


def sharpness(response: httpx.Response) -> float:
    """How much neighbouring pixels differ, on average."""
    assert response.status_code == 200, response.text
    grey = np.asarray(Image.open(io.BytesIO(response.content)).convert("L"), dtype=np.float64)
    return float(np.abs(np.diff(grey, axis=1)).mean())


def test_a_blocked_asset_is_not_there_for_readers_whatever_way_they_try(
    editor: httpx.Client, reader: httpx.Client
) -> None:
    hidden = assets(editor)["mushroom"]
    assert hidden["moderation"] == "blocked"
    visual = editor.get(f"/v1/assets/{hidden['id']}").json()["visuals"][0]
    assert "mushroom" not in assets(reader)
    for path in (
        f"/v1/assets/{hidden['id']}",
        hidden["thumbnail_url"],
        hidden["original_url"],
        visual["thumbnail_url"],
    ):
        problem(reader.get(path), 404, "not-found")
        assert editor.get(path).status_code == 200
    for words in ("a red mushroom", f'"{hidden["name"]}"', "mushroom moderation:blocked"):
        evidence = reader.post("/v1/search", json={"query": words, "top_k": 50}).json()["evidence"]
        assert hidden["id"] not in {one["asset_id"] for one in evidence}
    problem(reader.post("/v1/search", json={"wanted": [{"visual": visual["id"]}]}), 404, "not-found")
    told = reader.post("/v1/ask", json={"question": "Which pictures show a mushroom?"}).json()
    assert hidden["id"] not in str(told)
    problem(reader.post("/v1/classify", json={"labels": ["a"], "visuals": [visual["id"]]}), 404, "not-found")


def test_a_blurred_asset_is_found_and_shown_blurred_and_its_original_refused(
    editor: httpx.Client, reader: httpx.Client
) -> None:
    blurred = assets(reader)["bottle"]
    assert blurred["moderation"] == "blurred"
    evidence = reader.post("/v1/search", json={"query": "a green bottle"}).json()["evidence"]
    assert {one["asset_id"]: one["moderation"] for one in evidence}[blurred["id"]] == "blurred"
    seen, sharp = reader.get(blurred["thumbnail_url"]), editor.get(blurred["thumbnail_url"])
    assert sharpness(seen) < sharpness(sharp) / 3
    refused = problem(reader.get(blurred["original_url"]), 403, "not-allowed")
    assert "shown blurred" in refused["detail"]
    partial = {"Range": "bytes=0-10"}
    assert reader.get(blurred["original_url"], headers=partial).status_code == 403
    assert editor.get(blurred["original_url"]).status_code == 200


def test_a_browser_asks_before_it_shows_what_it_kept(editor: httpx.Client, reader: httpx.Client) -> None:
    """What was kept before a decision must not be shown after it."""
    asset = assets(editor)["kite"]
    seen = reader.get(asset["thumbnail_url"])
    assert seen.headers["cache-control"] == "private, no-cache"
    kept = {"If-None-Match": seen.headers["etag"]}
    assert reader.get(asset["thumbnail_url"], headers=kept).status_code == 304
    visual = editor.get(f"/v1/assets/{asset['id']}").json()["visuals"][0]["id"]
    decide = f"/v1/moderation/visuals/{visual}/decide"
    assert editor.post(decide, json={"decision": "blur"}).json()["shown"] == "blurred"
    now = reader.get(asset["thumbnail_url"], headers=kept)
    assert sharpness(now) < sharpness(seen) / 2
    assert editor.post(decide, json={"decision": "block", "comment": "not cleared"}).json()["version"] > 1
    assert reader.get(asset["thumbnail_url"], headers={"If-None-Match": now.headers["etag"]}).status_code == 404
    assert editor.post(decide, json={"decision": "allow"}).json()["shown"] == "allowed"
    assert sharpness(reader.get(asset["thumbnail_url"])) == sharpness(seen)


def test_the_queue_gives_a_page_what_it_needs(editor: httpx.Client, reader: httpx.Client) -> None:
    page = editor.get("/v1/moderation/queue", params={"limit": 1}).json()
    (first,) = page["entries"]
    assert (first["category"], first["severity"], first["shown"]) == ("emergency", "urgent", "blurred")
    assert "the picture looks like it" in first["reason"]
    assert sharpness(editor.get(first["thumbnail_url"])) > 3 * sharpness(reader.get(first["thumbnail_url"]))
    assert editor.get(f"/v1/moderation/{first['id']}").json() == first
    rest = editor.get("/v1/moderation/queue", params={"offset": page["next"], "limit": 100}).json()
    assert rest["next"] is None
    assert first["id"] not in {one["id"] for one in rest["entries"]}
    only = editor.get("/v1/moderation/queue", params={"category": "lettering"}).json()["entries"]
    assert {one["category"] for one in only} == {"lettering"}


def test_of_two_editors_one_wins_and_the_other_is_told(desk: Desk, editor: httpx.Client) -> None:
    entry = entry_of(editor, "sign")
    path = f"/v1/moderation/{entry['id']}"
    claimed = editor.post(f"{path}/claim", json={"version": entry["version"]}).json()
    assert claimed["claimed_by"] == EDITOR
    with as_actor(desk, OTHER_EDITOR) as other:
        refused = problem(other.post(f"{path}/claim", json={"version": claimed["version"]}), 409, "conflict")
        assert f"{EDITOR} is looking at" in refused["detail"]
        body = {"version": claimed["version"], "decision": "allow"}
        problem(other.post(f"{path}/decide", json=body), 409, "conflict")
        decided = editor.post(f"{path}/decide", json={**body, "decision": "block", "comment": "a brand"})
        assert decided.json()["state"] == "decided"
        late = problem(other.post(f"{path}/decide", json=body), 409, "conflict")
        assert f"changed meanwhile by {EDITOR}" in late["detail"]
    with as_actor(desk, READER) as client:
        assert "sign" not in assets(client)
    event = decided.json()["event"]
    assert event > entry["event"]


def test_readers_and_strangers_moderate_nothing(desk: Desk, editor: httpx.Client, reader: httpx.Client) -> None:
    entry = entry_of(editor, "nurse")
    path = f"/v1/moderation/{entry['id']}"
    body = {"version": entry["version"], "decision": "allow"}
    for refused in (
        reader.get("/v1/moderation/queue"),
        reader.get("/v1/moderation/report"),
        reader.get("/v1/moderation/policy"),
        reader.get(path),
        reader.post(f"{path}/decide", json=body),
        reader.post(f"{path}/claim", json=body),
        reader.post(f"/v1/moderation/visuals/{entry['visual_id']}/decide", json=body),
    ):
        problem(refused, 403, "not-allowed")
    with as_actor(desk, STRANGER) as stranger:
        assert stranger.get("/v1/moderation/queue").json()["entries"] == []
        assert stranger.get("/v1/moderation/report").json()["categories"] == []
        problem(stranger.get(path), 404, "not-found")
        problem(stranger.post(f"{path}/decide", json=body), 404, "not-found")
        by_visual = stranger.post(f"/v1/moderation/visuals/{entry['visual_id']}/decide", json=body)
        problem(by_visual, 404, "not-found")
    for wrong in ({**body, "decision": "review"}, {**body, "version": 0}, {"decision": "allow"}):
        problem(editor.post(f"{path}/decide", json=wrong), 422, "bad-request")


def test_the_policy_is_told_with_the_thresholds_in_use(editor: httpx.Client) -> None:
    told = editor.get("/v1/moderation/policy").json()
    assert told["id"] == "sample-library@1"
    alcohol = next(one for one in told["categories"] if one["name"] == "alcohol")
    assert alcohol["thresholds"] == {"review": 0.3, "blur": 0.8}
    assert (alcohol["action"], alcohol["meanwhile"]) == ("blur", "allow")
    assert told["mismatch_below"] == 0.3


def test_a_picture_with_its_text_is_checked_and_not_kept(
    editor: httpx.Client, reader: httpx.Client, desk: Desk
) -> None:
    ((path, _),) = drawn_scenes(desk.folder / "more", ["bottle"], seed=9)
    files = {"file": (path.name, path.read_bytes())}
    before = len(assets(editor))
    told = reader.post("/v1/moderation/check", files=files, data={"text": "A green bottle"}).json()
    assert (told["action"], told["shown"]) == ("blur", "blurred")
    assert [one["category"] for one in told["findings"]] == ["alcohol"]
    assert len(assets(editor)) == before
    problem(reader.post("/v1/moderation/check", files={"file": ("a.txt", b"text")}), 415, "unsupported-media")


def test_a_report_counts_by_category(editor: httpx.Client) -> None:
    told = {one["category"]: one for one in editor.get("/v1/moderation/report").json()["categories"]}
    assert told["poisonous"]["automatic"] == 1
    assert told["emergency"]["open"] == 1
    assert told["emergency"]["oldest"] is not None
    assert told["allergens"]["automatic"] == 1
    only = editor.get("/v1/moderation/report", params={"library": "none"}).json()
    assert only["categories"] == []
