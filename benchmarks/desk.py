"""An embedded installation in a temporary folder, with the sample library in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.ingest import accept, entries_of, follow
from rag.model import LOCAL_OWNER
from rag.retrieval.fitting.flow import keep_calibrated
from rag.scenes.sample_library import write_sample_library
from rag.settings import Settings
from rag.wiring import WiredServices, opened

LIBRARY = "sample"


@contextmanager
def empty_desk(**chosen: Any) -> Iterator[WiredServices]:
    """`chosen`: settings other than the defaults."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Settings(data=Path(folder, "data"), _env_file=None, **chosen)) as services,
    ):
        services.warm_up()
        yield services


def ingest_sample(services: WiredServices, manifest: Path) -> None:
    """Returns when every picture is indexed."""
    job = accept(services, LOCAL_OWNER, LIBRARY, entries_of(services, manifest))
    for _ in follow(services, LOCAL_OWNER, job.id, every=0.02):
        pass


@contextmanager
def sample_desk(**chosen: Any) -> Iterator[WiredServices]:
    with tempfile.TemporaryDirectory() as folder, empty_desk(**chosen) as services:
        ingest_sample(services, write_sample_library(Path(folder)))
        keep_calibrated(services)  # as a worker does when it finds the time: what is measured must not begin before
        yield services
