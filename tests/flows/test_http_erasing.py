"""Erasure, retention and legal holds over HTTP, and on the command line beside a running server."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from typer.testing import CliRunner

from rag.cli import app
from rag.errors import StoreLocked
from rag.settings import Settings
from tests.flows.desk import Desk, drawn, finished, serving
from tests.flows.test_http import jpeg, problem
from tests.flows.test_http_rights import as_actor, key

OWNER, AUDITOR, ANN = "owner-key", "auditor-key", "ann"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("erasing-desk")
    keys = (
        key(OWNER, "owner", libraries={"*"}),
        key(AUDITOR, "auditor", libraries={"*"}),
        key(ANN, "editor", libraries={"default"}),
    )
    with serving(Settings(data=folder / "data", api_keys=keys, min_relevance=0.0)) as desk:
        with as_actor(desk, ANN) as ann:
            files = [jpeg(path.name, path.read_bytes()) for path, _ in drawn(folder / "pictures", 2, size=200)]
            finished(ann, ann.post("/v1/assets", files=files, data={"library": "default"}).json()["job"])
            ann.post("/v1/ask", json={"question": "a quagmire", "conversation": "new"}).raise_for_status()
        yield desk


def erasures(client: Any, **body: object) -> Any:
    return client.post("/v1/ledger/erasures", json=body)


def test_a_person_is_erased_once_the_owner_has_seen_what_that_takes(desk: Desk) -> None:
    with as_actor(desk, OWNER) as owner:
        before = erasures(owner, actor=ANN, preview=True).raise_for_status().json()
        assert (before["event"], before["jobs"], before["files"], before["conversations"]) == (None, 1, 2, 1)
        erased = erasures(owner, actor=ANN).raise_for_status().json()
        assert erased == before | {"event": erased["event"], "subjects": 1}
        recorded = owner.get(f"/v1/ledger/events/{erased['event']}").json()
        assert (recorded["kind"], recorded["actor"], recorded["body"]["door"]) == ("erasure", OWNER, "http")
        assert {job["actor"] for job in owner.get("/v1/jobs").json()["jobs"]} == {"erased"}
        assert owner.get("/v1/audit/events", params={"words": "quagmire"}).json()["events"] == []
        assert owner.get("/v1/ledger/verify").json()["holds"]
        again = erasures(owner, actor=ANN).raise_for_status().json()
        assert (again["subjects"], again["jobs"]) == (0, 0)


def test_an_asset_is_erased_by_the_server_that_has_the_vectors(desk: Desk) -> None:
    with as_actor(desk, OWNER) as owner:
        asset = owner.get("/v1/assets").json()["assets"][0]["id"]
        beside = CliRunner().invoke(app, ["--data", str(desk.folder), "ledger", "erase", "--asset", asset, "--yes"])
        assert isinstance(beside.exception, StoreLocked)
        assert str(beside.exception).startswith("nothing was erased")
        assert "POST /v1/ledger/erasures" in str(beside.exception)
        assert owner.get(f"/v1/assets/{asset}").is_success
        assert erasures(owner, asset=asset).raise_for_status().json()["assets"] == 1
        problem(owner.get(f"/v1/assets/{asset}"), 404, "not-found")
        problem(owner.get(f"/v1/assets/{asset}/thumbnail"), 404, "not-found")
        found = owner.get("/v1/search", params={"q": "a picture"}).raise_for_status().json()["evidence"]
        assert [hit["asset_id"] == asset for hit in found] == [False]


def test_the_command_line_says_what_it_takes_before_it_asks(desk: Desk) -> None:
    with as_actor(desk, OWNER) as owner:
        owner.get("/v1/search", params={"q": "a picture"}).raise_for_status()
    command = ["--data", str(desk.folder), "ledger", "erase", "--actor", OWNER]
    refused = CliRunner().invoke(app, command, input="n\n")
    assert refused.exit_code == 1
    assert f"There is of {OWNER}: " in refused.output
    assert "event" in refused.output
    told = CliRunner().invoke(app, ["--data", str(desk.folder), "ledger", "erase", "--actor", "zoe", "--yes"])
    assert told.output.startswith("Erased: 0 keys in the ledger; nothing. Event ")


def test_what_is_held_is_not_erased_until_the_hold_is_lifted(desk: Desk) -> None:
    with as_actor(desk, OWNER) as owner, as_actor(desk, AUDITOR) as auditor:
        auditor.get("/v1/ledger/events").raise_for_status()
        last = owner.get("/v1/ledger/events", params={"limit": 1}).json()["events"][0]["seq"]
        held = {"name": "case-7", "library": None, "first": 0, "last": last}
        placed = owner.put("/v1/ledger/holds/case-7", json={"first": 0, "last": last}).raise_for_status().json()
        assert placed == held
        problem(owner.put("/v1/ledger/holds/case-7", json={"library": "default"}), 422, "bad-query")
        assert auditor.get("/v1/ledger/holds").json() == {"holds": [placed]}
        problem(erasures(owner, actor=AUDITOR), 403, "not-allowed")
        problem(owner.delete("/v1/ledger/holds/case-8"), 404, "not-found")
        assert owner.delete("/v1/ledger/holds/case-7").status_code == HTTPStatus.NO_CONTENT
        assert erasures(owner, actor=AUDITOR).raise_for_status().json()["subjects"] == 1


def test_what_is_recorded_of_a_library_is_kept_for_a_time(desk: Desk) -> None:
    with as_actor(desk, OWNER) as owner, as_actor(desk, AUDITOR) as auditor:
        owner.put("/v1/ledger/retention", json={"library": "default", "days": 365}).raise_for_status()
        kept = {"kept": [{"library": "default", "days": 365}], "fewest_days": 183}
        assert auditor.get("/v1/ledger/retention").json() == kept
        problem(owner.put("/v1/ledger/retention", json={"library": "default", "days": 30}), 422, "bad-query")
        problem(owner.put("/v1/ledger/retention", json={"library": "nowhere", "days": 365}), 404, "not-found")
        owner.put("/v1/ledger/retention", json={"library": "default"}).raise_for_status()
        assert auditor.get("/v1/ledger/retention").json()["kept"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "erasures", {}),
        ("POST", "erasures", {"actor": "ann", "asset": "0" * 64}),
        ("POST", "erasures", {"actor": " "}),
        ("POST", "erasures", {"asset": "2e73dae6"}),
        ("PUT", "retention", {"library": "default", "days": 0}),
        ("PUT", "holds/a", {}),
        ("PUT", "holds/a", {"library": "default", "first": 1, "last": 2}),
        ("PUT", "holds/a", {"first": 1}),
        ("PUT", "holds/a", {"first": 2, "last": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(desk: Desk, method: str, path: str, body: Any) -> None:
    with as_actor(desk, OWNER) as owner:
        refused = owner.request(method, f"/v1/ledger/{path}", json=body)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert refused.json()["type"].startswith("urn:picturedesk:problem:bad-")


def test_only_owners_change_and_only_auditors_look(desk: Desk) -> None:
    changes: list[tuple[str, str, dict[str, object]]] = [
        ("POST", "erasures", {"actor": "ann"}),
        ("POST", "erasures", {"actor": "ann", "preview": True}),
        ("PUT", "retention", {"library": "default", "days": 365}),
        ("PUT", "holds/a", {"library": "default"}),
        ("DELETE", "holds/a", {}),
    ]
    with as_actor(desk, AUDITOR) as auditor, as_actor(desk, ANN) as ann, desk.client() as nobody:
        for method, path, body in changes:
            problem(auditor.request(method, f"/v1/ledger/{path}", json=body), 403, "not-allowed")
        for path in ("retention", "holds"):
            problem(ann.get(f"/v1/ledger/{path}"), 403, "not-allowed")
            problem(nobody.get(f"/v1/ledger/{path}"), 401, "unauthenticated")
