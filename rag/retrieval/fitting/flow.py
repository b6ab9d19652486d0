"""Fitting a library's calibration, by hand and when it has grown.

captioned visuals, a bounded sample -> questions -> search -> rows -> fit on one part
    -> figures on the part held out -> kept in the catalog, unless the present one is better there
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, replace

from rag.errors import BadQuery, PictureDeskError
from rag.model import CalibrationFit, Json
from rag.ports import Draft, Services
from rag.retrieval.calibration import Calibration, calibration_from
from rag.retrieval.fitting.model import fit
from rag.retrieval.fitting.pairs import Rows, ask, rows_of
from rag.retrieval.fitting.report import HeldOut, held_out_figures
from rag.retrieval.fitting.sample import Sample, draw_sample
from rag.retrieval.present import present_calibration
from rag.retrieval.words import Words

log = logging.getLogger(__name__)

LEAST_CAPTIONED = 30
"""Captioned visuals below which nothing is fitted: the encoder's prior is read as it is."""

MOST_CAPTIONED = 2_000
"""Captioned visuals looked at, so that a library of a million takes no longer than one of two thousand."""

MOST_ASKED_ABOUT = 300

GROWN = 1.5
"""Refit when there are so many times the captioned assets of the last fit."""

CLEARLY = 0.05
"""Of recall@5: about two standard errors of a few hundred questions."""

SEED = 1_909


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a fit came to.

    Attributes:
        installed: the new calibration is the one in use now.
        worse: it is not, because the present one is better on what was held out.
        reason: why not, where it is not.
        orders: whether hits are ordered by relevance; else by fused ranks, which find more here.
        now: held-out figures of the new one; `before` of what was in use, a fit or the prior, on the same questions.
    """

    library: str
    installed: bool
    worse: bool
    reason: str
    visuals: int
    calibration: str
    orders: bool
    now: HeldOut | None
    before: HeldOut | None


def calibrate(services: Services, library: str) -> Outcome:
    """Fit the calibration of one library with the live encoder, and keep it if it is no worse than the present one.

    Seconds, however large the library is. Running it twice gives the same.

    Raises:
        BadQuery: fewer than `LEAST_CAPTIONED` visuals have captions.
        Unavailable: catalog, store.
        EncoderBroken: the encoder fails.
    """
    rng = random.Random(f"{SEED} {library}")
    sample = draw_sample(services.catalog, services.store, library, MOST_CAPTIONED, rng)
    if len(sample.shown) < LEAST_CAPTIONED:
        raise BadQuery(
            f"{len(sample.shown)} visuals of the library {library!r} have captions; "
            f"at least {LEAST_CAPTIONED} are needed to calibrate it"
        )
    words = Words.of(shown.words for shown in sample.shown)
    asked = ask(sample, services.encoder, MOST_ASKED_ABOUT, rng)
    rows = rows_of(sample, asked, services.store, words, rng)
    return _judged(services, sample, rows, fit(rows, words, services.encoder.priors))


def _recorded(services: Services, sample: Sample, new: Calibration, reason: str) -> Draft:
    """Written before relevance is read in another way."""
    body: Json = {
        "action": "fitted",
        "calibration": new.id,
        "encoder": services.encoder.id,
        "visuals": len(sample.shown),
        "installed": not reason,
        "reason": reason,
    }
    return Draft("calibration", "picturedesk", sample.library, body)


def _judged(services: Services, sample: Sample, rows: Rows, new: Calibration) -> Outcome:
    threshold = services.settings.min_relevance
    present = present_calibration(services.catalog, services.encoder, sample.library)
    now = held_out_figures(new, rows, threshold)
    new = _ordering(new, now)
    before = held_out_figures(present, rows, threshold)
    reason = _why_not(new, present, now, before)
    captioned = services.catalog.captioned().get(sample.library, 0)
    if new.id != present.id:
        services.ledger.append(_recorded(services, sample, new, reason))
        services.catalog.keep_calibration(
            CalibrationFit(
                id=new.id,
                library=sample.library,
                encoder_id=services.encoder.id,
                visuals=len(sample.shown),
                captioned=captioned,
                weights=new.as_json(),
                held_out=_figures_json(now, before),
                installed=not reason,
            )
        )
    return Outcome(
        library=sample.library,
        installed=not reason,
        worse=bool(reason) and new.id != present.id,
        reason=reason,
        visuals=len(sample.shown),
        calibration=new.id,
        orders=new.orders,
        now=now,
        before=before,
    )


def _ordering(new: Calibration, now: HeldOut | None) -> Calibration:
    """Let fused ranks order where they find clearly more; relevance stays the probability it is.

    Where both find about as much, relevance orders: what is held out has captions, and
    fused ranks bury what has none beneath it.
    """
    orders = now is None or now.recall.get("relevance", 1.0) >= now.recall.get("rrf", 0.0) - CLEARLY
    return new if orders else calibration_from(replace(new, orders=False).as_json(), new.priors)


def keep_calibrated(services: Services) -> None:
    """Fit the libraries that have grown since their last fit. Never raises: searches go on with what there is."""
    try:
        for library, captioned in services.catalog.captioned().items():
            if is_due(services, library, captioned):
                outcome = calibrate(services, library)
                log.info("calibrated %s anew: %s", library, outcome.reason or outcome.calibration)
    except PictureDeskError as error:
        log.warning("calibrations stay as they are: %s", error)
    except Exception:
        log.exception("calibrations stay as they are, and are tried again")


def is_due(services: Services, library: str, captioned: int) -> bool:
    """Whether a library has enough captioned assets, and half as many again as at its last fit, kept or turned down."""
    if captioned < LEAST_CAPTIONED:
        return False
    kept = services.catalog.calibration(library, services.encoder.id, rejected=True)
    return kept is None or captioned >= GROWN * kept.captioned


def _why_not(new: Calibration, present: Calibration, now: HeldOut | None, before: HeldOut | None) -> str:
    if new.id == present.id:
        return "it is the same as the present one"
    if now is None or before is None:
        return "" if not present.fitted else "nothing was held out to compare it with the present one"
    if now.log_loss > before.log_loss:
        losses = f"log loss {now.log_loss:.4f}, not {before.log_loss:.4f}"
        return f"on held-out questions it is worse than the present one: {losses}"
    return ""


def _figures_json(now: HeldOut | None, before: HeldOut | None) -> Json:
    return {"now": now.as_json() if now else None, "before": before.as_json() if before else None}
