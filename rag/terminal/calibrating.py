"""What a calibration came to, and in a phrase where a library stands."""

from __future__ import annotations

from dataclasses import asdict

from rag.model import CalibrationFit
from rag.retrieval.fitting.flow import Outcome
from rag.retrieval.fitting.report import HeldOut
from rag.terminal.text import console, print_json, table

CHANNELS = {"image": "picture alone", "caption": "captions alone", "bm25": "words alone", "rrf": "fused ranks"}


def print_outcome(outcome: Outcome, min_relevance: float, as_json: bool) -> None:
    """The held-out figures of the new fit beside those of what was in use."""
    if as_json:
        print_json(asdict(outcome) | {"min_relevance": min_relevance})
        return
    if outcome.now is not None and outcome.before is not None:
        console.print(f"{outcome.library}: measured on {outcome.now.questions:,} held-out questions", highlight=False)
        shown = table("", "before", "now", numbers=("before", "now"))
        for name, before, now in _rows(outcome.before, outcome.now, min_relevance):
            shown.add_row(name, before, now)
        console.print(shown)
    end = f"in use from now on ({outcome.calibration})" if outcome.installed else f"not taken: {outcome.reason}"
    console.print(f"Calibrated on {outcome.visuals:,} captioned visuals; {end}.", highlight=False)
    if outcome.installed and not outcome.orders:
        console.print("Hits stay in the order of fused ranks, which find more here; relevance says how sure each is.")


def in_a_phrase(fit: CalibrationFit | None) -> str:
    """Where a library stands, for `status`."""
    if fit is None:
        return "the encoder's prior"
    when = f"{fit.fitted_at:%Y-%m-%d}" if fit.fitted_at else "now"
    figures = fit.held_out.get("now") or {}
    error = figures.get("ece")
    return f"fitted {when} on {fit.visuals:,} visuals" + (f", error {error:.3f}" if error is not None else "")


def _rows(before: HeldOut, now: HeldOut, min_relevance: float) -> list[tuple[str, str, str]]:
    rows = [
        ("expected calibration error", _share(before.ece), _share(now.ece)),
        ("log loss", f"{before.log_loss:.3f}", f"{now.log_loss:.3f}"),
    ]
    rows += [
        (f"first one wrong, {share} answered", _share(before.risk[share]), _share(risk))
        for share, risk in now.risk.items()
    ]
    rows += [
        (f"kept at relevance {min_relevance:g}: with an answer", _share(before.kept), _share(now.kept)),
        ("turned away: without an answer", _share(before.abstained), _share(now.abstained)),
    ]
    rows += [
        (f"recall@5, {name}", _share(before.recall.get(key)), _share(now.recall.get(key)))
        for key, name in CHANNELS.items()
    ]
    return [*rows, ("recall@5, relevance", _share(before.recall.get("relevance")), _share(now.recall.get("relevance")))]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
