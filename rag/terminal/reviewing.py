"""Reviews in a terminal: the queue, what was recorded, how far people agree, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rag.auditing.entries import listed
from rag.auditing.labels import Agreement, Threshold
from rag.auditing.reviewing import Standing, Waiting
from rag.errors import BadRequest
from rag.model import Actor
from rag.ports import Services
from rag.ports.auditing import Review
from rag.terminal.text import console, plain, print_json, table


def print_queue(waiting: Sequence[Waiting], as_json: bool) -> None:
    if as_json:
        for one in waiting:
            print_json(asdict(one))
        return
    shown = table("event", "risk", "kind", "what", "why", "reviews", numbers=("event", "risk", "reviews"))
    for one in waiting:
        entry = one.entry
        why = ", ".join(entry.risks) or one.standing.value
        row = (f"{entry.risk:.2f}", entry.kind, plain(entry.summary, 60), plain(why, 80), str(one.reviews))
        shown.add_row(str(entry.seq), *row)
    console.print(shown if waiting else "Nothing waits for your review.")


def grades_of(
    services: Services, actor: Actor, seq: int, given: Sequence[str]
) -> tuple[dict[str, int], dict[str, str]]:
    """`NUMBER=GRADE[:comment]` as grades and comments by visual. Raises BadRequest, NotFound, NotAllowed."""
    if not given:
        return {}, {}
    event = services.ledger.event(actor, seq)
    if event.kind == "answer":
        event = services.ledger.event(actor, int(event.body.get("retrieval") or 0))
    visuals = {str(item["number"]): item["visual"] for item in listed(event, "evidence")}
    grades, remarks = {}, {}
    for one in given:
        number, _, rest = one.partition("=")
        grade, _, remark = rest.partition(":")
        if number.strip("[] ") not in visuals or not grade.strip().isdigit():
            raise BadRequest(f"--grade {one}: it takes the number of evidence of event {seq} and a grade, as 1=2")
        visual = visuals[number.strip("[] ")]
        grades[visual] = int(grade)
        if remark.strip():
            remarks[visual] = remark.strip()
    return grades, remarks


def print_review(review: Review, standing: Standing, as_json: bool) -> None:
    if as_json:
        print_json(asdict(review) | {"standing": standing.value})
        return
    said = f"Event {review.event} is {review.verdict}, says {review.reviewer} (event {review.seq}): {standing.value}."
    console.print(plain(said, 300))


def print_agreement(found: Agreement, as_json: bool) -> None:
    if as_json:
        pairs = [{"people": pair, "kappa": kappa, "events": n} for pair, (kappa, n) in found.kappas.items()]
        print_json({name: value for name, value in asdict(found).items() if name != "kappas"} | {"kappas": pairs})
        return
    console.print(f"{found.events} events reviewed, {found.settled} settled, {found.disagreed} in disagreement")
    shown = table("people", "Cohen's kappa", "events", numbers=("Cohen's kappa", "events"))
    for (one, other), (kappa, n) in found.kappas.items():
        shown.add_row(plain(f"{one}, {other}"), f"{kappa:.2f}", str(n))
    if found.kappas:
        console.print(shown)
    for what, alpha in (("verdicts", found.alpha_verdicts), ("grades", found.alpha_grades)):
        told = "unknown: no two people judged the same" if alpha is None else f"{alpha:.2f}"
        console.print(f"Krippendorff's alpha of {what}: {told}")


def print_threshold(found: Threshold, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    shown = table("", "threshold", "refused", "lost", numbers=("threshold", "refused", "lost"))
    for name, one in (("in use", found.present), ("suggested", found.suggested)):
        shown.add_row(name, f"{one.threshold:.3f}", f"{one.refused:.0%}", f"{one.lost:.0%}")
    console.print(shown)
    console.print(
        f"refused: of {found.unanswerable} questions that nothing answers; lost: of {found.answerable} that something "
        f"does.\nPICTUREDESK_MIN_RELEVANCE={found.suggested.threshold:.3f}"
    )
