"""`picturedesk captions …` as an editor runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.flows.desk import drawn, manifest
from tests.flows.test_command_line import one_line, picturedesk


def test_the_editors_desk_from_a_terminal(tmp_path: Path) -> None:
    pictures = drawn(tmp_path / "pictures", 4)
    manifest([*pictures[:3], *((path, "") for path, _ in pictures[3:])])
    ingested = picturedesk(tmp_path, "ingest", "pictures/manifest.jsonl")
    assert ingested.returncode == 0, ingested.stderr

    batch = picturedesk(tmp_path, "captions", "batch", "--form", "alt", "--json")
    *steps, tally = [json.loads(line) for line in batch.stdout.splitlines()]
    assert (len(steps), tally["drafted"], tally["done"]) == (4, 4, True)
    assert "has one already" in picturedesk(tmp_path, "captions", "batch", "--form", "alt").stdout

    draft = steps[0]["drafts"][0]
    short = draft["id"][:8]
    listed = picturedesk(tmp_path, "captions", "list", "--state", "draft")
    assert short in listed.stdout
    edited = picturedesk(tmp_path, "captions", "edit", short, "A walrus on a sofa", "--because", "it is")
    assert "+walrus" in edited.stdout
    approved = json.loads(picturedesk(tmp_path, "captions", "approve", short, "--json").stdout)
    assert [step["state"] for step in approved["steps"]] == ["edited", "approved"]
    assert "is approved already" in one_line(picturedesk(tmp_path, "captions", "reject", short, "--because", "no"))

    checked = picturedesk(tmp_path, "captions", "lint", draft["visual"], "Image of Angela Merkel")
    assert checked.returncode == 1
    assert "unsourced-name" in checked.stdout
    upload = ("captions", "draft", "pictures/00.jpg", "--form", "news", "--fact", "who=Ada", "-n", "1", "--json")
    (made,) = json.loads(picturedesk(tmp_path, *upload).stdout)["drafts"]
    assert made["text"].startswith("Ada: ")

    out = picturedesk(tmp_path, "captions", "export", "--format", "xmp", "--to", "sidecars")
    assert "1 sidecar given out" in out.stderr
    assert "A walrus on a sofa" in next((tmp_path / "sidecars").glob("*.xmp")).read_text()
    again = picturedesk(tmp_path, "captions", "export", "--format", "xmp", "--to", "sidecars")
    assert "is there already" in one_line(again)
    assert "A walrus on a sofa" in picturedesk(tmp_path, "captions", "export", "--format", "jsonl").stdout
