"""The draft flow: a picture and a form in, drafts for an editor out.

    picture -> what is known of it: captions, metadata, given facts; its vector
            -> similar pictures with approved captions (a search, recorded)
            -> prompt -> event written, durable -> LLM | composer: tags, nearest captions
            -> lint -> event written, durable -> drafts kept -> drafts

Where an LLM fails, the composer drafts, with a notice why. If the ledger cannot be written there are no drafts.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rag.captions.composing.composer import COMPOSED, NOTICE, composed, library_vocabulary
from rag.captions.composing.vocabulary import Vocabulary
from rag.captions.composing.wording import Composed
from rag.captions.examples import IN_A_PROMPT, find_examples, language_of
from rag.captions.lint.findings import Finding, Severity
from rag.captions.lint.ground import Ground
from rag.captions.lint.linting import lint
from rag.captions.recording import asked_draft, drafted_draft
from rag.captions.sight import Sight, TextVectors
from rag.captions.subject import Subject, picture_for_llm, subject_of_upload, subject_of_visual
from rag.captions.wish import Drafted, Drafting, DraftWish
from rag.captions.writing import draft_prompt, write
from rag.errors import Rejected, Unavailable
from rag.ingest import require_editor
from rag.model import Actor, AssetId, CaptionDraft, Example, VisualId
from rag.ports import Services
from rag.retrieval.rights import readable_libraries

log = logging.getLogger(__name__)

ENGLISH = "en"


class Desk:
    """What drafting needs beside the wish, kept from one picture to the next. For one thread and one actor."""

    def __init__(self, services: Services, actor: Actor, door: str) -> None:
        self.services = services
        self.actor = actor
        self.door = door
        self.serving = services.serving()
        self._vocabularies: dict[tuple[str, ...], Vocabulary] = {}

    @cached_property
    def texts(self) -> TextVectors:
        return TextVectors(self.serving.encoder)

    def vocabulary(self, libraries: Sequence[str]) -> Vocabulary:
        key = tuple(libraries)
        if key not in self._vocabularies:
            self._vocabularies[key] = library_vocabulary(self.services, self.actor, key)
        return self._vocabularies[key]


def draft(services: Services, actor: Actor, wish: DraftWish, *, door: str) -> Drafting:
    """Draft texts about a picture. Those about a visual are kept for review; those about an upload are not.

    Raises:
        BadQuery: the wish; the message names the field.
        NotFound: no such visual or library for this actor.
        NotAllowed: drafts of a visual are kept, and that takes the role editor.
        BadMedia: the upload is no picture.
        LedgerUnavailable: nothing is drafted, kept or returned.
        Unavailable: retryable; a part other than the LLM did not answer.
    """
    return draft_at(Desk(services, actor, door), wish)


def draft_at(desk: Desk, wish: DraftWish, *, batch: str = "") -> Drafting:
    """As `draft`, for one of many pictures.

    Args:
        batch: with it, ids follow from visual, form and place, so that running a batch twice keeps nothing twice.
    """
    subject = _subject(desk, wish.checked())
    if wish.decorative:
        return _recorded(desk, wish, subject, _Written([Composed("")], COMPOSED), batch)
    libraries = _libraries(desk, wish, subject)
    examples, retrieval = find_examples(desk.services, desk.actor, desk.serving, subject, libraries, door=desk.door)
    language = wish.language or subject.language or language_of(examples) or ENGLISH
    by_llm = _by_llm(desk, wish, subject, examples, language, retrieval=retrieval)
    written = by_llm or _Written([], COMPOSED, notices=(NOTICE,))
    if not written.texts:
        sight = Sight(subject.vector, desk.texts)
        texts = composed(wish, subject, sight, desk.vocabulary(libraries), examples=examples, language=language)
        written = replace(written, texts=texts)
    found = replace(written, examples=examples, language=language, retrieval=retrieval)
    return _recorded(desk, wish, subject, found, batch)


@dataclass(frozen=True)
class _Written:
    """Texts, who wrote them, and what they rest on."""

    texts: Sequence[Composed]
    composer: str
    notices: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    language: str = ""
    retrieval: int = -1
    asked: int = -1


def _subject(desk: Desk, wish: DraftWish) -> Subject:
    if wish.visual is None:
        return subject_of_upload(desk.services, desk.serving, wish.upload or b"", wish.name)
    subject = subject_of_visual(desk.services, desk.actor, desk.serving, wish.visual)
    require_editor(desk.actor, subject.library)
    return subject


def _libraries(desk: Desk, wish: DraftWish, subject: Subject) -> list[str]:
    """A visual's own; for an upload the one named, or all that the actor may read."""
    named = subject.library or wish.library
    return readable_libraries(desk.actor, [named] if named else [], desk.services.catalog.libraries(desk.actor))


def _by_llm(
    desk: Desk, wish: DraftWish, subject: Subject, examples: tuple[Example, ...], language: str, *, retrieval: int
) -> _Written | None:
    """None without an LLM; without texts, and with a notice why, where it failed."""
    services, chat = desk.services, desk.services.chat
    if chat.extractive:
        return None
    picture = picture_for_llm(services, subject) if chat.sees_images else None
    prompt = draft_prompt(wish, subject, examples, language, picture)
    recorded = asked_draft(desk.actor, desk.door, subject, wish, retrieval=retrieval, prompt=prompt, chat=chat)
    asked = services.ledger.append(recorded).seq
    try:
        lines = write(chat, prompt, wish.count, services.settings.llm_timeout)
    except (Unavailable, Rejected) as error:
        log.warning("drafting without the LLM: %s", error)
        notice = f"Composed from tags and the nearest captions, because {error}."
        return _Written([], COMPOSED, (notice,), asked=asked)
    shown = examples[:IN_A_PROMPT]
    return _Written([Composed(line, shown) for line in lines], chat.id, asked=asked)


def _recorded(desk: Desk, wish: DraftWish, subject: Subject, written: _Written, batch: str) -> Drafting:
    """Linted, the best kept; written down, and only then kept and shown."""
    drafted = [
        Drafted(_kept(desk.actor, wish, subject, written, one=one, id_=_id(subject, wish, batch, at)), findings)
        for at, (one, findings) in enumerate(_best(desk, wish, subject, written))
    ]
    services = desk.services
    event = services.ledger.append(
        drafted_draft(
            desk.actor,
            desk.door,
            subject,
            wish,
            drafted,
            examples=written.examples,
            retrieval=written.retrieval,
            asked=written.asked,
            notices=written.notices,
        )
    ).seq
    drafted = [replace(one, draft=replace(one.draft, event=event)) for one in drafted]
    if subject.visual is not None:
        services.drafts.add([one.draft for one in drafted])
    return Drafting(
        tuple(drafted),
        written.examples,
        written.language or wish.language,
        written.composer,
        written.notices,
        written.retrieval,
        event,
    )


def _best(
    desk: Desk, wish: DraftWish, subject: Subject, written: _Written
) -> list[tuple[Composed, tuple[Finding, ...]]]:
    """As many as wished: those that lint says least of first, otherwise in their order."""
    ground = ground_of(desk, subject, wish, examples=written.examples, language=written.language)
    found = [(one, lint(one.text, ground)) for one in written.texts]
    found.sort(key=lambda pair: sum(finding.severity is not Severity.NOTE for finding in pair[1]))
    return found[: wish.count]


def ground_of(desk: Desk, subject: Subject, wish: DraftWish, *, examples: tuple[Example, ...], language: str) -> Ground:
    """What texts about a picture are held against."""
    return Ground(
        form=wish.form,
        sources=subject.sources(wish.facts),
        examples=examples,
        sight=Sight(subject.vector, desk.texts),
        language=language,
        style=wish.style,
        reading_level=wish.reading_level,
        decorative=wish.decorative,
    )


def _kept(
    actor: Actor, wish: DraftWish, subject: Subject, written: _Written, *, one: Composed, id_: str
) -> CaptionDraft:
    visual = subject.visual
    return CaptionDraft(
        id=id_,
        library=subject.library,
        asset_id=visual.asset_id if visual else AssetId(""),
        locator=visual.locator if visual else "",
        visual=visual.id if visual else VisualId(""),
        form=wish.form,
        text=one.text,
        language=written.language or wish.language,
        composer=written.composer,
        drafted=one.text,
        decorative=wish.decorative,
        examples=one.examples,
        facts=dict(wish.facts),
        created_by=actor.id,
        changed_by=actor.id,
    )


def _id(subject: Subject, wish: DraftWish, batch: str, at: int) -> str:
    """Empty for an upload, whose drafts are not kept."""
    if subject.visual is None:
        return ""
    if not batch:
        return str(uuid.uuid4())
    return str(uuid.uuid5(uuid.UUID(subject.visual.id), f"{batch}\x1f{wish.form.value}\x1f{at}"))
