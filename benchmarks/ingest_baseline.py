"""`python -m benchmarks.ingest_baseline CHECKPOINT FOLDER`: how the well-known tools embed a folder.

A PyTorch DataLoader whose workers decode in full and preprocess as open_clip says, and one
loop that runs the model in fp32 and normalises: the shape of clip-retrieval's inference,
without writing anything. Prints pictures a second and, for `--vectors`, keeps them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

BATCH = 32


class Pictures(Dataset[torch.Tensor]):
    def __init__(self, paths: list[Path], preprocess: open_clip.transform.Compose) -> None:
        self._paths, self._preprocess = paths, preprocess

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, place: int) -> torch.Tensor:
        pixels: torch.Tensor = self._preprocess(Image.open(self._paths[place]))
        return pixels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vectors", type=Path)
    wanted = parser.parse_args()
    model, _, preprocess = open_clip.create_model_and_transforms("ViT-B-32", pretrained=wanted.checkpoint)
    model.eval()
    pictures = Pictures(sorted(wanted.folder.glob("*.jpg")), preprocess)
    loader = DataLoader(pictures, batch_size=BATCH, num_workers=os.cpu_count() or 1, prefetch_factor=2)
    with torch.no_grad():
        model.encode_image(torch.zeros(BATCH, 3, 224, 224))
        started = time.perf_counter()
        rows = [torch.nn.functional.normalize(model.encode_image(batch), dim=-1).numpy() for batch in loader]
        took = time.perf_counter() - started
    if wanted.vectors:
        np.save(wanted.vectors, np.concatenate(rows))
    sys.stdout.write(json.dumps({"rate": len(pictures) / took}) + "\n")


if __name__ == "__main__":
    main()
