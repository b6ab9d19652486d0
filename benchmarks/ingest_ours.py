"""`python -m benchmarks.ingest_ours ENCODER FOLDER`: our pipeline, or our encoder alone, over a folder.

The pipeline runs whole: files are read, hashed and kept, the catalog commits, Celery tasks
carry ids, decoder processes decode, the encoder encodes, Qdrant Edge stores. Models are
loaded before the clock starts, as in the baseline.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from rag.encoding.openclip import OpenClipEncoder
from rag.ingest import accept, follow
from rag.model import LOCAL_OWNER, AssetState, VisualId
from rag.ports import Encoder
from rag.settings import Settings
from rag.sources.folders import folder_entries
from rag.wiring import WiredServices, opened

LIBRARY = "benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoder")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--encoder-alone", action="store_true", help="on prepared pictures; keeps no vectors")
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as data,
        opened(
            Settings(data=Path(data), encoder=wanted.encoder, precision=wanted.precision, _env_file=None)
        ) as services,
    ):
        services.warm_up()
        rate = _encoder_alone(services.encoder, wanted.folder) if wanted.encoder_alone else _pipeline(services, wanted)
        result = {"rate": rate, "precision": _precision(services.encoder)}
    sys.stdout.write(json.dumps(result) + "\n")


def _pipeline(services: WiredServices, wanted: argparse.Namespace) -> float:
    rate = _ingest_rate(services, wanted.folder)
    if wanted.vectors:
        np.save(wanted.vectors, _vectors(services))
    return rate


def _ingest_rate(services: WiredServices, folder: Path) -> float:
    _ingest(services, folder, most=8)  # decoder processes and the worker start with the first files
    started = time.perf_counter()
    count = _ingest(services, folder)
    return (count - 8) / (time.perf_counter() - started)


def _ingest(services: WiredServices, folder: Path, *, most: int = sys.maxsize) -> int:
    entries = (entry for _, entry in zip(range(most), folder_entries(folder, max_bytes=2**30), strict=False))
    job = accept(services, LOCAL_OWNER, LIBRARY, entries)
    *_, job = follow(services, LOCAL_OWNER, job.id, every=0.05)
    indexed = job.counts.get(AssetState.INDEXED, 0)
    if indexed != job.total:
        raise SystemExit(f"only {indexed} of {job.total} were indexed: {dict(job.counts)}")
    return indexed


def _encoder_alone(encoder: Encoder, folder: Path) -> float:
    prepared = [encoder.prepare(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))]
    batch = encoder.batch
    encoder.images(prepared[:batch])
    started = time.perf_counter()
    for start in range(0, len(prepared), batch):
        encoder.images(prepared[start : start + batch])
    return len(prepared) / (time.perf_counter() - started)


def _precision(encoder: Encoder) -> str:
    """What `--precision=auto` chose on this machine."""
    return str(encoder.precision) if isinstance(encoder, OpenClipEncoder) else "auto"


def _vectors(services: WiredServices) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """One row a picture, in order of their names. shape (n, dim)"""
    assets = services.catalog.assets(LOCAL_OWNER, LIBRARY, limit=100_000)
    visuals = {one.asset_id: one.id for one in services.catalog.visuals_of([asset.ref for asset in assets])}
    ordered: list[VisualId] = [visuals[asset.id] for asset in sorted(assets, key=lambda asset: asset.name)]
    points = services.store.fetch(ordered)
    return np.stack([points[one].image for one in ordered])


if __name__ == "__main__":
    main()
