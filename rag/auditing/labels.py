"""What people said, put to use: agreement, judgements for `picturedesk eval`, a threshold for abstention."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.auditing.agreement import interval, kappas, krippendorffs_alpha, nominal
from rag.auditing.entries import listed
from rag.auditing.indexing import catch_up
from rag.auditing.reading import is_erased
from rag.auditing.recording import audit_draft, require_auditor
from rag.auditing.reviewing import Standing, first, newest, standing
from rag.errors import BadRequest, NotFound
from rag.evaluation.abstention import Abstention, abstention, best_threshold
from rag.model import Actor, Event
from rag.ports import Services
from rag.ports.auditing import Review

LEAST_OF_EACH = 5
"""Labelled questions with and without an answer, below which a threshold would be a guess."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree, by what each said first.

    Attributes:
        kappas: Cohen's kappa of the verdicts of each two people, with the number of events that both reviewed.
        alpha_verdicts: Krippendorff's alpha of all verdicts, as names; None where nobody reviewed what another did.
        alpha_grades: of the grades of evidence, as numbers.
    """

    events: int
    settled: int
    disagreed: int
    kappas: Mapping[tuple[str, str], tuple[float, int]]
    alpha_verdicts: float | None
    alpha_grades: float | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One picture's grade for one question: the median of what people said last.

    Attributes:
        question: the words that were searched; `topic` is the number of the retrieval's event.
    """

    topic: int
    question: str
    visual: str
    grade: float
    people: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is suggested for PICTUREDESK_MIN_RELEVANCE, beside what is in use. Attributes:
    answerable, unanswerable: labelled questions with something that answers them in part at least, and without.
    """

    suggested: Abstention
    present: Abstention
    answerable: int
    unanswerable: int


def agreement(services: Services, actor: Actor, *, library: str = "", door: str) -> Agreement:
    """Raises NotAllowed, LedgerUnavailable."""
    by_event = _reviews(services, actor, library)
    services.ledger.append(audit_draft(actor, door, "agreement", {"events": sorted(by_event)}, library))
    said = {event: first(reviews) for event, reviews in by_event.items()}
    verdicts = {event: {who: one.verdict for who, one in people.items()} for event, people in said.items()}
    grades: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for event, people in said.items():
        for who, one in people.items():
            for visual, grade in one.grades.items():
                grades[event, visual][who] = grade
    standings = [standing(reviews) for reviews in by_event.values()]
    return Agreement(
        events=len(by_event),
        settled=standings.count(Standing.SETTLED),
        disagreed=standings.count(Standing.DISAGREED),
        kappas=kappas(verdicts),
        alpha_verdicts=krippendorffs_alpha(verdicts, nominal),
        alpha_grades=krippendorffs_alpha(grades, interval),
    )


def judgements(
    services: Services, actor: Actor, *, library: str = "", settled: bool = False, door: str
) -> list[Judgement]:
    """What people's labels say of questions, for `qrels` and `questions`.

    Args:
        settled: only of events that two people agree on.

    Raises:
        NotAllowed, LedgerUnavailable.
    """
    by_event = _reviews(services, actor, library)
    by_topic = _grades(services, actor, by_event, settled=settled)
    said = {"topics": sorted(topic.seq for topic, _ in by_topic)}
    services.ledger.append(audit_draft(actor, door, "labels", said, library))
    return [
        Judgement(topic.seq, _words(topic), visual, statistics.median(given), len(given))
        for topic, grades in by_topic
        for visual, given in grades.items()
    ]


def qrels(found: Sequence[Judgement]) -> str:
    """In TREC's format, as `picturedesk eval --judgements` reads it."""
    return "".join(f"{one.topic} 0 {one.visual} {one.grade:g}\n" for one in found)


def questions(found: Sequence[Judgement]) -> str:
    """The judged questions, as `picturedesk eval --questions` reads them."""
    words = {one.topic: " ".join(one.question.split()) for one in found}
    return "".join(f"{topic}\t{text}\n" for topic, text in words.items())


def threshold(services: Services, actor: Actor, *, library: str = "", most_lost: float = 0.05, door: str) -> Threshold:
    """From labels: refuse as many of the questions that nothing answers as costs at most `most_lost` of the others.

    A question is answerable when people graded something that it found above 0, and unanswerable when everything they
    graded is 0. Its relevance is that of its best candidate, as it was logged.

    Raises:
        BadRequest: too few labelled questions of either kind.
        NotAllowed, LedgerUnavailable.
    """
    by_topic = _grades(services, actor, _reviews(services, actor, library), settled=False)
    good = [_best(topic) for topic, grades in by_topic if any(max(given) > 0 for given in grades.values())]
    bad = [_best(topic) for topic, grades in by_topic if all(max(given) == 0 for given in grades.values())]
    if min(len(good), len(bad)) < LEAST_OF_EACH:
        raise BadRequest(
            f"{len(good)} labelled questions have an answer and {len(bad)} have none; "
            f"at least {LEAST_OF_EACH} of each are needed to suggest a threshold: picturedesk audit queue"
        )
    suggested = best_threshold(good, bad, most_lost=most_lost)
    said = {"topics": sorted(topic.seq for topic, _ in by_topic), "suggested": suggested.threshold}
    services.ledger.append(audit_draft(actor, door, "threshold", said, library))
    present = abstention(good, bad, services.settings.min_relevance)
    return Threshold(suggested, present, len(good), len(bad))


def _reviews(services: Services, actor: Actor, library: str) -> dict[int, list[Review]]:
    require_auditor(actor)
    catch_up(services)
    found: dict[int, list[Review]] = defaultdict(list)
    for one in services.audit_index.reviews(actor, library=library):
        found[one.event].append(one)
    return found


def _grades(
    services: Services, actor: Actor, by_event: Mapping[int, Sequence[Review]], *, settled: bool
) -> list[tuple[Event, dict[str, list[int]]]]:
    """Of each labelled retrieval, what people said last of each visual."""
    topics: dict[int, tuple[Event, dict[str, list[int]]]] = {}
    for event, reviews in by_event.items():
        if settled and standing(reviews) is not Standing.SETTLED:
            continue
        topic = _topic(services, actor, event)
        if topic is None or not any(one.grades for one in reviews):
            continue
        grades = topics.setdefault(topic.seq, (topic, defaultdict(list)))[1]
        for one in newest(reviews).values():
            for visual, grade in one.grades.items():
                grades[visual].append(grade)
    return [topics[seq] for seq in sorted(topics)]


def _topic(services: Services, actor: Actor, seq: int) -> Event | None:
    """The retrieval that an event stands for."""
    try:
        event = services.ledger.event(actor, seq)
        if event.kind == "answer":
            event = services.ledger.event(actor, int(event.body.get("retrieval", -1)))
    except NotFound:
        return None
    return event if event.kind == "retrieval" and _words(event).strip() else None


def _words(retrieval: Event) -> str:
    asked = retrieval.body.get("query") or {}
    return "" if is_erased(asked) else str(asked.get("text") or "")


def _best(retrieval: Event) -> float:
    candidates = (*listed(retrieval, "evidence"), *listed(retrieval, "dropped"))
    return max((float(one.get("relevance") or 0.0) for one in candidates), default=0.0)
