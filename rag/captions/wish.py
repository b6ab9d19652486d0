"""What is asked of the desk, and what it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.captions.lint.findings import Finding
from rag.captions.style import PLAIN, HouseStyle
from rag.errors import BadQuery
from rag.model import CaptionDraft, CaptionForm, Example, VisualId

MOST_DRAFTS = 10
MOST_FACTS = 30
LONGEST_FACT = 300
FACT = re.compile(r"[a-z][a-z0-9_-]{0,29}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class DraftWish:
    """What to draft. Either `visual` or `upload` is given.

    Attributes:
        upload: bytes of a picture that is not kept; its drafts are returned and not kept either.
        name: of the uploaded file.
        library: for an upload, where examples come from; empty means every library that the actor may read.
        count: how many drafts.
        facts: what a person knows of the picture: `{"who": "…", "where": "…"}`. `purpose` is what a picture is there
            for, and comes first in an alt text.
        language: BCP 47; empty means that of the examples, else English.
        reading_level: school grade that a reader needs at most.
        decorative: it says nothing that the text beside it does not; its alt text is empty.
    """

    form: CaptionForm
    visual: VisualId | None = None
    upload: bytes | None = None
    name: str = ""
    library: str = ""
    count: int = 3
    facts: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    reading_level: float | None = None
    style: HouseStyle = PLAIN
    decorative: bool = False

    def checked(self) -> DraftWish:
        """Itself. Raises BadQuery, naming the field."""
        if (self.visual is None) == (self.upload is None):
            raise BadQuery("visual: give a visual of the library or an upload, one of the two")
        if not 1 <= self.count <= MOST_DRAFTS:
            raise BadQuery(f"count: {self.count} drafts; give 1 to {MOST_DRAFTS}")
        if self.decorative and self.form is not CaptionForm.ALT:
            raise BadQuery("decorative: only an alt text can be empty because a picture is decorative")
        check_text_wish(self.facts, self.language, self.reading_level)
        return self


def check_text_wish(facts: Mapping[str, str], language: str, reading_level: float | None) -> None:
    """What a wish for drafts and one for lint have in common. Raises BadQuery, naming the field."""
    if len(facts) > MOST_FACTS:
        raise BadQuery(f"facts: there are {len(facts)}; at most {MOST_FACTS} are taken")
    for name, value in facts.items():
        if not FACT.fullmatch(name):
            raise BadQuery(f"facts: {name[:40]!r} is no name of a fact; lower-case letters, as in who or where")
        if not value.strip() or len(value) > LONGEST_FACT:
            raise BadQuery(f"facts: {name} is empty or over {LONGEST_FACT} characters")
    if language and not LANGUAGE.fullmatch(language):
        raise BadQuery(f"language: {language[:20]!r} is none; give a code such as en, de or pt-BR")
    if reading_level is not None and not 1 <= reading_level <= 20:
        raise BadQuery(f"reading_level: {reading_level:g} is no school grade; give 1 to 20")


@dataclass(frozen=True, slots=True)
class Drafted:
    """One draft, and what lint says of it."""

    draft: CaptionDraft
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafting:
    """What came of one wish.

    Attributes:
        examples: captions that were found, the nearest first; each draft says which of them it used.
        notices: what the reader must know: composed without an LLM, and why.
        retrieval: the ledger's number of the search for examples; -1 where none was needed.
        event: the ledger's number of the drafting.
    """

    drafts: tuple[Drafted, ...]
    examples: tuple[Example, ...]
    language: str
    composer: str
    notices: tuple[str, ...]
    retrieval: int
    event: int
