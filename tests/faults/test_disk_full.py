"""The disk is full: one clear line, what was accepted stays, and with more room the same command goes on.

The disk is a small tmpfs, which takes root to mount.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rag.auditing import pinning
from rag.disk import KEPT_WHEN_ACCEPTING, KEPT_WHEN_INDEXING
from rag.errors import DiskFull
from rag.ingest import accept, entries_of, follow
from rag.model import LOCAL_OWNER, AssetState
from rag.wiring import opened
from tests.faults.installation import LIBRARY, settings_of
from tests.faults.invariants import assert_doctor_agrees, assert_nothing_lost, every_asset, files_below
from tests.faults.nursery import Programs
from tests.faults.pictures import noisy, png
from tests.flows.processes import Child, eventually

MIB = 1024 * 1024
PICTURES = 40
SIDE = 512
"""Pixels an edge of a picture that nothing compresses: 0.8 MB each."""


class SmallDisk:
    """A file system of its own, of a size that can change."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        folder.mkdir()
        self.folder = folder
        self._mount(f"size={megabytes}m", "tmpfs", str(folder))

    def grow(self, megabytes: int) -> None:
        self._mount(f"remount,size={megabytes}m", str(self.folder))

    def fill(self) -> None:
        """Leave no byte."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(b"\0" * 4096):
                    pass
            except OSError:
                pass

    def free(self) -> None:
        (self.folder / "ballast").unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    @staticmethod
    def _mount(options: str, *words: str) -> None:
        kind = [] if options.startswith("remount") else ["-t", "tmpfs"]
        subprocess.run(["mount", *kind, "-o", options, *words], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    try:
        disk = SmallDisk(tmp_path / "disk", 1024)
    except subprocess.CalledProcessError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"root may not mount here: {error.stderr.decode().strip()}")
    yield disk
    disk.unmount()


@pytest.mark.timeout(300)
def test_an_ingest_onto_a_full_disk_says_so_and_goes_on_when_there_is_room(
    programs: Programs, disk: SmallDisk, tmp_path: Path
) -> None:
    """The disk has room for the installation, for what is kept free, and for half of the pictures."""
    embedded = {"PICTUREDESK_DATA": str(disk.folder / "data"), "PICTUREDESK_BATCH": "4"}
    folder = tmp_path / "pictures"
    folder.mkdir()
    command = ("ingest", str(folder), "--library", LIBRARY)
    for number in range(PICTURES):
        (folder / f"{number:02d}.png").write_bytes(png(noisy(SIDE, number)))
        if not number:
            first = programs.picturedesk("ingest-first", embedded, *command)
            assert first.wait() == 0, first.output()
            opened_anew = programs.picturedesk("ingest-opened", embedded, *command)  # tmpfs fills holes that are read
            assert opened_anew.wait() == 0, opened_anew.output()
    half = PICTURES * SIDE * SIDE * 3 // 2 // MIB
    disk.grow(used_megabytes(disk.folder) + KEPT_WHEN_ACCEPTING // MIB + half)

    full = programs.picturedesk("ingest-full", embedded, *command)
    assert full.wait() == 1, full.output()
    assert_one_line(full)
    assert_no_half_blobs(disk.folder / "data" / "blobs")
    with opened(settings_of(embedded)) as looking:
        safe = {asset.id for asset in every_asset(looking)}
    assert 1 < len(safe) < PICTURES, "the disk was full too early, or too late"

    disk.grow(1024)
    again = programs.picturedesk("ingest-again", embedded, *command)
    assert again.wait() == 0, again.output()
    with opened(settings_of(embedded)) as services:
        ends = assert_nothing_lost(services)
    assert [asset.state for asset in ends] == [AssetState.INDEXED] * PICTURES
    assert safe <= {asset.id for asset in ends}
    assert_doctor_agrees(programs, embedded)


@pytest.mark.timeout(300)
def test_an_upload_to_a_full_disk_is_refused_for_now_and_what_was_accepted_stays(
    programs: Programs, disk: SmallDisk
) -> None:
    embedded = {"PICTUREDESK_DATA": str(disk.folder / "data")}
    serve = programs.picturedesk("serve", embedded, "serve", "--port", "0")
    serve.wait_for("Ready")
    url = serve.output().split("Picture Desk is at ")[1].split()[0]
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        job = upload(client, 0)
        assert job.status_code == httpx.codes.ACCEPTED, job.text
        wait_until_done(client, job)
        disk.grow(used_megabytes(disk.folder) + 1)
        disk.fill()
        refused = upload(client, 1)
        assert refused.status_code in (503, 507), refused.text
        assert refused.headers["content-type"] == "application/problem+json"
        assert "full" in refused.json()["detail"]
        assert "\n" not in refused.json()["detail"]
        assert_no_half_blobs(disk.folder / "data" / "blobs")

        disk.free()
        disk.grow(1024)
        again = upload(client, 1)
        assert again.status_code == httpx.codes.ACCEPTED, again.text
        wait_until_done(client, again)
    assert serve.process.poll() is None, serve.output()
    serve.stop()
    with opened(settings_of(embedded)) as services:
        ends = assert_nothing_lost(services)
    assert [asset.state for asset in ends] == [AssetState.INDEXED] * 2


def upload(client: httpx.Client, number: int) -> httpx.Response:
    content = png(noisy(SIDE, number))
    return client.post("/v1/assets", files=[("files", ("a.png", content))], data={"library": LIBRARY})


def wait_until_done(client: httpx.Client, taken: httpx.Response) -> None:
    url = taken.json()["job"]["url"]
    eventually(lambda: client.get(url).raise_for_status().json()["done"], deadline=120)


@pytest.mark.timeout(300)
def test_a_pin_that_the_disk_has_no_room_for_says_so_and_nothing_of_it_is_kept(disk: SmallDisk, tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(png(noisy(SIDE, 1)))
    with opened(settings_of({"PICTUREDESK_DATA": str(disk.folder / "data")})) as services:
        job = accept(services, LOCAL_OWNER, LIBRARY, entries_of(services, tmp_path / "one.png"))
        list(follow(services, LOCAL_OWNER, job.id, every=0.05))
        with (disk.folder / "ballast").open("wb") as ballast:
            free = os.statvfs(disk.folder).f_bavail * os.statvfs(disk.folder).f_frsize
            os.posix_fallocate(ballast.fileno(), 0, free - KEPT_WHEN_INDEXING // 2)
        with pytest.raises(DiskFull, match="the disk is full"):
            pinning.make(services, LOCAL_OWNER, "large", door="test")
        assert [path.name for path in pinning.folder_of(services).iterdir()] == [".lock"]
        disk.free()
        assert pinning.make(services, LOCAL_OWNER, "large", door="test").points == 1


def assert_one_line(program: Child) -> None:
    """It says what is wrong in one line, and shows no trace of a bug."""
    output = program.output()
    assert "Traceback" not in output
    (line,) = (line for line in output.splitlines() if line.startswith("error: "))
    assert "full" in line


def assert_no_half_blobs(blobs: Path) -> None:
    """Whole files under their own hash, and nothing unfinished beside them."""
    for name in files_below(blobs):
        assert not name.endswith(".part"), name
        if not name.startswith("derived/"):
            assert hashlib.sha256((blobs / name).read_bytes()).hexdigest() == Path(name).name


def used_megabytes(folder: Path) -> int:
    used = os.statvfs(folder)
    return (used.f_blocks - used.f_bfree) * used.f_frsize // MIB + 1
