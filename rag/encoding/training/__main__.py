"""`python -m rag.encoding.training`: makes the demo encoder that ships with the project, in about an hour."""

from __future__ import annotations

import argparse
import copy
import json
import logging
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from open_clip.model import CustomTextCLIP

from rag.encoding.demo import architecture, loading
from rag.encoding.openclip import OpenClipEncoder
from rag.encoding.training import card, checkpoint, dataset, fitting
from rag.encoding.training.figures import confirm, measure
from rag.encoding.training.loop import train
from rag.encoding.training.probes import fresh, probes
from rag.encoding.training.recipe import STAGES

log = logging.getLogger("rag.encoding.training")
SHIPPED = Path(architecture.__file__).parent


def main() -> None:
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.only_measure:
        finish(options.out, json.loads((options.out / "run.json").read_text()))
        return
    began = time.monotonic()
    known = probes()
    data = dataset.prepare(options.cache, options.scenes, options.seed, known.keys())
    log.info("%d scenes, %d texts after %.0f s", len(data), len(data.embeddings), time.monotonic() - began)

    def watch(step: int, loss: float, model: CustomTextCLIP) -> None:
        checkpoint.save(model, options.out / loading.WEIGHTS)
        figures = measure(OpenClipEncoder(loading.loaded(copy.deepcopy(model))), known)
        shown = ", ".join(f"{figure.name} {figure.value:.3f}" for figure in figures)
        log.info("step %d, %.0f s, loss %.3f: %s", step, time.monotonic() - began, loss, shown)

    model = loading.load(options.start).model if options.start else None
    for recipe in STAGES[options.stage - 1 :]:
        model = train(data, recipe, watch, options.every, start=model)
    run = {
        "seconds": round(time.monotonic() - began),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, torch on the CPU",
        "seed": options.seed,
        "scenes": len(data),
        "texts": len(data.embeddings),
        "stages": [asdict(recipe) for recipe in STAGES],
    }
    (options.out / "run.json").write_text(json.dumps(run, indent=2) + "\n")
    finish(options.out, run)


def finish(folder: Path, run: dict[str, Any]) -> None:
    """Fit the priors, pin the canary, measure, write the card: all on the weights as they lie in `folder`."""
    known = probes()
    fitting.write_priors(OpenClipEncoder(loading.load(folder)), known, folder)
    encoder = OpenClipEncoder(loading.load(folder))
    fitting.write_canary(encoder, folder)
    trained = dataset.scenes_for_training(run["scenes"], run["seed"], known.keys())
    unlooked = fresh(frozenset(scene.key for scene in trained))
    card.write(folder, [*measure(encoder, known), *confirm(encoder, unlooked)], run, encoder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rag.encoding.training", description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("data/demo-encoder"), help="folder for the training data")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder for weights, priors, canary and card")
    parser.add_argument("--start", type=Path, help="folder of an encoder to go on from")
    parser.add_argument("--stage", type=int, default=1, help="stage to begin with, from 1")
    parser.add_argument(
        "--only-measure", action="store_true", help="write priors, canary and card for what is in --out"
    )
    parser.add_argument("--scenes", type=int, default=40_000)
    parser.add_argument("--every", type=int, default=300, help="steps between looks at the figures")
    parser.add_argument("--seed", type=int, default=7, help="of the scenes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
