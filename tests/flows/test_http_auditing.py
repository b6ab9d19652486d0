"""The auditor's work over HTTP, on the running product."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from http import HTTPStatus
from pathlib import Path

from rag.audit.verifier import check_bundle
from tests.flows.desk import Desk


def test_from_a_question_to_its_review_and_a_bundle_of_its_case(running_desk: Desk, tmp_path: Path) -> None:
    with running_desk.client() as client:
        asked = client.post("/v1/ask", json={"question": running_desk.captions[0]}).json()
        retrieval, answer = asked["events"]
        found = client.get("/v1/audit/events", params={"words": running_desk.captions[0], "kind": ["answer"]}).json()
        assert answer in [one["seq"] for one in found["events"]]
        whole = client.get(f"/v1/audit/events/{answer}").json()
        assert whole["proof"]["holds"]
        assert whole["retrieval"]["seq"] == retrieval
        first = whole["evidence"][0]
        assert client.get(first["thumbnail_url"]).headers["content-type"] == "image/jpeg"
        again = client.post(f"/v1/audit/events/{answer}/replay", json={}).json()
        assert (again["same"], again["against"]) == (True, "today")
        label = {"visual": first["visual"], "grade": 2}
        said = client.post(f"/v1/audit/events/{answer}/reviews", json={"verdict": "sound", "labels": [label]}).json()
        assert said["standing"] == "waits for a second person"
        assert f"{retrieval} 0 {first['visual']} 2" in client.get("/v1/audit/labels").text.splitlines()
        case = client.post("/v1/audit/cases/http", json={"add": [answer]}).json()
        assert case == {"name": "http", "events": [answer]}
        bundle = client.get("/v1/audit/export", params={"case": "http", "images": True})
        assert zipfile.ZipFile(io.BytesIO(bundle.content)).testzip() is None
        (tmp_path / "case.zip").write_bytes(bundle.content)
        assert check_bundle(tmp_path / "case.zip").events == 3
        assert client.get("/v1/audit/export.csv").text.splitlines()[0].startswith("\ufeffseq,at,kind")
        report = client.get("/v1/audit/report")
        assert report.headers["content-security-policy"].endswith("sandbox")
        assert "Most used pictures" in report.text


def test_filters_hold_together_and_each_narrows(running_desk: Desk) -> None:
    with running_desk.client() as client:
        caption = running_desk.captions[2]
        retrieval, answer = client.post("/v1/ask", json={"question": caption}).json()["events"]
        whole = client.get(f"/v1/audit/events/{answer}").json()
        given = {
            "words": caption,
            "person": "local",
            "door": "http",
            "since": "2020-01-01T00:00:00Z",
            "model": whole["entry"]["model"],
            "abstained": str(whole["entry"]["abstained"]).lower(),
            "flagged": "false",
            "below": "1",
        }
        found = client.get("/v1/audit/events", params=given).json()["events"]
        assert answer in [one["seq"] for one in found]
        for narrower in (
            {"person": "ann"},
            {"library": "other"},
            {"model": "gpt"},
            {"flagged": "true"},
            {"below": "0"},
        ):
            assert client.get("/v1/audit/events", params=given | narrower).json()["events"] == [], narrower
        visual = whole["evidence"][0]["visual"]
        seen = client.get("/v1/audit/events", params={"visual": visual, "kind": "retrieval"}).json()["events"]
        assert retrieval in [one["seq"] for one in seen]


def test_a_moment_is_kept_by_the_server_that_has_the_vectors(running_desk: Desk) -> None:
    with running_desk.client() as client:
        retrieval = client.post("/v1/search", json={"query": running_desk.captions[1]}).json()["event"]
        assert client.post("/v1/audit/pins", json={"name": "over-http"}).status_code == HTTPStatus.CREATED
        done = client.post(f"/v1/audit/events/{retrieval}/replay", json={"pin": "over-http"}).json()
        assert (done["same"], done["against"]) == (True, "pin over-http")
        assert [one["name"] for one in client.get("/v1/audit/pins").json()["pins"]] == ["over-http"]
        assert client.delete("/v1/audit/pins/over-http").status_code == HTTPStatus.NO_CONTENT
        assert client.delete("/v1/audit/pins/over-http").status_code == HTTPStatus.NOT_FOUND


def test_what_cannot_be_is_a_problem_that_says_what(running_desk: Desk) -> None:
    with running_desk.client() as client:
        for path, status in (
            ("/v1/audit/events?since=2026-04-01T00:00:00", HTTPStatus.UNPROCESSABLE_ENTITY),
            ("/v1/audit/events?visual=abc", HTTPStatus.UNPROCESSABLE_ENTITY),
            ("/v1/audit/events/999999", HTTPStatus.NOT_FOUND),
            ("/v1/audit/threshold", HTTPStatus.UNPROCESSABLE_ENTITY),
        ):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path
        seq = client.post("/v1/search", json={"query": "x"}).json()["event"]
        for body in ({"pictures": ["no base64"]}, {"encoder": "a", "pin": "b"}):
            refused = client.post(f"/v1/audit/events/{seq}/replay", json=body)
            assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        fine = client.post(f"/v1/audit/events/{seq}/replay", json={"pictures": [b64encode(b"unused").decode()]})
        assert fine.status_code == HTTPStatus.OK
