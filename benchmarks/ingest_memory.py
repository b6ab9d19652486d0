"""Whether memory grows with the library, and one upload beside a bulk job. Demo encoder, small pictures."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from benchmarks.desk import LIBRARY, empty_desk
from benchmarks.figure import Figure, median_seconds
from benchmarks.ingest_pictures import write_small
from benchmarks.processes import Memory, measured
from rag.ingest import accept, follow
from rag.model import LOCAL_OWNER
from rag.sources.entry import Entry
from rag.sources.folders import folder_entries
from rag.wiring import WiredServices

FEW, MANY = 1_000, 20_000
UPLOADS = 12


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_ingested(Path(folder, str(count)), count) for count in (FEW, MANY))
        beside = f"{MANY:,} pictures beside {FEW:,}"
        return [
            _flat(f"peak memory, {beside}", many.peak.all, few.peak.all),
            _flat(f"peak private memory, {beside}", many.peak.private, few.peak.private),
            Figure(f"ingest {MANY:,} small pictures beside {FEW:,}", many.rate, "pictures/s", baseline=few.rate),
            _upload_beside_a_bulk_job(Path(folder, str(FEW))),
        ]


class Run(NamedTuple):
    """Pictures a second, and the peak memory of all processes."""

    rate: float
    peak: Memory


def _ingested(folder: Path, count: int) -> Run:
    write_small(folder, count)
    result, peak = measured("benchmarks.ingest_ours", "demo", str(folder))
    return Run(float(result["rate"]), peak)


def _flat(name: str, many: int, few: int) -> Figure:
    return Figure(name, many / 2**20, "MiB", 1.15, "lower", few / 2**20, of_ratio=True)


def _upload_beside_a_bulk_job(bulk: Path) -> Figure:
    """Seconds from handing one picture in until it is indexed, while a thousand others wait, and while none does."""
    with tempfile.TemporaryDirectory() as folder, empty_desk() as services:
        write_small(Path(folder), 2 * UPLOADS + 1, seed=1)
        single = iter(list(folder_entries(Path(folder), max_bytes=2**20)))

        def upload() -> None:
            _indexed(services, [next(single)], urgent=True)

        upload()
        idle = median_seconds(upload, UPLOADS)
        entries = list(folder_entries(bulk, max_bytes=2**20))
        job = threading.Thread(target=_indexed, args=(services, entries))
        job.start()
        beside = median_seconds(upload, UPLOADS)
        job.join()
    return Figure("one upload beside a bulk job of 1,000", beside, "s", better="lower", baseline=idle)


def _indexed(services: WiredServices, entries: list[Entry], *, urgent: bool = False) -> None:
    job = accept(services, LOCAL_OWNER, LIBRARY, entries, urgent=urgent)
    for _ in follow(services, LOCAL_OWNER, job.id, every=0.01):
        pass
