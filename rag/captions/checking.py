"""Lint as people ask for it: a text, whoever wrote it, against a picture of the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.captions.drafting import Desk, ground_of
from rag.captions.examples import find_examples
from rag.captions.lint.findings import Finding
from rag.captions.lint.linting import lint
from rag.captions.lint.readability import reading_grade
from rag.captions.review import LONGEST_TEXT
from rag.captions.style import PLAIN, HouseStyle
from rag.captions.subject import subject_of_visual
from rag.captions.wish import DraftWish, check_text_wish
from rag.errors import BadQuery
from rag.model import Actor, CaptionForm, VisualId
from rag.ports import Services


@dataclass(frozen=True, slots=True)
class LintWish:
    """A text and what it is to be held against; as in `DraftWish`."""

    visual: VisualId
    text: str
    form: CaptionForm = CaptionForm.ALT
    facts: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    reading_level: float | None = None
    style: HouseStyle = PLAIN
    decorative: bool = False


@dataclass(frozen=True, slots=True)
class Linted:
    """What lint says.

    Attributes:
        grade: the school grade that the text takes; None where it is too short to say.
        retrieval: the ledger's number of the search for captions that it may be too like.
    """

    findings: tuple[Finding, ...]
    grade: float | None
    retrieval: int


def check(services: Services, actor: Actor, wish: LintWish, *, door: str) -> Linted:
    """Lint a text about a visual. Nothing is kept but the search for similar pictures, in the ledger.

    Raises:
        BadQuery: text, facts, language or reading level.
        NotFound: no such visual for this actor.
        LedgerUnavailable: nothing is returned.
    """
    if len(wish.text) > LONGEST_TEXT:
        raise BadQuery(f"text: {len(wish.text):,} characters; at most {LONGEST_TEXT:,} are looked at")
    check_text_wish(wish.facts, wish.language, wish.reading_level)
    desk = Desk(services, actor, door)
    subject = subject_of_visual(services, actor, desk.serving, wish.visual)
    examples, retrieval = find_examples(services, actor, desk.serving, subject, [subject.library], door=door)
    language = wish.language or subject.language
    ground = ground_of(
        desk,
        subject,
        DraftWish(
            wish.form,
            visual=wish.visual,
            facts=wish.facts,
            style=wish.style,
            reading_level=wish.reading_level,
            decorative=wish.decorative,
        ),
        examples=examples,
        language=language,
    )
    return Linted(lint(wish.text, ground), reading_grade(wish.text, language), retrieval)
