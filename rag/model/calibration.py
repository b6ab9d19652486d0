"""How a library's scores read as probabilities, as the catalog keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rag.model.ids import Json


@dataclass(frozen=True, slots=True)
class CalibrationFit:
    """One fit of one library with one encoder.

    Attributes:
        id: names its content; the ledger says by which one a retrieval was ranked.
        visuals: captioned visuals that it was fitted and measured on.
        captioned: assets with a searchable caption that the library had then.
        weights: see `rag.retrieval.calibration.Calibration.as_json`.
        held_out: its figures on what the fit did not see, and those of what was in use before.
        installed: whether it became the one in use; otherwise it was worse than that.
        fitted_at: None until it is kept.
    """

    id: str
    library: str
    encoder_id: str
    visuals: int
    captioned: int
    weights: Json
    held_out: Json
    installed: bool = True
    fitted_at: datetime | None = None
