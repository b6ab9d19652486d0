"""Calibration and fusion against exact ground truth: the sample library, and 20,000 drawn scenes three ways.

Fits see nothing but the libraries: pictures and first captions. What is measured here
sees the scenes themselves: a text is answered by exactly those scenes that show what it
says. Questions are about scenes that no fit saw, in other words than their captions.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration_libraries import Library, drawn_libraries, sample
from benchmarks.drawn_world import drawn_world
from benchmarks.figure import Figure, median_seconds
from benchmarks.reliability_picture import reliability_svg
from rag.encoding.training.fitting import answers
from rag.encoding.training.strangers import strangers_kept
from rag.encoding.training.texts import Text, paraphrases, prompts, questions
from rag.indexing.bm25 import query_vector
from rag.model import Channel, Eq, VisualId
from rag.ports import Nearest, Services, Vector
from rag.retrieval.calibration import Calibration
from rag.retrieval.calibration_error import Bin, expected_calibration_error, reliability
from rag.retrieval.fitting.flow import calibrate
from rag.retrieval.fusion import Candidate, reciprocal_rank_fusion
from rag.retrieval.present import present_calibration
from rag.retrieval.ranking import QueryShape, Ranker
from rag.scenes import captions
from rag.settings import Settings
from rag.wiring import opened

COUNT = 20_000
ASKED = 150
"""Scenes asked about in each library: a paraphrase, some words and a question each, and as many without answer."""

SHOWN = 8
FIRST = 5
ECE_TARGET = 0.05
KEPT_TARGET, ABSTAINED_TARGET = 0.95, 0.95
MIXED_GAIN = 0.05
PICTURE = Path(__file__).parent.parent / "docs" / "images" / "reliability.svg"
"""Redrawn from the library where half has captions."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """A question, and which of the library's scenes answer it."""

    suite: str
    text: str
    vector: Vector
    relevant: frozenset[VisualId]


@dataclass(frozen=True)
class Found:
    """What one ranking said: relevance of the first `SHOWN`, whether each is right, and recall in the first five."""

    case: Case
    said: list[float]
    right: list[bool]
    recall: float


def figures() -> list[Figure]:
    """About ten minutes of one core the first time, most of it drawing; half of that afterwards."""
    with tempfile.TemporaryDirectory() as folder, opened(Settings(data=Path(folder), _env_file=None)) as services:
        libraries = [sample(services), *drawn_libraries(services, drawn_world(COUNT, services.encoder))]
        found = [figure for library in libraries for figure in _of_library(services, library)]
        return [*found, _speed(services)]


def _of_library(services: Services, library: Library) -> Iterator[Figure]:
    name = f"calibration, {library.title}"
    if library.captioned:
        calibrate(services, library.name)
    cases = _cases(services, library)
    lists = [_lists(services, library, case) for case in cases]
    fitted = present_calibration(services.catalog, services.encoder, library.name)
    ours = [_ranked(fitted, library, case, hits) for case, hits in zip(cases, lists, strict=True)]
    prior = Calibration(services.encoder.priors)
    theirs = [_ranked(prior, library, case, hits) for case, hits in zip(cases, lists, strict=True)]
    yield Figure(f"{name}: ECE", _ece(ours), "probability", ECE_TARGET, "lower", baseline=_ece(theirs))
    if library.mixed:
        drawn = {f"{name}, ECE {_ece(some):.3f}": _bins(some) for name, some in (("prior", theirs), ("fitted", ours))}
        PICTURE.write_text(reliability_svg(drawn))
    threshold = services.settings.min_relevance
    yield from _abstention(name, ours, theirs, threshold)
    for suite in ("paraphrase", "words", "question"):
        chosen = [at for at, case in enumerate(cases) if case.suite == suite]
        fused, rrf = (float(np.mean([found[at].recall for at in chosen])) for found in (ours, theirs))
        best = max(_channel_recalls([cases[at] for at in chosen], [lists[at] for at in chosen]))
        gain = MIXED_GAIN if library.mixed else 0.0
        yield Figure(f"{name}: {suite} recall@5", fused, "share", baseline=rrf)
        yield Figure(
            f"{name}: {suite} recall@5 over the best channel's", fused - best, "share", gain, baseline=rrf - best
        )


def _abstention(name: str, ours: Sequence[Found], theirs: Sequence[Found], threshold: float) -> Iterator[Figure]:
    for label, wanted, target in (
        ("answerable kept", True, KEPT_TARGET),
        ("unanswerable abstained", False, ABSTAINED_TARGET),
    ):
        values = []
        for found in (ours, theirs):
            best = np.array([one.said[0] for one in found if _is(one.case, answerable=wanted)])
            values.append(float((best >= threshold).mean() if wanted else (best < threshold).mean()))
        yield Figure(f"{name}: {label}", values[0], "share", target, baseline=values[1])
    absent = np.array([one.said[0] < threshold for one in ours if one.case.suite == "absent" and not one.case.relevant])
    if len(absent):
        yield Figure(f"{name}: scenes like others but not there, abstained", float(absent.mean()), "share")


def _is(case: Case, *, answerable: bool) -> bool:
    return bool(case.relevant) and case.suite != "absent" if answerable else case.suite == "unrelated"


def _channel_recalls(cases: Sequence[Case], lists: Sequence[Mapping[Channel, list[Candidate]]]) -> Iterator[float]:
    for channel in Channel:
        found = [[one.id for one in some.get(channel, [])] for some in lists]
        yield float(np.mean([_recalled(case, ids) for case, ids in zip(cases, found, strict=True)]))


def _recalled(case: Case, ids: Sequence[VisualId]) -> float:
    """Of what could be among the first five, the share that is."""
    return len(case.relevant & set(ids[:FIRST])) / min(FIRST, len(case.relevant))


def _bins(found: Sequence[Found]) -> list[Bin]:
    said = np.array([value for one in found for value in one.said])
    return reliability(said, np.array([value for one in found for value in one.right]))


def _ece(found: Sequence[Found]) -> float:
    said = np.array([value for one in found for value in one.said])
    return expected_calibration_error(said, np.array([value for one in found for value in one.right]))


def _cases(services: Services, library: Library) -> list[Case]:
    rng = random.Random(f"asked {library.name}")
    unseen = [at for at, scene in enumerate(library.scenes) if at in library.bare or _held_out(captions(scene)[0])]
    made: list[tuple[str, Text]] = []
    for at in rng.sample(unseen, min(ASKED, len(unseen))):
        scene = library.scenes[at]
        made.append(("paraphrase", paraphrases(scene, rng, 2)[1]))
        made.append(("words", prompts(scene, rng, 1)[0]))
        made.append(("question", questions(scene, rng, 1)[0]))
    made += [("absent", paraphrases(scene, rng, 2)[1]) for scene in library.absent[:ASKED]]
    relevant = answers([text for _, text in made], tuple(library.scenes))
    strangers = strangers_kept()[:ASKED]
    vectors = services.encoder.texts([text.words for _, text in made] + strangers)
    cases = [
        Case(suite, text.words, vector, frozenset(library.ids[at] for at in np.flatnonzero(row).tolist()))
        for (suite, text), vector, row in zip(made, vectors, relevant, strict=False)
    ]
    return cases + [
        Case("unrelated", text, vector, frozenset())
        for text, vector in zip(strangers, vectors[len(made) :], strict=True)
    ]


def _held_out(caption: str) -> bool:
    """As `rag.retrieval.fitting` holds visuals out."""
    return sha256(caption.encode()).digest()[0] % 100 < 30


def _lists(services: Services, library: Library, case: Case) -> dict[Channel, list[Candidate]]:
    """Each channel's candidates with exact scores, best first."""
    where, limit = Eq("library", library.name), services.settings.candidates
    requests = [Nearest(channel, case.vector, limit, where) for channel in (Channel.IMAGE, Channel.CAPTION)]
    if (terms := query_vector(case.text)).indices:
        requests.append(Nearest(Channel.BM25, terms, limit, where))
    rankings = dict(zip([one.channel for one in requests], services.store.search(requests), strict=True))
    fused = {one.id: one for one in reciprocal_rank_fusion(rankings)}
    exact = services.store.scores(list(fused), {Channel.IMAGE: case.vector, Channel.CAPTION: case.vector})
    for channel, scores in exact.items():
        for one, score in scores.items():
            fused[one].scores[channel] = score
    return {channel: [fused[hit.id] for hit in hits] for channel, hits in rankings.items()}


def _ranked(calibration: Calibration, library: Library, case: Case, lists: Mapping[Channel, list[Candidate]]) -> Found:
    candidates = {one.id: one for found in lists.values() for one in found}
    shape = QueryShape((library.name,), query_vector(case.text))
    best = Ranker(lambda name: calibration).rank(list(candidates.values()), shape)[:SHOWN]
    recall = _recalled(case, [one.id for one in best]) if case.relevant else 0.0
    return Found(case, [one.relevance for one in best], [one.id in case.relevant for one in best], recall)


def _speed(services: Services) -> Figure:
    """300 candidates with all their scores, by a fitted calibration."""
    calibration = present_calibration(services.catalog, services.encoder, "drawn-full")
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.2, 0.9, (300, len(Channel)))
    candidates = [
        Candidate(VisualId(str(at)), 0.01, dict(zip(Channel, map(float, row), strict=True)))
        for at, row in enumerate(scores)
    ]
    ranker, shape = Ranker(lambda name: calibration), QueryShape(("drawn-full",), query_vector("a red car on a beach"))
    took = median_seconds(lambda: ranker.rank(candidates, shape), 50)
    return Figure("calibration: ranking 300 candidates", 1000 * took, "ms", 1.0, "lower")
