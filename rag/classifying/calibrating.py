"""Which calibration holds: the encoder's own, or one fitted to what people said of a library's assets."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from rag.classifying.assets import indexed_assets, stored_vectors
from rag.classifying.classifier import Classifier
from rag.classifying.confidence import Calibration, Floats, default_calibration
from rag.classifying.fitting import Bools, fit, quality
from rag.model import Actor, Asset
from rag.ports import Encoder, Services, Sigmoid

log = logging.getLogger(__name__)

MEASURED = Path(__file__).with_name("demo.json")
"""Fitted on drawn scenes for the encoder that it names, by `python -m benchmarks.classification_cases`."""

MOST_ASSETS = 2_000
"""Assets that are looked at for people's tags: the first by id, which is a hash, so they are a sample."""

LEAST_OF_EACH = 40
"""Assets with one of the labels among their tags, and as many tagged with none of them, for a fit of our own."""


def calibration_of(encoder: Encoder) -> Calibration:
    """What holds for an encoder before anything is known of a library."""
    kept = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    if kept.get("encoder") != encoder.id:
        return default_calibration(encoder.priors)
    return Calibration(kept["scale"], Sigmoid(**kept["fits"]), kept["basis"])


def write_measured(encoder: Encoder, calibration: Calibration) -> None:
    """Keep what was fitted for `encoder`."""
    MEASURED.write_text(json.dumps({"encoder": encoder.id, **asdict(calibration)}, indent=2) + "\n")


def calibration_from_tags(services: Services, actor: Actor, library: str, classifier: Classifier) -> Calibration:
    """Fitted on people's tags where a library has enough of them and the fit holds on others; else the encoder's.

    An asset tagged by people or its file, and with none of the labels, counts as "none of
    these". Tags of classifications count for nothing. One half of the assets fits, the other
    half decides: the fit is taken where its log loss there is lower.
    """
    cosines, right = _tagged_by_people(services, actor, library, classifier)
    some = right.any(axis=1)
    if min(some.sum(), (~some).sum()) < LEAST_OF_EACH:
        return classifier.calibration
    return chosen(cosines, right, classifier.calibration)


def chosen(cosines: Floats, right: Bools, before: Calibration) -> Calibration:
    """The better one of `before` and what the first half of the rows fits, on the second half of each sort."""
    fitting, held_out = halves(right)
    fitted = fit(cosines[fitting], right[fitting], "")
    ours, theirs = (quality(cosines[held_out], right[held_out], one) for one in (fitted, before))
    log.info("labels calibrated on people's tags: held-out log loss %.3f, before %.3f", ours.log_loss, theirs.log_loss)
    if ours.log_loss >= theirs.log_loss:
        return before
    basis = (
        f"people's tags on {len(fitting):,} assets of this library; on {len(held_out):,} others "
        f"the calibration error is {ours.calibration_error:.3f} (before: {theirs.calibration_error:.3f})"
    )
    return replace(fitted, basis=basis)


def halves(right: Bools) -> tuple[list[int], list[int]]:
    """Places of every other row with a label and every other one without, and of the rest."""
    some = right.any(axis=1)
    sorts = [np.flatnonzero(some), np.flatnonzero(~some)]
    return sorted(int(at) for sort in sorts for at in sort[::2]), sorted(int(at) for sort in sorts for at in sort[1::2])


def _tagged_by_people(services: Services, actor: Actor, library: str, classifier: Classifier) -> tuple[Floats, Bools]:
    """Cosines and people's tags of assets with one visual: shape (n, labels) each."""
    cosines: list[Floats] = []
    right: list[Bools] = []
    seen = 0
    for page in indexed_assets(services, actor, library):
        some = [asset for asset in page if asset.tags]
        tagged = {asset.ref: _said(asset, classifier.labels) for asset in some}
        for visuals, vectors in stored_vectors(services, classifier.serving.store, some):
            alone = [at for at, visual in enumerate(visuals) if not visual.locator]
            cosines += list((vectors[alone] @ classifier.vectors.T).astype(np.float64))
            right += [tagged[visuals[at].asset_ref] for at in alone]
        seen += len(page)
        if seen >= MOST_ASSETS:
            break
    shape = (len(cosines), len(classifier.labels))
    return np.array(cosines).reshape(shape), np.array(right, dtype=np.bool_).reshape(shape)


def _said(asset: Asset, labels: tuple[str, ...]) -> Bools:
    tags = {tag.casefold() for tag in asset.tags}
    return np.array([label.casefold() in tags for label in labels], dtype=np.bool_)
