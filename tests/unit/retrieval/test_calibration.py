"""Scores become probabilities: a library's fit, and the encoder's prior before there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.indexing.bm25 import document_vector, query_vector
from rag.model import Channel, VisualId
from rag.ports import Sigmoid
from rag.retrieval.calibration import Calibration, calibration_from, counted_leads, leads, specificity
from rag.retrieval.fusion import Candidate
from rag.retrieval.logistic import fit_logistic, probabilities
from rag.retrieval.ranking import QueryShape, Ranker
from rag.retrieval.relevance import relevance
from rag.retrieval.words import Words

PRIORS = {Channel.IMAGE: Sigmoid(28.0, 0.49), Channel.CAPTION: Sigmoid(27.0, 0.77)}
NAN = float("nan")
Floats = NDArray[np.float64]
WORDS = Words.of([document_vector("a red dress"), document_vector("a blue car"), document_vector("a red car")])
FITTED = Calibration(
    PRIORS,
    {
        (True, False, True): (0.5, 0.4, 0.6, 0.2, 0.3, -0.5, -1.5),
        (True, True, True): (0.3, 0.2, 0.4, 0.3, 0.5, 0.6, 0.7, -0.7, -2.0),
    },
    (0.8, 1.1, 0.1, 0.4, 0.2, -0.3),
    WORDS,
    id="some-fit",
)
cosines = st.floats(-1, 1)


@settings(deadline=None)
@given(cosines, st.none() | cosines)
def test_without_a_fit_relevance_is_the_encoders_prior(image: float, caption: float | None) -> None:
    scores = {Channel.IMAGE: image} | ({} if caption is None else {Channel.CAPTION: caption})
    row = np.array([[image, NAN if caption is None else caption, NAN]])
    assert Calibration(PRIORS).relevance(row, 0.5)[0] == pytest.approx(relevance(scores, PRIORS), abs=1e-5)


@settings(deadline=None)
@given(st.tuples(cosines, cosines, st.floats(0, 1.5)), st.floats(0, 1), st.integers(0, 2), st.floats(0, 1))
def test_a_higher_score_never_lowers_relevance(
    scores: tuple[float, float, float], specific: float, which: int, more: float
) -> None:
    others = [[0.5, 0.8, 0.4], [0.4, NAN, 0.0]]
    row = list(scores)
    lower = FITTED.relevance(np.array([row, *others]), specific)[0]
    row[which] += more
    assert FITTED.relevance(np.array([row, *others]), specific)[0] >= lower - 1e-12


@settings(deadline=None)
@given(cosines, cosines, st.floats(0, 1.5), st.floats(0, 1))
def test_what_channels_add_is_the_whole_reason(image: float, caption: float, share: float, specific: float) -> None:
    rows = np.array([[image, caption, share], [image, NAN, share], [image, caption, NAN]])
    parts = FITTED.parts(rows, specific)
    assert probabilities(parts.sum(axis=1)) == pytest.approx(FITTED.relevance(rows, specific))
    assert parts[1, 1] == 0.0
    assert parts[2, 2] == 0.0


def test_a_calibration_reads_back_as_it_was_kept_under_a_name_of_its_content() -> None:
    kept = FITTED.as_json()
    back = calibration_from(kept, PRIORS)
    rows = np.array([[0.5, 0.8, 0.4], [0.6, NAN, 0.0]])
    assert back.relevance(rows, 0.3).tolist() == FITTED.relevance(rows, 0.3).tolist()
    assert back.as_json() == kept
    assert back.id == calibration_from(kept, PRIORS).id
    changed = Calibration(PRIORS, {**FITTED.weights, (True, False, True): (1.0, 0, 0, 0, 0, 0, 0)}, words=WORDS)
    assert calibration_from(changed.as_json(), PRIORS).id != back.id


def test_a_word_says_little_and_a_sentence_much() -> None:
    assert [specificity(terms) for terms in (0, 1, 10, 40)] == [0.0, 0.0, 1.0, 1.0]
    assert specificity(4) == pytest.approx(1 / 3)


def test_leads_by_hand() -> None:
    assert leads(np.array([1.0, 4.0, 2.5])).tolist() == [-3.0, 1.5, -1.5]
    assert leads(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]
    assert leads(np.array([7.0])).tolist() == [0.0]
    assert leads(np.zeros(0)).tolist() == []


def test_a_lead_among_what_does_not_fit_counts_for_nothing() -> None:
    assert counted_leads(np.array([1.0, 4.0, 2.5])).tolist() == [-3.0, 1.5, -1.5]
    assert counted_leads(np.array([-9.0, -5.0])).tolist() == [-4.0, 0.0]
    assert counted_leads(np.array([-2.0, -9.0])).tolist() == [1.0, -7.0]


def test_a_share_of_words_means_the_same_for_every_question() -> None:
    said = document_vector("a red dress on a beach")
    assert WORDS.share(query_vector("red dress"), said) == pytest.approx(
        WORDS.share(query_vector("dress"), said), rel=0.01
    )
    assert WORDS.share(query_vector("green tractor"), said) == 0.0
    assert WORDS.share(query_vector("red"), said) > WORDS.share(query_vector("red tractor"), said) > 0
    assert WORDS.share(query_vector("the of and"), said) == 0.0


# Fitting


def samples(count: int, slope: float, bias: float, seed: int = 1) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 1))
    return x, (rng.random(count) < probabilities(slope * x[:, 0] + bias)).astype(np.float64)


def fitted(x: Floats, labels: Floats, prior: tuple[float, ...], strength: float) -> Floats:
    ones = np.ones((len(x), 1))
    believed, strengths = np.array(prior), np.full(len(prior), strength)
    return fit_logistic(x, ones, labels, weights=np.ones(len(x)), prior=believed, strength=strengths)


def test_a_fit_finds_the_model_that_made_the_data() -> None:
    x, labels = samples(20_000, slope=2.0, bias=-1.0)
    assert fitted(x, labels, (0.0, 0.0), 1.0) == pytest.approx([2.0, -1.0], abs=0.1)


def test_with_no_data_a_fit_is_what_was_believed_and_data_move_it_smoothly() -> None:
    x, labels = samples(5_000, slope=3.0, bias=0.0)
    slopes = [fitted(x[:n], labels[:n], (0.5, 0.0), 20.0)[0] for n in (0, 50, 500, 5_000)]
    assert slopes[0] == pytest.approx(0.5)
    assert slopes == sorted(slopes)
    assert slopes[-1] == pytest.approx(3.0, abs=0.3)


def test_a_score_that_speaks_against_itself_is_ignored() -> None:
    x, labels = samples(2_000, slope=-2.0, bias=0.0)
    slope, bias = fitted(x, labels, (0.5, 0.0), 1.0)
    assert slope == 0.0
    assert bias == pytest.approx(np.log(labels.mean() / (1 - labels.mean())), abs=0.01)


def test_classes_that_part_cleanly_give_a_finite_fit() -> None:
    x = np.linspace(-1, 1, 100)[:, None]
    assert np.isfinite(fitted(x, (x[:, 0] > 0).astype(np.float64), (1.0, 0.0), 1.0)).all()


# Ranking


def candidate(name: str, fused: float, library: str = "one", **scores: float) -> Candidate:
    named = {Channel(channel): score for channel, score in scores.items()}
    return Candidate(VisualId(name), fused, named, library=library)


def test_relevance_orders_and_equal_ones_keep_the_fused_order_then_that_of_their_ids() -> None:
    some = [
        candidate("c", 0.01, image=0.5),
        candidate("b", 0.01, image=0.5),
        candidate("a", 0.02, image=0.5),
        candidate("d", 0.00, image=0.9),
    ]
    ranked = Ranker(lambda library: FITTED).rank(some, QueryShape(("one",), query_vector("red dress")))
    assert [one.id for one in ranked] == ["d", "a", "b", "c"]
    assert ranked[0].relevance > ranked[1].relevance
    assert set(ranked[0].reasons) == {"image", "bm25", "lead", "base"}


def test_without_a_fit_the_fused_order_stays_and_relevance_is_the_prior() -> None:
    some = [candidate("a", 0.01, image=0.9), candidate("b", 0.02, image=0.4)]
    ranked = Ranker(lambda library: Calibration(PRIORS)).rank(some, QueryShape(("one",), query_vector("red dress")))
    assert [one.id for one in ranked] == ["b", "a"]
    assert ranked[1].relevance == pytest.approx(relevance({Channel.IMAGE: 0.9}, PRIORS), abs=1e-5)


def test_where_fused_ranks_find_more_they_order_and_relevance_is_told_all_the_same() -> None:
    some = [candidate("a", 0.02, image=0.4), candidate("b", 0.01, image=0.9)]
    fits = {True: FITTED, False: replace(FITTED, orders=False)}
    found = {
        orders: Ranker(lambda library, fit=fit: fit).rank(some, QueryShape(("one",), query_vector("red dress")))  # type: ignore[misc]
        for orders, fit in fits.items()
    }
    assert [one.id for one in found[True]] == ["b", "a"]
    assert [one.id for one in found[False]] == ["a", "b"]
    assert found[False][1].relevance > found[False][0].relevance


def test_each_candidate_is_read_by_the_calibration_of_its_own_library() -> None:
    fits = {"one": FITTED, "two": Calibration(PRIORS)}
    some = [candidate("a", 0.01, "one", image=0.6), candidate("b", 0.01, "two", image=0.6)]
    shape = QueryShape(("one", "two"), query_vector("red dress"))
    ranker = Ranker(fits.__getitem__)
    found = {one.id: one.relevance for one in ranker.rank(some, shape)}
    alone = {
        one.id: one.relevance
        for library in fits
        for one in ranker.rank([one for one in some if one.library == library], QueryShape((library,), shape.terms))
    }
    assert found == alone
    assert found[VisualId("a")] != found[VisualId("b")]
    assert ranker.used(shape) == {"one": "some-fit", "two": "prior"}


def test_a_question_without_words_is_not_held_against_what_has_none() -> None:
    fitted = Calibration(
        PRIORS, {**FITTED.weights, (True, False, False): (1.0, 0.0, 0.0, 0.0, 0.0)}, words=WORDS, id="fit"
    )
    some = [candidate("a", 0.01, image=0.6)]
    by_picture = Ranker(lambda library: fitted).rank(some, QueryShape(("one",)))[0]
    assert "bm25" not in by_picture.reasons


def test_nothing_found_ranks_to_nothing() -> None:
    assert Ranker(lambda library: FITTED).rank([], QueryShape(("one",))) == []
