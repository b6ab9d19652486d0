"""Taking files in from a terminal, and keeping what was taken in: children with their exit codes and outputs."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rag.errors import NotFound
from rag.ingest import tidy
from rag.model import LOCAL_OWNER, AssetId, AssetRef
from rag.settings import Settings
from rag.wiring import opened
from tests.flows.desk import drawn, stock, until
from tests.flows.processes import Processes, eventually
from tests.flows.test_command_line import one_line, picturedesk
from tests.unit.media.documents import pdf

MANY = 200


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
    first.wait_for('"event": "accepted"')
    first.process.send_signal(signal.SIGINT)
    assert first.wait() == 130
    kept = next(event["total"] for event in lines(first.output()) if event["event"] == "stopped")
    assert f"Stopped; {kept} files are kept. Run the same command to go on." in first.output()
    assert kept >= 1
    second = processes.python("second", *words)
    assert second.wait() == 0, second.output()
    last = lines(second.output())[-1]
    assert (last["event"], last["indexed"], last["known"]) == ("done", MANY, kept)
    doctor = processes.python("doctor", "-m", "rag.cli", "doctor", "--deep")
    assert doctor.wait() == 0, doctor.output()
    assert doctor.output().splitlines()[-1] == "Everything is in order."


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


@dataclass(frozen=True)
class Stocked:
    """An installation with two pictures in `default`, one of them twice in two sizes, and one that is broken."""

    folder: Path
    ids: dict[str, str]
    job: str


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Stocked:
    folder = tmp_path_factory.mktemp("installation")
    (one, _), (other, _) = pictures = drawn(folder / "in", 2, size=256)
    larger, cut = folder / "in" / "larger.jpg", folder / "in" / "cut.jpg"
    Image.open(other).resize((300, 300)).save(larger, quality=92)
    cut.write_bytes(one.read_bytes()[:2000])
    settings = Settings(data=folder / "data")
    stock(settings, [*pictures, (larger, "The second one, larger"), (cut, "The first one, cut off")])
    with opened(settings) as services:
        assets = services.catalog.assets(LOCAL_OWNER, "default")
        (job,) = services.catalog.jobs(LOCAL_OWNER)
    return Stocked(folder, {asset.name: asset.id for asset in assets}, job.id)


@pytest.fixture
def stocked(installation: Stocked, tmp_path: Path) -> Stocked:
    """A copy of it that a test may change."""
    shutil.copytree(installation.folder / "data", tmp_path / "data")
    return replace(installation, folder=tmp_path)


def test_near_duplicates_are_shown_in_groups_the_largest_first(stocked: Stocked) -> None:
    shown = picturedesk(stocked.folder, "duplicates").stdout.splitlines()
    assert shown[0] == "1. 2 pictures"
    assert [line.split()[-1] for line in shown[1:]] == ["larger.jpg", "01.jpg"]
    assert shown[1].split()[0] == stocked.ids["larger.jpg"][:12]


def test_a_deleted_asset_is_named_by_its_first_digits_and_gone_for_good(stocked: Stocked) -> None:
    folder, first = stocked.folder, stocked.ids["00.jpg"]
    asked = picturedesk(folder, "delete", first[:12])
    assert asked.returncode == 1
    assert "default: 00.jpg" in asked.stderr
    assert "Delete 1 asset for good?" in asked.stderr
    assert "at least its first 8" in one_line(picturedesk(folder, "delete", first[:7], "--yes"))
    done = picturedesk(folder, "delete", first[:12], "--yes")
    assert (done.returncode, done.stdout.strip()) == (0, "Deleted 1 asset.")
    assert "there is no asset" in one_line(picturedesk(folder, "delete", first, "--yes"))
    with opened(Settings(data=folder / "data")) as services:
        assert services.store.count() == 2
        assert not services.blobs.has(AssetId(first))


def test_what_is_deleted_beside_a_running_desk_is_hidden_at_once_and_removed_by_it(stocked: Stocked) -> None:
    ref = AssetRef("default", AssetId(stocked.ids["00.jpg"]))
    with opened(Settings(data=stocked.folder / "data")) as services:
        assert services.store.count() == 3
        run = picturedesk(stocked.folder, "delete", ref.asset_id, "--yes")
        assert (run.returncode, run.stdout.strip()) == (0, "They are hidden from every search.")
        assert "removed later" in run.stderr
        with pytest.raises(NotFound):
            services.catalog.asset(LOCAL_OWNER, ref)
        tidy(services)
        assert services.store.count() == 2
        assert not services.blobs.has(ref.asset_id)


def test_the_doctor_repairs_what_can_be_and_names_what_is_lost(stocked: Stocked) -> None:
    with opened(Settings(data=stocked.folder / "data")) as services:
        services.store.delete(services.store.ids())
        services.blobs.delete(AssetId(stocked.ids["00.jpg"]))
    run = picturedesk(stocked.folder, "doctor", "--fix", "--json")
    assert run.returncode == 1
    found = {finding["check"]: finding for finding in lines(run.stdout)}
    assert (found["points"]["count"], found["points"]["fixed"], found["points"]["in_order"]) == (3, True, True)
    assert (found["bytes"]["count"], found["bytes"]["fixed"], found["bytes"]["in_order"]) == (1, False, False)
    assert stocked.ids["00.jpg"] in found["bytes"]["examples"][0]
    with opened(Settings(data=stocked.folder / "data")) as services:
        _ = services.queue
        until(lambda: services.catalog.coverage(LOCAL_OWNER, ["default"]).pending == 0)
        assert services.store.count() == 2


def test_the_quarantine_is_listed_tried_again_and_dropped(stocked: Stocked) -> None:
    folder = stocked.folder
    (listed,) = lines(picturedesk(folder, "quarantine", "list", "--json").stdout)
    assert listed["name"] == "cut.jpg"
    assert listed["attempts"] >= 1
    assert "cannot be decoded" in listed["reason"]
    assert listed["asset"][:12] in picturedesk(folder, "quarantine", "list").stdout
    retried = picturedesk(folder, "quarantine", "retry", "--all")
    assert retried.stdout.splitlines() == ["1 is tried again.", "1 quarantined"]
    assert "name the assets, or say --all" in one_line(picturedesk(folder, "quarantine", "drop", "--yes"))
    healthy = picturedesk(folder, "quarantine", "drop", stocked.ids["00.jpg"], "--yes")
    assert "is indexed, not quarantined" in one_line(healthy)
    assert picturedesk(folder, "quarantine", "drop", "--all", "--yes").stdout.strip() == "Deleted 1 asset."
    assert picturedesk(folder, "quarantine", "list").stdout.strip() == "Nothing is quarantined."


def test_jobs_are_listed_shown_tried_again_and_stopped(stocked: Stocked) -> None:
    folder, job = stocked.folder, stocked.job
    (listed,) = lines(picturedesk(folder, "jobs", "list", "--json").stdout)
    assert (listed["job"], listed["state"], listed["total"], listed["quarantined"]) == (job, "done", 4, 1)
    assert job in picturedesk(folder, "jobs", "list").stdout
    shown = picturedesk(folder, "jobs", "show", job).stdout
    assert "default: 3 indexed, 1 quarantined" in shown
    assert "cut.jpg: it cannot be decoded" in shown
    assert "3 indexed, 1 waiting" in picturedesk(folder, "jobs", "retry", job, "--no-wait").stdout
    assert "1 file that was not indexed yet is skipped" in picturedesk(folder, "jobs", "cancel", job).stdout
    assert json.loads(picturedesk(folder, "jobs", "list", "--json").stdout)["state"] == "cancelled"
    assert "there is no job nothing" in one_line(picturedesk(folder, "jobs", "show", "nothing"))


def test_a_library_keeps_personal_metadata_only_when_it_is_told_to(tmp_path: Path) -> None:
    assert "press keeps personal metadata" in picturedesk(tmp_path, "library", "set", "press", "--keep-personal").stdout
    (library,) = lines(picturedesk(tmp_path, "library", "list", "--json").stdout)
    assert (library["library"], library["keep_personal"]) == ("press", True)
    assert picturedesk(tmp_path, "library", "set", "press", "--no-keep-personal").returncode == 0
    assert "dropped" in picturedesk(tmp_path, "library", "list").stdout
    assert "No Name" in one_line(picturedesk(tmp_path, "library", "set", "No Name", "--keep-personal"))
