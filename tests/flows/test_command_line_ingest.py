"""Taking files in from a terminal, and keeping what was taken in: children with their exit codes and outputs."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from rag.library.blobs import FsspecBlobs
from rag.settings import Settings
from rag.wiring import opened
from tests.flows.desk import drawn, stock
from tests.flows.processes import Processes, eventually
from tests.flows.test_command_line import one_line, picturedesk
from tests.unit.media.documents import pdf

MANY = 150


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


# Taking in


def test_events_tell_of_every_file_that_was_not_indexed(tmp_path: Path) -> None:
    good, other = (path for path, _ in drawn(tmp_path / "in", 2, size=160))
    (tmp_path / "in" / "cut.jpg").write_bytes(good.read_bytes()[:2000])
    (tmp_path / "in" / "notes.md").write_text("no picture")
    (tmp_path / "in" / "report.pdf").write_bytes(pdf(["One page", "Another page"]))
    shutil.copy(other, tmp_path / "in" / "copy.jpg")
    run = picturedesk(tmp_path, "ingest", "in", "--library", "desk", "--json")
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    told = lines(run.stdout)
    kinds = [event["event"] for event in told]
    assert kinds[0] == "started"
    assert {"accepted", "progress"} <= set(kinds)
    failed = {event["name"]: event for event in told if event["event"] == "file"}
    assert {name: event["state"] for name, event in failed.items()} == {"cut.jpg": "quarantined", "notes.md": "skipped"}
    last = told[-1]
    assert (last["event"], last["indexed"], last["skipped"], last["quarantined"]) == ("done", 4, 1, 1)
    assert last["known"] == 1
    progress = [event for event in told if event["event"] == "progress"][-1]
    assert (progress["done"], progress["total"], progress["seconds_left"]) == (6, 6, 0.0)


def test_ctrl_c_keeps_what_was_accepted_and_the_same_command_goes_on(processes: Processes, tmp_path: Path) -> None:
    drawn(tmp_path / "in", MANY, size=96)
    words = ("-m", "rag.cli", "ingest", str(tmp_path / "in"), "--json")
    first = processes.python("first", *words)
    first.wait_for(f'"files": {MANY}')
    first.process.send_signal(signal.SIGINT)
    assert first.wait() == 130
    assert f"Stopped; {MANY} files are kept. Run the same command to go on." in first.output()
    assert lines(first.output())[-1]["event"] == "stopped"
    second = processes.python("second", *words)
    assert second.wait() == 0, second.output()
    last = lines(second.output())[-1]
    assert (last["event"], last["indexed"], last["known"]) == ("done", MANY, MANY)
    doctor = processes.python("doctor", "-m", "rag.cli", "doctor", "--deep", "--json")
    assert doctor.wait() == 0, doctor.output()


def test_ctrl_c_twice_ends_at_once(processes: Processes, tmp_path: Path) -> None:
    drawn(tmp_path / "in", 40, size=96)
    child = processes.python("ingest", "-m", "rag.cli", "ingest", str(tmp_path / "in"), "--json")
    child.wait_for('"accepted"')
    child.process.send_signal(signal.SIGINT)
    child.wait_for("Stopping: what was accepted is kept.")
    child.process.send_signal(signal.SIGINT)
    assert child.wait() == 130


def test_when_nothing_of_what_came_is_in_the_library_the_exit_code_says_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.md"):
        (tmp_path / "in" / name).write_text("words")
    run = picturedesk(tmp_path, "ingest", "in")
    assert "none of 2 files is in the library default" in one_line(run)
    assert "b.md: it is text/plain" in run.stdout


def test_a_watched_folder_takes_in_what_comes_until_it_is_stopped(processes: Processes, tmp_path: Path) -> None:
    first, second = (path for path, _ in drawn(tmp_path / "drawn", 2, size=160))
    hot = tmp_path / "hot"
    hot.mkdir()
    shutil.copy(first, hot / "first.jpg")
    child = processes.python("watch", "-m", "rag.cli", "ingest", str(hot), "--watch", "--library", "hot", "--json")
    child.wait_for('"event": "done"')
    shutil.copy(second, hot / "second.jpg")
    eventually(lambda: child.output().count('"event": "done"') == 2)
    child.process.send_signal(signal.SIGTERM)
    assert child.wait() == 0
    assert [event["indexed"] for event in lines(child.output()) if event["event"] == "done"] == [1, 1]


# Keeping


@pytest.fixture
def stocked(tmp_path: Path) -> tuple[Path, list[str]]:
    """A folder with an installation of three pictures in `default`; their ids, the last two all but the same."""
    settings = Settings(data=tmp_path / "data")
    pictures = drawn(tmp_path / "in", 2, size=256)
    larger = tmp_path / "in" / "larger.jpg"
    from PIL import Image

    Image.open(pictures[1][0]).resize((300, 300)).save(larger, quality=92)
    stock(settings, [*pictures, (larger, "The second one, larger")])
    with opened(settings) as services:
        from rag.model import LOCAL_OWNER

        by_name = {asset.name: asset.id for asset in services.catalog.assets(LOCAL_OWNER, "default")}
    return tmp_path, [by_name["00.jpg"], by_name["01.jpg"], by_name["larger.jpg"]]


def test_near_duplicates_are_shown_in_groups_the_largest_first(stocked: tuple[Path, list[str]]) -> None:
    folder, (_, second, larger) = stocked
    (group,) = lines(picturedesk(folder, "duplicates", "--json").stdout)
    assert [picture["asset"] for picture in group["pictures"]] == [larger, second]
    shown = picturedesk(folder, "duplicates").stdout
    assert shown.index("larger.jpg") < shown.index("01.jpg")


def test_a_deleted_asset_is_named_by_its_first_digits_and_gone_for_good(stocked: tuple[Path, list[str]]) -> None:
    folder, (first, second, _) = stocked
    asked = picturedesk(folder, "delete", first[:12])
    assert asked.returncode == 1
    assert "Delete 1 asset for good?" in asked.stderr
    assert "at least its first 8" in one_line(picturedesk(folder, "delete", first[:7], "--yes"))
    done = picturedesk(folder, "delete", first[:12], "--yes")
    assert (done.returncode, done.stdout.strip()) == (0, "Deleted 1 asset.")
    assert "there is no asset" in one_line(picturedesk(folder, "delete", first, "--yes"))
    found = json.loads(picturedesk(folder, "search", "anything", "--json").stdout)
    assert {item["asset_id"] for item in found["evidence"]} >= {second}
    assert first not in {item["asset_id"] for item in found["evidence"]}
    assert picturedesk(folder, "doctor", "--deep").returncode == 0


def test_the_doctor_finds_what_is_lost_and_repairs_what_can_be(stocked: tuple[Path, list[str]]) -> None:
    folder, (first, second, _) = stocked
    blobs = FsspecBlobs(Settings(data=folder / "data").blobs_url)
    with opened(Settings(data=folder / "data")) as services:
        services.store.delete(services.store.ids())
    sick = picturedesk(folder, "doctor", "--json")
    assert sick.returncode == 1
    found = {finding["check"]: finding for finding in lines(sick.stdout)}
    assert (found["points"]["count"], found["points"]["in_order"]) == (3, False)
    fixed = picturedesk(folder, "doctor", "--fix")
    assert fixed.returncode == 0, fixed.stdout
    assert "fixed" in fixed.stdout
    again = picturedesk(folder, "ingest", "in")
    assert "3 indexed" in again.stdout, again.stdout
    assert picturedesk(folder, "doctor").stdout.splitlines()[-1] == "Everything is in order."
    blobs.delete(first)  # type: ignore[arg-type]
    lost = picturedesk(folder, "doctor")
    assert lost.returncode == 1
    assert first in lost.stdout
    assert second not in lost.stdout


def test_the_quarantine_is_listed_tried_again_and_dropped(tmp_path: Path) -> None:
    good, other = (path for path, _ in drawn(tmp_path / "in", 2, size=160))
    for name, path in (("one", good), ("two", other)):
        (tmp_path / "in" / f"cut {name}.jpg").write_bytes(path.read_bytes()[:2000])
    assert picturedesk(tmp_path, "ingest", "in").returncode == 0
    listed = lines(picturedesk(tmp_path, "quarantine", "list", "--json").stdout)
    assert {item["name"] for item in listed} == {"cut one.jpg", "cut two.jpg"}
    assert all(item["attempts"] == 1 and "cannot be decoded" in item["reason"] for item in listed)
    retried = picturedesk(tmp_path, "quarantine", "retry", "--all")
    assert retried.stdout.splitlines() == ["2 are tried again.", "2 quarantined"]
    assert "name the assets, or say --all" in one_line(picturedesk(tmp_path, "quarantine", "drop", "--yes"))
    one = picturedesk(tmp_path, "quarantine", "drop", listed[0]["asset"][:8], "--yes")
    assert one.stdout.strip() == "Deleted 1 asset."
    assert picturedesk(tmp_path, "quarantine", "drop", "--all", "--yes").stdout.strip() == "Deleted 1 asset."
    assert picturedesk(tmp_path, "quarantine", "list").stdout.strip() == "Nothing is quarantined."


def test_jobs_are_listed_shown_stopped_and_tried_again(tmp_path: Path) -> None:
    good = drawn(tmp_path / "in", 1, size=160)[0][0]
    (tmp_path / "in" / "cut.jpg").write_bytes(good.read_bytes()[:2000])
    assert picturedesk(tmp_path, "ingest", "in", "-l", "desk").returncode == 0
    (job,) = lines(picturedesk(tmp_path, "jobs", "list", "--json").stdout)
    assert (job["state"], job["library"], job["total"], job["quarantined"]) == ("done", "desk", 2, 1)
    assert job["job"] in picturedesk(tmp_path, "jobs", "list").stdout
    shown = picturedesk(tmp_path, "jobs", "show", job["job"]).stdout
    assert "desk: 1 indexed, 1 quarantined" in shown
    assert "cut.jpg: it cannot be decoded" in shown
    again = picturedesk(tmp_path, "jobs", "retry", job["job"])
    assert again.returncode == 0, again.stderr
    assert "1 indexed, 1 quarantined" in again.stdout
    assert "Cancelled; 0 files" in picturedesk(tmp_path, "jobs", "cancel", job["job"]).stdout
    assert "there is no job nothing" in one_line(picturedesk(tmp_path, "jobs", "show", "nothing"))


def test_a_library_keeps_personal_metadata_only_when_it_is_told_to(tmp_path: Path) -> None:
    assert "press keeps personal metadata" in picturedesk(tmp_path, "library", "set", "press", "--keep-personal").stdout
    (library,) = lines(picturedesk(tmp_path, "library", "list", "--json").stdout)
    assert (library["library"], library["keep_personal"]) == ("press", True)
    assert picturedesk(tmp_path, "library", "set", "press", "--no-keep-personal").returncode == 0
    assert "dropped" in picturedesk(tmp_path, "library", "list").stdout
    assert "No Name" in one_line(picturedesk(tmp_path, "library", "set", "No Name", "--keep-personal"))
