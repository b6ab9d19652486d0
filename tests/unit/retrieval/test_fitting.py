"""A library is calibrated on its own captions, and again when it has grown."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import BadQuery, Unavailable
from rag.model import LOCAL_OWNER, Query
from rag.retrieval.fitting import flow
from rag.retrieval.fitting.flow import LEAST_CAPTIONED, Outcome, calibrate, is_due, keep_calibrated
from rag.retrieval.fitting.model import fit
from rag.retrieval.fitting.pairs import Rows, ask, rows_of
from rag.retrieval.fitting.sample import draw_sample
from rag.retrieval.present import present_calibration
from rag.retrieval.search import Retriever
from rag.retrieval.words import Words
from rag.wiring import WiredServices
from tests.unit.retrieval.worded_library import LIBRARY, put, sentences, worded_services

CAPTIONED, BARE = 160, 80


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredServices]:
    with worded_services(tmp_path_factory.mktemp("worded")) as services:
        put(services, sentences(CAPTIONED + BARE), captioned=CAPTIONED)
        yield services


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[WiredServices]:
    with worded_services(tmp_path) as services:
        yield services


@pytest.fixture(scope="module")
def rows(services: WiredServices) -> Rows:
    rng = random.Random(1)
    sample = draw_sample(services.catalog, services.store, LIBRARY, 2_000, rng)
    words = Words.of(shown.words for shown in sample.shown)
    return rows_of(sample, ask(sample, services.encoder, 100, rng), services.store, words, rng)


@pytest.fixture(scope="module")
def outcome(services: WiredServices) -> Outcome:
    return calibrate(services, LIBRARY)


def retriever(services: WiredServices) -> Retriever:
    return Retriever(services.store, services.encoder, services.catalog, candidates=100, longest_question=400)


def test_a_sample_is_bounded_and_holds_captioned_visuals_only(services: WiredServices) -> None:
    whole = draw_sample(services.catalog, services.store, LIBRARY, 2_000, random.Random(1))
    some = draw_sample(services.catalog, services.store, LIBRARY, 25, random.Random(2))
    assert len({shown.id for shown in whole.shown}) == CAPTIONED
    assert len(some.shown) == 25
    assert all(shown.captions for shown in some.shown)
    held_out = sum(shown.held_out for shown in whole.shown) / CAPTIONED
    assert held_out == pytest.approx(0.3, abs=0.12)


def test_the_caption_that_a_question_is_made_of_is_never_met(rows: Rows, services: WiredServices) -> None:
    """With its own caption a visual would match whole-caption questions perfectly; none does."""
    wanted = rows.part(rows.wanted & ~np.isnan(rows.scores[:, 1]))
    others = rows.part(rows.relevant & ~rows.wanted & ~np.isnan(rows.scores[:, 1]))
    assert len(wanted.relevant) > 50
    assert wanted.scores[:, 2].mean() < others.scores[:, 2].mean()


def test_what_is_held_out_is_in_no_row_of_the_fit(rows: Rows) -> None:
    in_fit = ~rows.held_out & ~rows.mixed
    assert in_fit.any()
    assert rows.held_out.any()
    assert not set(rows.group[in_fit]) & set(rows.group[rows.held_out])


def test_without_rows_the_fit_is_the_prior_and_the_same_rows_give_the_same_fit(
    rows: Rows, services: WiredServices
) -> None:
    nothing = fit(rows.part(np.zeros(len(rows.relevant), dtype=np.bool_)), Words(), services.encoder.priors)
    assert not nothing.fitted
    words = Words()
    assert fit(rows, words, services.encoder.priors).id == fit(rows, words, services.encoder.priors).id


def test_calibrating_makes_relevance_a_probability_and_says_how_good_one(
    services: WiredServices, outcome: Outcome
) -> None:
    assert outcome.installed, outcome.reason
    assert outcome.now is not None
    assert outcome.before is not None
    assert outcome.now.log_loss < outcome.before.log_loss
    assert outcome.now.ece is not None
    assert outcome.now.ece < 0.12  # some 50 questions: twice the standard error of a bin
    ordered_by = outcome.now.recall["relevance" if outcome.orders else "rrf"]
    assert ordered_by >= max(outcome.now.recall[one] for one in ("image", "caption", "bm25")) - 0.03
    assert present_calibration(services.catalog, services.encoder, LIBRARY).id == outcome.calibration


def test_a_search_is_ordered_as_its_calibration_says_and_names_it(services: WiredServices, outcome: Outcome) -> None:
    found = retriever(services).retrieve(LOCAL_OWNER, Query("Which pictures show a red dog?", (LIBRARY,), top_k=20))
    said = [item.relevance if outcome.orders else item.fused for item in found.evidence]
    assert said == sorted(said, reverse=True)
    assert found.evidence[0].relevance > 0.5
    assert found.calibrations == {LIBRARY: outcome.calibration}


@pytest.mark.usefixtures("outcome")
def test_nothing_in_the_library_means_nothing_relevant(services: WiredServices) -> None:
    strange = retriever(services).retrieve(LOCAL_OWNER, Query("When is the next train to the airport?", (LIBRARY,)))
    assert all(item.relevance < 0.2 for item in strange.evidence)


def test_a_library_too_small_is_read_by_the_prior(empty: WiredServices) -> None:
    put(empty, sentences(10), captioned=10)
    with pytest.raises(BadQuery, match=f"at least {LEAST_CAPTIONED}"):
        calibrate(empty, LIBRARY)
    keep_calibrated(empty)
    assert not present_calibration(empty.catalog, empty.encoder, LIBRARY).fitted


def test_it_is_fitted_again_when_half_as_much_has_come(empty: WiredServices) -> None:
    put(empty, sentences(60), captioned=60)
    assert is_due(empty, LIBRARY, 60)
    keep_calibrated(empty)
    assert empty.catalog.calibration(LIBRARY, empty.encoder.id, rejected=True) is not None
    assert not is_due(empty, LIBRARY, 89)
    assert is_due(empty, LIBRARY, 90)


@pytest.mark.usefixtures("outcome")
def test_a_fit_that_is_worse_is_not_taken(services: WiredServices, monkeypatch: pytest.MonkeyPatch) -> None:
    present = present_calibration(services.catalog, services.encoder, LIBRARY)
    upside_down = {known: (*row[:-2], 6.0, 6.0) for known, row in present.weights.items()}
    monkeypatch.setattr(flow, "fit", lambda *_: replace(present, weights=upside_down, id="worse"))
    worse = calibrate(services, LIBRARY)
    assert worse.worse
    assert not worse.installed
    assert "worse than the present one" in worse.reason
    assert present_calibration(services.catalog, services.encoder, LIBRARY).id == present.id


def test_upkeep_never_fails_what_it_runs_in(services: WiredServices, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise Unavailable("the store did not answer")

    monkeypatch.setattr(flow, "is_due", lambda *_: True)
    for trouble in (unavailable, lambda *_: 1 / 0):
        monkeypatch.setattr(flow, "calibrate", trouble)
        keep_calibrated(services)
