"""Pictures a second from files to searchable, beside the encoder alone on decoded pixels."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from benchmarks.desk import empty_desk, ingest_sample
from benchmarks.figure import Figure, seconds
from rag.scenes.sample_library import write_sample_library


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, empty_desk() as services:
        manifest = write_sample_library(Path(folder))
        pictures = [Image.open(path).convert("RGB").resize((256, 256)) for path in sorted(Path(folder).glob("*.jpg"))]
        services.encoder.images(pictures[:32])
        encoding = seconds(lambda: [services.encoder.images(pictures[n : n + 32]) for n in range(0, len(pictures), 32)])
        ingesting = seconds(lambda: ingest_sample(services, manifest))
    count = len(pictures)
    return [Figure("embed and upsert, 640 px JPEG", count / ingesting, "pictures/s", baseline=count / encoding)]
