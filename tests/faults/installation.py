"""An installation under test: its settings, its programs, and this process as one of its doors."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rag.ingest import accept
from rag.model import LOCAL_OWNER, Asset, AssetRef, AssetState, Job
from rag.settings import Settings
from rag.wiring import WiredServices
from tests.faults.nursery import Programs
from tests.faults.pictures import entries
from tests.flows.processes import Child, eventually

LIBRARY = "news"
PREFIX = "PICTUREDESK_"


def settings_of(environment: Mapping[str, str]) -> Settings:
    """What a program with this environment reads from it."""
    named = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    return Settings(**named)  # type: ignore[arg-type]


@dataclass
class Installation:
    """The services profile.

    Attributes:
        services: this process's own view. It accepts, and looks; it indexes nothing.
    """

    environment: dict[str, str]
    programs: Programs
    services: WiredServices
    workers: list[Child] = field(default_factory=list)

    def worker(self) -> Child:
        """Start a worker; it is ready when it says so."""
        self.workers.append(self.programs.worker(f"worker-{len(self.workers)}", self.environment))
        return self.workers[-1]

    def ready_workers(self, count: int) -> list[Child]:
        """Start workers side by side; returns when all take work."""
        started = [self.worker() for _ in range(count)]
        for worker in started:
            worker.wait_for("ready.")
        return started

    def ready_worker(self) -> Child:
        (worker,) = self.ready_workers(1)
        return worker

    def accept(self, files: dict[str, bytes]) -> Job:
        return accept(self.services, LOCAL_OWNER, LIBRARY, entries(files))

    def wait_until_done(self, job: Job) -> Job:
        def look() -> Job | None:
            now = self.services.catalog.job(LOCAL_OWNER, job.id)
            return now if now.done else None

        return eventually(look, deadline=120)

    def assets_of(self, job: Job) -> list[Asset]:
        items = self.services.catalog.job_items(LOCAL_OWNER, job.id)
        ids = [item.asset_id for item in items if item.asset_id is not None]
        return [self.services.catalog.asset(LOCAL_OWNER, AssetRef(LIBRARY, asset_id)) for asset_id in ids]

    def wait_until_begun(self, job: Job) -> None:
        """A worker has counted an attempt at one of the job's assets."""
        eventually(lambda: any(asset.attempts for asset in self.assets_of(job)))

    def counts(self, job: Job) -> dict[AssetState, int]:
        return dict(self.services.catalog.job(LOCAL_OWNER, job.id).counts)


def tasks_in_hand(worker: Child) -> int:
    """How many tasks a worker has taken and not ended, by its own log."""
    log = worker.output()
    return log.count("] received") - log.count("] succeeded") - log.count("] raised")


def kill_alone(child: Child) -> None:
    """SIGKILL the program and none of its children, as the kernel does when memory runs out."""
    with suppress(ProcessLookupError):
        os.kill(child.process.pid, signal.SIGKILL)
    child.wait()


def stop_running(child: Child) -> None:
    child.process.send_signal(signal.SIGSTOP)


def run_on(child: Child) -> None:
    child.process.send_signal(signal.SIGCONT)


@dataclass(frozen=True)
class Running:
    """One process as /proc shows it."""

    pid: int
    parent: int
    command: str
    cpu_seconds: float


def running_processes() -> list[Running]:
    """Every process that has not ended."""
    found = (process_at(path) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [process for process in found if process is not None]


def process_at(path: Path) -> Running | None:
    try:
        words = (path / "stat").read_text().rpartition(")")[2].split()
        command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if words[0] in "ZX":
        return None
    ticks = int(words[11]) + int(words[12])
    return Running(int(path.name), int(words[1]), command, ticks / os.sysconf("SC_CLK_TCK"))


def descendants(child: Child) -> list[Running]:
    """The processes that a program has started, and those they have started."""
    everyone = running_processes()
    family, found = {child.process.pid}, []
    while fresh := [one for one in everyone if one.parent in family and one.pid not in family]:
        family |= {one.pid for one in fresh}
        found += fresh
    return found


def still_running(processes: Collection[Running]) -> set[int]:
    """Of processes seen before, those that have not ended."""
    return {one.pid for one in running_processes()} & {one.pid for one in processes}
