"""Questions and what a search finds for them -> rows to fit and to measure on.

A question is made of a visual's caption, and that visual answers it. Each question is met
twice: once as if no visual had captions, and once with captions, where the asked for
visual has its other captions, or its only one reworded; never the very text that the
question was made of. What else the search finds answers the question if its own caption
says so, does not if it says something else, and is left out where that is in doubt.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from rag.indexing.bm25 import query_vector
from rag.model import Channel, Eq, VisualId
from rag.ports import Encoder, Matrix, Nearest, Scored, SparseVector, Vector, VectorStore
from rag.retrieval.calibration import CHANNELS, specificity
from rag.retrieval.fitting.sample import Sample, Shown, fetched
from rag.retrieval.fitting.unrelated import UNRELATED
from rag.retrieval.fitting.wording import Question, question_from, reworded, says
from rag.retrieval.words import Words

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEPTH = 12
"""Of each list, the hits that are looked at: a little more than people are shown."""

REACH = 100
"""The place in a list up to which a visual counts as found."""

AT_RANDOM = 3
"""Other visuals of the sample that are met beside what the search found."""

QUESTIONS_EACH = 2
GONE = 0.2
"""Share of questions whose visual is taken away: what is nearest then does not answer, however near."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Attributes:
    wanted: the visual it was made of; None for a question that nothing answers.
    other: its caption reworded, and that text's vector, shape (1, dim); None where it has further captions.
    source: which of its captions the question was made of.
    gone: met as if the wanted visual were not in the library.
    """

    question: Question
    vector: Vector
    wanted: Shown | None
    source: int = 0
    other: tuple[str, Matrix] | None = None
    gone: bool = False
    terms: SparseVector = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", query_vector(self.question.text))


@dataclass(frozen=True, slots=True)
class Rows:
    """One row a question, view and visual.

    Attributes:
        scores: shape (n, 3), as `Calibration.relevance` takes them; captions are NaN in the view without.
        specific: shape (n,).
        relevant: shape (n,).
        known: shape (n,), whether `relevant` is: of visuals without captions, and of doubtful ones, it is not.
        wanted: shape (n,), the visual that the question was made of.
        unrelated: shape (n,), the question is one that no picture answers.
        group: shape (n,), the same for rows of one question and view.
        held_out: shape (n,), rows of questions kept from the fit.
        mixed: shape (n,), rows of the other questions whose visual is held out: they are no part of the fit,
            and count only as what others lead or follow.
    """

    scores: Floats
    specific: Floats
    relevant: Bools
    known: Bools
    wanted: Bools
    unrelated: Bools
    group: NDArray[np.int64]
    held_out: Bools
    mixed: Bools

    def part(self, chosen: Bools) -> Rows:
        return Rows(*(getattr(self, name)[chosen] for name in self.__slots__))

    def groups(self) -> list[NDArray[np.intp]]:
        """The places of each group's rows."""
        order = np.argsort(self.group, kind="stable")
        starts = np.flatnonzero(np.diff(self.group[order])) + 1
        return np.split(order, starts) if len(order) else []


def ask(sample: Sample, encoder: Encoder, most: int, rng: random.Random) -> list[Asked]:
    """Questions about at most `most` visuals of the sample, and some that nothing answers."""
    made: list[tuple[Shown, int, Question, str]] = []
    for shown in sample.shown[:most]:
        for _ in range(QUESTIONS_EACH):
            at = rng.randrange(len(shown.captions))
            other = reworded(shown.captions[at], rng) if len(shown.captions) == 1 else ""
            made.append((shown, at, question_from(shown.captions[at], rng, english=shown.english), other))
    texts = [*(question.text for _, _, question, _ in made), *UNRELATED, *(other for *_, other in made if other)]
    vectors = iter(_encoded(encoder, texts))
    asked = [Asked(question, next(vectors), shown, at) for shown, at, question, _ in made]
    strangers = [Asked(Question(text, text), next(vectors), None) for text in UNRELATED]
    others = [(other, next(vectors)[None, :]) if other else None for *_, other in made]
    named = [replace(one, other=other, gone=rng.random() < GONE) for one, other in zip(asked, others, strict=True)]
    return named + strangers


def rows_of(sample: Sample, asked: Sequence[Asked], store: VectorStore, words: Words, rng: random.Random) -> Rows:
    """What a search finds for each question, with scores and whether it answers."""
    lists = [_search(store, sample.library, one) for one in asked]
    near = {hit.id for found in lists for hits in found.values() for hit in hits[:DEPTH]}
    known = {one.id: one for one in sample.shown}
    known |= fetched(store, sorted(near - known.keys()))
    found: list[tuple[object, ...]] = []
    for number, (one, hits) in enumerate(zip(asked, lists, strict=True)):
        beside = rng.sample(list(sample.shown), min(AT_RANDOM, len(sample.shown)))
        held_out = one.wanted.held_out if one.wanted else number % 2 == 0
        for view, rows in enumerate((_bare(one, hits, beside, known, words), _worded(one, hits, beside, known, words))):
            specific = specificity(len(one.terms.indices))
            for shown, scores, relevant in rows:
                mixed = not held_out and shown.held_out
                whose = shown is one.wanted, one.wanted is None
                found.append(
                    (scores, specific, bool(relevant), relevant is not None, *whose, 2 * number + view, held_out, mixed)
                )
    return _stacked(found)


Met = tuple[Shown, tuple[float, float, float], bool | None]


def _bare(
    one: Asked, lists: dict[Channel, list[Scored]], beside: Sequence[Shown], known: dict[VisualId, Shown], words: Words
) -> Iterator[Met]:
    """As if there were no captions: by picture and tags."""
    hits = lists[Channel.IMAGE]
    reached = one.wanted is not None and any(hit.id == one.wanted.id for hit in hits)
    for shown in _candidates(one, [hit.id for hit in hits[:DEPTH]], beside, known, reached=reached):
        share = words.share(one.terms, shown.tags_alone)
        yield shown, (float(shown.image @ one.vector), np.nan, share), _answers(one, shown)


def _worded(
    one: Asked, lists: dict[Channel, list[Scored]], beside: Sequence[Shown], known: dict[VisualId, Shown], words: Words
) -> Iterator[Met]:
    """With captions: the wanted visual with others than the question's own."""
    near = [hit.id for hits in lists.values() for hit in hits[:DEPTH]]
    for shown in _candidates(one, near, beside, known, reached=one.wanted is not None):
        texts, vectors = _captions_met(one, shown)
        said = shown.words if texts is shown.captions else shown.words_with(texts)
        closest = float(np.max(vectors @ one.vector)) if len(vectors) else np.nan
        yield shown, (float(shown.image @ one.vector), closest, words.share(one.terms, said)), _answers(one, shown)


def _captions_met(one: Asked, shown: Shown) -> tuple[Sequence[str], Matrix]:
    if shown is not one.wanted:
        return shown.captions, shown.vectors
    if one.other is not None:
        return [one.other[0]], one.other[1]
    rest = [at for at in range(len(shown.captions)) if at != one.source]
    return [shown.captions[at] for at in rest], shown.vectors[rest]


def _candidates(
    one: Asked, ids: Iterable[VisualId], beside: Sequence[Shown], known: dict[VisualId, Shown], *, reached: bool
) -> list[Shown]:
    """Visuals `ids`, some others, and the wanted one where the search reaches it and it is there; each once."""
    found = {one_id: known[one_id] for one_id in ids if one_id in known}
    found |= {shown.id: shown for shown in beside}
    if one.wanted is not None:
        found.pop(one.wanted.id, None)
        if reached and not one.gone:
            found[one.wanted.id] = one.wanted
    return list(found.values())


def _answers(one: Asked, shown: Shown) -> bool | None:
    if one.wanted is None:
        return False
    if not shown.captions:
        return None
    if shown is one.wanted:
        return True
    said = [says(caption, one.question.stated) for caption in shown.captions]
    return True if True in said else None if None in said else False


def _search(store: VectorStore, library: str, one: Asked) -> dict[Channel, list[Scored]]:
    where = Eq("library", library)
    requests = [Nearest(Channel.IMAGE, one.vector, REACH, where), Nearest(Channel.CAPTION, one.vector, DEPTH, where)]
    if one.terms.indices:
        requests.append(Nearest(Channel.BM25, one.terms, DEPTH, where))
    return {request.channel: hits for request, hits in zip(requests, store.search(requests), strict=True)}


def _encoded(encoder: Encoder, texts: Sequence[str]) -> Iterator[Vector]:
    for start in range(0, len(texts), 64):
        yield from encoder.texts(list(texts[start : start + 64]))


def _stacked(found: Sequence[tuple[object, ...]]) -> Rows:
    columns = list(zip(*found, strict=True)) if found else [()] * 9
    scores, specific, relevant, known, wanted, unrelated, group, held_out, mixed = columns
    return Rows(
        np.array(scores, dtype=np.float64).reshape(-1, len(CHANNELS)),
        np.array(specific, dtype=np.float64),
        np.array(relevant, dtype=np.bool_),
        np.array(known, dtype=np.bool_),
        np.array(wanted, dtype=np.bool_),
        np.array(unrelated, dtype=np.bool_),
        np.array(group, dtype=np.int64),
        np.array(held_out, dtype=np.bool_),
        np.array(mixed, dtype=np.bool_),
    )
