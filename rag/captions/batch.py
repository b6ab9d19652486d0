"""Drafts for every visual that has none of a form yet, one after another.

What is done is what the catalog has: stopped anywhere and run again, a batch goes on where it was. Ids of its drafts
follow from the visual, so that two at the same time keep nothing twice. A visual whose draft was rejected has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field, replace

from rag.captions.drafting import Desk, draft_at
from rag.captions.lint.findings import passes
from rag.captions.recording import batch_draft
from rag.captions.wish import Drafting, DraftWish
from rag.errors import BadMedia, BadQuery, NotFound
from rag.ingest import require_editor
from rag.model import Actor, Json, VisualId
from rag.ports import Services
from rag.retrieval.rights import readable_libraries

PAGE = 100
NAME = "batch"


@dataclass(frozen=True, slots=True)
class Step:
    """One visual of a batch.

    Attributes:
        drafting: None where it could not be drafted; `trouble` says why.
        done, total: visuals looked at, of those that lacked a draft at the beginning.
    """

    visual: VisualId
    drafting: Drafting | None
    trouble: str
    done: int
    total: int


@dataclass(slots=True)
class BatchTally:
    """What a batch came to: the last thing it yields.

    Attributes:
        event: the ledger's number of its beginning.
        passed: drafts that lint finds nothing wrong with.
        composers: drafts by who wrote them.
    """

    event: int
    drafted: int = 0
    passed: int = 0
    failed: int = 0
    composers: Counter[str] = field(default_factory=Counter)

    def add(self, step: Step) -> None:
        if step.drafting is None:
            self.failed += 1
            return
        self.drafted += 1
        self.passed += sum(passes(one.findings) for one in step.drafting.drafts)
        self.composers[step.drafting.composer] += 1

    def as_json(self) -> Json:
        return {
            "drafted": self.drafted,
            "passed": self.passed,
            "failed": self.failed,
            "composers": dict(self.composers.most_common()),
        }


Steps = Generator[Step | BatchTally, None, None]
"""Closing it stops the work; what was drafted until then stays."""


def batch(services: Services, actor: Actor, library: str, wish: DraftWish, *, door: str) -> Steps:
    """Draft for every visual of a library that has no draft of `wish.form` yet; the tally comes last.

    Args:
        wish: without a visual; one draft for each, whatever its `count`.

    Raises, before the first step:
        BadQuery: the wish.
        NotFound, NotAllowed: the library is not this actor's to change, or not there.
        LedgerUnavailable: nothing is drafted.
    """
    readable_libraries(actor, [library], services.catalog.libraries(actor))
    require_editor(actor, library)
    if wish.visual is not None or wish.upload is not None:
        raise BadQuery("visual: a batch is about every visual without a draft")
    each = replace(wish, count=1)
    replace(each, visual=VisualId("")).checked()
    total = sum(1 for _ in _lacking(services, actor, library, wish))
    said: Json = {"of": {"library": library, "visuals": total}, "form": wish.form.value, "language": wish.language}
    tally = BatchTally(services.ledger.append(batch_draft(actor, door, library, "batch begun", said)).seq)
    return _steps(services, actor, library, each, tally, total=total, door=door)


def _steps(
    services: Services, actor: Actor, library: str, wish: DraftWish, tally: BatchTally, *, total: int, door: str
) -> Steps:
    phase = "batch stopped"
    try:
        desk = Desk(services, actor, door)
        for done, visual in enumerate(_lacking(services, actor, library, wish), start=1):
            step = _drafted(desk, replace(wish, visual=visual), done, total)
            tally.add(step)
            yield step
        phase = "batch done"
    finally:
        said: Json = {"begun": tally.event, "counts": tally.as_json()}
        services.ledger.append(batch_draft(actor, door, library, phase, said))
    yield tally


def _drafted(desk: Desk, wish: DraftWish, done: int, total: int) -> Step:
    """One that went meanwhile, or cannot be drafted, does not end the others."""
    assert wish.visual is not None
    try:
        return Step(wish.visual, draft_at(desk, wish, batch=NAME), "", done, max(done, total))
    except (NotFound, BadMedia) as error:
        return Step(wish.visual, None, str(error), done, max(done, total))


def _lacking(services: Services, actor: Actor, library: str, wish: DraftWish) -> Generator[VisualId, None, None]:
    after = ""
    while page := services.drafts.lacking(actor, library, wish.form, wish.language, limit=PAGE, after=after):
        yield from page
        after = page[-1]
