"""The calibration in use, kept in memory as long as it is the newest."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from rag.ports import Catalog, Encoder
from rag.retrieval.calibration import Calibration, calibration_from

_read: WeakKeyDictionary[Catalog, dict[tuple[str, str], Calibration]] = WeakKeyDictionary()
"""Reading one takes milliseconds; asking which is the newest takes a fraction of one. So a fit counts from the next
question on, in every process."""


def present_calibrations(catalog: Catalog, encoder: Encoder, libraries: Sequence[str]) -> dict[str, Calibration]:
    """For each library, its newest installed fit with `encoder`; the encoder's prior where there is none.

    Raises:
        Unavailable: the catalog did not answer.
    """
    newest = catalog.calibration_ids(libraries, encoder.id)
    return {name: _read_once(catalog, encoder, name, newest.get(name)) for name in libraries}


def present_calibration(catalog: Catalog, encoder: Encoder, library: str) -> Calibration:
    """See `present_calibrations`."""
    return present_calibrations(catalog, encoder, [library])[library]


def _read_once(catalog: Catalog, encoder: Encoder, library: str, newest: str | None) -> Calibration:
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
