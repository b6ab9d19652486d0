"""What leaves the ledger: bundles that anybody can check, tables, the report; and what events may hold."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import rag.audit.verifier
from rag.errors import BadRequest, NotAllowed
from rag.model import LOCAL_OWNER, Actor, Query
from rag.ports.auditing import Wanted
from tests.flows.answers import Room

AUDITOR = Actor("ada", frozenset({"auditor"}), libraries=frozenset({"desk"}))
BASE64_PICTURE = re.compile(r"(?:/9j/|iVBORw0KGgo|R0lGOD|UklGR)[A-Za-z0-9+/]{20}|data:image|[A-Za-z0-9+/]{400}")


def verified(bundle: Path) -> subprocess.CompletedProcess[str]:
    """By the one file that auditors are given, in a process of its own without this project."""
    program = [sys.executable, "-I", rag.audit.verifier.__file__, str(bundle)]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def exported(room: Room, target: Path, *, actor: Actor = LOCAL_OWNER, images: bool = False, **wanted: Any) -> Any:
    from rag.auditing.exporting import export

    return export(room.services, actor, Wanted(**wanted), target, images=images, door="test")


def test_a_bundle_of_everything_is_whole_and_verifies_without_this_desk(plain_room: Room, tmp_path: Path) -> None:
    plain_room.answer("a red car")
    done = exported(plain_room, tmp_path / "all.zip", images=True)
    found = verified(tmp_path / "all.zip")
    assert (found.returncode, found.stdout.splitlines()[-1]) == (0, "HOLDS"), found.stderr
    with zipfile.ZipFile(tmp_path / "all.zip") as bundle:
        assert "whole" in bundle.read("manifest").decode().splitlines()
        pictures = [name for name in bundle.namelist() if name.startswith("images/")]
        assert len(pictures) == done.images > 0
        assert all(bundle.read(name).startswith(b"\xff\xd8") for name in pictures)
        assert len(bundle.read("events.jsonl").splitlines()) == done.events == done.recorded + 1
    event = plain_room.services.ledger.event(LOCAL_OWNER, done.recorded)
    assert (event.kind, event.body["action"], event.body["images"]) == ("audit", "export", "thumbnails")


def test_a_case_brings_what_its_events_belong_to_and_hashes_alone_where_no_pictures_are_asked_for(
    plain_room: Room, tmp_path: Path
) -> None:
    from rag.auditing.cases import change

    retrieval, answer = plain_room.answer("a yellow cake").events
    change(plain_room.services, LOCAL_OWNER, "press", add=[answer], comment="asked for", door="test")
    done = exported(plain_room, tmp_path / "case.zip", case="press")
    assert verified(tmp_path / "case.zip").returncode == 0
    with zipfile.ZipFile(tmp_path / "case.zip") as bundle:
        rows = list(csv.DictReader(io.StringIO(bundle.read("events.csv").decode("utf-8-sig"))))
        assert [int(row["seq"]) for row in rows] == [retrieval, answer]
        assert not [name for name in bundle.namelist() if name.startswith("images/")]
        evidence = list(csv.DictReader(io.StringIO(bundle.read("evidence.csv").decode("utf-8-sig"))))
        assert {row["event"] for row in evidence} == {str(retrieval)}
        assert all(re.fullmatch("[0-9a-f]{64}", row["asset"]) for row in evidence)
    assert done.events == 3  # and the record of the export


def test_a_bundle_that_was_touched_does_not_verify(plain_room: Room, tmp_path: Path) -> None:
    plain_room.answer("a red car")
    exported(plain_room, tmp_path / "one.zip")
    shutil.copy(tmp_path / "one.zip", tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "two.zip", "a") as bundle:
        bundle.writestr("images/extra.jpg", b"x")
    assert "was put into the bundle" in verified(tmp_path / "two.zip").stderr


def test_an_auditor_hands_out_what_they_may_read(plain_room: Room, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        exported(plain_room, tmp_path / "x.zip", actor=Actor("rae", libraries=frozenset({"*"})))
    plain_room.answer("a red car")
    elsewhere = Actor("eve", frozenset({"auditor"}), libraries=frozenset({"other"}))
    with pytest.raises(BadRequest, match="no event matches"):
        exported(plain_room, tmp_path / "x.zip", actor=elsewhere)
    assert not (tmp_path / "x.zip").exists()


def test_a_table_runs_nothing_in_a_spreadsheet(plain_room: Room) -> None:
    from rag.auditing.exporting import as_csv
    from rag.search import search

    search(plain_room.services, LOCAL_OWNER, Query("=HYPERLINK(1)", libraries=("desk",)), door="test")
    table = as_csv(plain_room.services, AUDITOR, Wanted(words=("hyperlink",)), door="test")
    assert table.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    assert row["summary"] == "'=HYPERLINK(1)"


def test_the_report_counts_what_was_asked_and_shows_file_names_as_text(plain_room: Room) -> None:
    from rag.auditing.report_page import as_html
    from rag.auditing.reporting import report

    before = report(plain_room.services, AUDITOR, library="desk", door="test")
    answer = plain_room.answer("a blue lighthouse")
    plain_room.answer("How do I reset my router password?")
    found = report(plain_room.services, AUDITOR, library="desk", door="test")
    (figures,) = found.libraries
    counted = sum(one.answers for one in before.libraries)
    assert figures.answers == counted + 2
    assert sum(one.retrievals for one in found.days) == figures.retrievals
    best = answer.retrieval.evidence[0].visual.id
    assert best in {one.visual for one in found.used}
    (unused,) = found.unused
    assert unused.visuals == 4
    assert unused.never == 4 - len({one.visual for one in found.used})
    page = as_html(plain_room.services, found)
    assert "Nothing is guessed" not in page
    assert page.count("<svg") >= 3
    assert "<script" not in page


def test_skew_is_told_where_people_tagged_groups_and_else_said_to_be_unknown(plain_room: Room) -> None:
    from rag.auditing.report_page import as_html
    from rag.auditing.reporting import report

    found = report(plain_room.services, AUDITOR, library="desk", attribute="presentation", door="test")
    assert found.skews == ()
    assert "Not known: no library has files of two groups tagged presentation" in as_html(plain_room.services, found)


def test_no_event_of_any_kind_holds_a_picture(plain_room: Room, tmp_path: Path) -> None:
    """Everything that this desk can do so far, done once; then every event is read."""
    from hashlib import sha256

    from rag.auditing import pinning
    from rag.auditing.replaying import replay
    from rag.classify import classify_library
    from rag.classifying.results import Wanted as Labels
    from rag.ingest import accept, delete, entries_of, follow
    from rag.model import Part
    from rag.scenes import Group, Scene, draw
    from rag.search import search

    services = plain_room.services
    draw(Scene((Group("car", "green"),)), 160).save(tmp_path / "green.png")
    content = (tmp_path / "green.png").read_bytes()
    name = sha256(content).hexdigest()
    query = Query("", ("desk",), wanted=(Part(image=name),), pictures={name: content})
    seq = search(services, LOCAL_OWNER, query, door="test").event or 0
    replay(services, LOCAL_OWNER, seq, pictures=[content], door="test")
    plain_room.answer("a red car")
    list(classify_library(services, LOCAL_OWNER, "desk", Labels(("car", "cake")), door="test"))
    pinning.make(services, LOCAL_OWNER, "kinds", door="test")
    pinning.remove(services, LOCAL_OWNER, "kinds", door="test")
    job = accept(services, LOCAL_OWNER, "going", entries_of(services, tmp_path))
    list(follow(services, LOCAL_OWNER, job.id, every=0.05))
    (asset,) = services.catalog.assets(LOCAL_OWNER, "going")
    delete(services, LOCAL_OWNER, [asset.ref], door="test")
    events = services.ledger.events(LOCAL_OWNER, limit=1000)
    assert {"retrieval", "answer", "classification", "audit", "deletion"} <= {event.kind for event in events}
    for event in events:
        assert not BASE64_PICTURE.search(str(event.body)), event.kind
