"""The calibration in use, kept in memory as long as it is the newest."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from rag.ports import Catalog, Encoder
from rag.retrieval.calibration import Calibration, calibration_from

_read: WeakKeyDictionary[Catalog, dict[tuple[str, str], Calibration]] = WeakKeyDictionary()
"""Reading one takes milliseconds; asking which is the newest takes a fraction of one. So a fit counts from the next
question on, in every process."""


def present_calibration(catalog: Catalog, encoder: Encoder, library: str) -> Calibration:
    """The newest installed fit of `library` with `encoder`; the encoder's prior where there is none.

    Raises:
        Unavailable: the catalog did not answer.
    """
    newest = catalog.calibration_id(library, encoder.id)
    if newest is None:
        return Calibration(encoder.priors)
    known = _read.setdefault(catalog, {})
    kept = known.get((library, encoder.id))
    if kept is not None and kept.id == newest:
        return kept
    fit = catalog.calibration(library, encoder.id)
    found = calibration_from(fit.weights, encoder.priors) if fit else Calibration(encoder.priors)
    known[library, encoder.id] = found
    return found
