"""An event of every kind, each written by its own flow: auditors find it by its words, pictures and versions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rag.model import LOCAL_OWNER, NEW, Action, Actor, Answer, CaptionForm, Query, Question
from rag.ports.auditing import Entry, Wanted
from rag.settings import Settings
from rag.wiring import WiredServices
from tests.flows.moderated import LIBRARY, POLICY, drawn_scenes, taken_in
from tests.services.llm import LlmServer

EVE = Actor("eve", frozenset({"owner"}), libraries=frozenset({"*"}))
PICTURES = ("bottle", "nurse", "sign", "mushroom")
BODY = {"door": "test"}


@dataclass
class Done:
    """What was done, and what it was done to.

    Attributes:
        ids: the visual of each picture, and its asset, by the picture's name.
    """

    services: WiredServices
    ids: Mapping[str, tuple[str, str]]

    def __post_init__(self) -> None:
        from rag.auditing.finding import find

        page = find(self.services, LOCAL_OWNER, Wanted(auditing=True), limit=500, door="test")
        self.entries = page.entries

    def one(self, kind: str, summary: str) -> Entry:
        """The newest of a kind whose summary begins so."""
        found = [one for one in self.entries if one.kind == kind and one.summary.startswith(summary)]
        assert found, [(one.kind, one.summary) for one in self.entries]
        return found[0]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, shared_llm: LlmServer) -> Iterator[Done]:
    from rag.wiring import opened

    folder = tmp_path_factory.mktemp("kinds")
    settings = Settings(
        data=folder / "data",
        policy=POLICY,
        llm="ranks",
        llm_url=shared_llm.url,
        llm_key=SecretStr("test"),
        llm_retries=0,
        min_relevance=0.05,
    )
    with opened(settings) as services:
        assets = taken_in(services, drawn_scenes(folder / "pictures", PICTURES))
        visuals = {name: services.catalog.visuals_of([asset.ref])[0].id for name, asset in assets.items()}
        ids = {name: (visuals[name], asset.id) for name, asset in assets.items()}
        _of_asking(services, ids, shared_llm)
        _of_captions(services, ids, shared_llm)
        _of_moderation(services, folder)
        _of_owners(services, assets["bottle"].ref)
        yield Done(services, ids)


def _of_asking(services: WiredServices, ids: Mapping[str, tuple[str, str]], llm: LlmServer) -> None:
    from rag.ask import answering
    from rag.classify import classify_visuals, untag
    from rag.classifying.results import Wanted as Labels
    from rag.conversing import delete
    from rag.describing.results import Wish
    from rag.integrations.mcp.looking import looked_at
    from rag.integrations.openai.answering import steps_of
    from rag.integrations.openai.conversation import Asked
    from rag.model import VisualId
    from rag.search import search
    from rag.similar import similar

    bottle = VisualId(ids["bottle"][0])
    search(services, EVE, Query("something made of glass", libraries=(LIBRARY,)), door="mcp")
    llm.ranking = "A green bottle [1]."
    question = Question(Query("a green bottle", libraries=(LIBRARY,)), conversation=NEW)
    *_, answer = answering(services, EVE, question, door="test")
    assert isinstance(answer, Answer)
    delete(services, EVE, answer.conversation, door="test")
    llm.ranking = "A nurse [1]."
    chat, nurse = Asked(0, "", (), ()), Query("a nurse at work", libraries=(LIBRARY,))
    list(steps_of(services, EVE, chat, nurse, strict=False, serving=services.serving()))
    llm.ranking = json.dumps({"descriptions": []})
    similar(services, EVE, Wish(visual=bottle), door="test")
    looked_at(services, EVE, bottle, full=False, door="mcp")
    classify_visuals(services, EVE, [bottle], Labels(("bottle", "lamp")), door="test")
    untag(services, EVE, LIBRARY, "lamp", door="test")


def _of_captions(services: WiredServices, ids: Mapping[str, tuple[str, str]], llm: LlmServer) -> None:
    from rag.captions.drafting import draft
    from rag.captions.review import Decision, reject
    from rag.captions.wish import DraftWish
    from rag.model import VisualId

    llm.ranking = json.dumps({"drafts": ["Glassware in green"]})
    wish = DraftWish(CaptionForm.ALT, visual=VisualId(ids["bottle"][0]), facts={"who": "Ada Lovelace"}, count=1)
    made = draft(services, EVE, wish, door="test")
    reject(services, EVE, made.drafts[0].draft.id, Decision(reason="rather too short"), door="test")


def _of_moderation(services: WiredServices, folder: Path) -> None:
    from rag.moderation.calibrating import calibrate
    from rag.moderation.checking import check_file
    from rag.moderation.review import claim, decide, queue
    from rag.moderation.thresholds import Wish

    check_file(services, EVE, "mine.png", next(folder.glob("pictures/mushroom*.png")).read_bytes(), "", door="test")
    sign = next(entry for entry in queue(services, EVE) if entry.hit.category == "lettering")
    claimed = claim(services, EVE, sign.id, version=sign.version, door="test")
    decide(services, EVE, sign.id, Action.ALLOW, version=claimed.version, comment="merely a shop", door="test")
    calibrate(services, EVE, Wish(), door="test")


def _of_owners(services: WiredServices, gone: Any) -> None:
    from rag.audit.deeds import library_draft, record_access
    from rag.auditing.cases import change
    from rag.auditing.reviewing import Said, Verdict, review
    from rag.erasing import erase_person
    from rag.ingest import delete
    from rag.ports import Hold

    ledger = services.ledger
    retrieval = ledger.events(EVE, kind="retrieval", limit=1)[0].seq
    review(services, EVE, retrieval, Said(Verdict.WRONG, {}, {}, comment="unbelievable"), door="test")
    change(services, EVE, "press-7", add=[retrieval], remove=[], comment="for the press office", door="test")
    record_access(ledger, [{"actor": "ann", "roles": ["reader"]}, {"actor": "bob", "roles": ["auditor"]}])
    ledger.append(library_draft(EVE, "test", LIBRARY, keep_personal=True))
    ledger.keep(EVE, "old", 365, BODY)
    ledger.hold(EVE, Hold("case-9", library="held"), BODY)
    ledger.accessed(EVE, "test", {"kind": "answer", "library": LIBRARY})
    erase_person(services, EVE, "nobody", door="test")
    delete(services, EVE, [gone], door="test")


CASES = (
    ("ingest", "begun", ""),
    ("ingest", "done: 4 files", ""),
    ("retrieval", "something made of glass", "glass"),
    ("retrieval", "a nurse at work", "nurse"),
    ("answer", "A green bottle [1].", "bottle"),
    ("description", "", "green"),
    ("classification", "done: bottle, lamp", "lamp"),
    ("classification", "untag: lamp", "lamp"),
    ("caption", "asked: alt", "lovelace"),
    ("caption", "drafted: Glassware in green", "glassware"),
    ("caption", "rejected: Glassware in green", "rather too short"),
    ("moderation-check", "checked: ", "poisonous"),
    ("moderation", "asked: poisonous", "poisonous"),
    ("moderation", "claimed", ""),
    ("moderation", "decided: allow, lettering", "merely a shop"),
    ("look", "looked at: thumbnail", ""),
    ("conversation", "deleted", ""),
    ("access", "configured: ann, bob", "bob"),
    ("library", "set: keep_personal True", "keep_personal"),
    ("retention", "keep 365 days", ""),
    ("legal-hold", "placed: case-9", "case-9"),
    ("ledger-access", "read: kind answer", ""),
    ("erasure", "person: 0 keys destroyed", ""),
    ("deletion", "deleted: 1 asset", ""),
    ("case", "press-7: 1 event added", "press office"),
    ("review", "of event", ""),
)


@pytest.mark.parametrize(("kind", "summary", "word"), CASES, ids=[f"{kind} {said}" for kind, said, _ in CASES])
def test_an_event_is_summed_up_and_found_by_its_words(done: Done, kind: str, summary: str, word: str) -> None:
    from rag.auditing.finding import find

    entry = done.one(kind, summary)
    if word:
        found = find(done.services, EVE, Wanted(kinds=(kind,), words=tuple(word.split())), limit=500, door="test")
        assert entry.seq in [one.seq for one in found.entries]


def test_a_reviews_words_and_verdict_are_found_by_nobody(done: Done) -> None:
    assert not [one for one in done.entries if "unbelievable" in one.text or "wrong" in one.text]


def test_each_event_names_the_pictures_that_it_is_about(done: Done) -> None:
    bottle, sign = done.ids["bottle"], done.ids["sign"]

    def roles(kind: str, summary: str, of: tuple[str, str]) -> set[str]:
        return {one.role for one in done.one(kind, summary).visuals if (one.visual, one.asset_id) == of}

    assert roles("retrieval", "something made of glass", bottle) == {"evidence"}
    assert roles("classification", "done", bottle) == {"classified"}
    assert roles("caption", "drafted", bottle) == roles("caption", "rejected", bottle) == {"about"}
    assert roles("look", "looked at", bottle) == roles("deletion", "deleted", bottle) == {"about"}
    assert roles("moderation", "decided", sign) == {"about"}
    assert roles("moderation-check", "checked", sign) <= {"about", "classified"}
    for name in PICTURES:
        assert roles("ingest", "done", done.ids[name]) == {"about"}
    assert {one.role for one in done.one("caption", "drafted").visuals} == {"about", "example"}


def test_each_event_says_by_what_it_was_decided(done: Done) -> None:
    demo = done.services.encoder.id
    for kind, summary in (("retrieval", "something"), ("classification", "done"), ("moderation-check", "checked")):
        assert done.one(kind, summary).encoder == demo, kind
    assert done.one("moderation", "decided").prompt_hash == done.one("moderation-check", "checked").prompt_hash != ""
    assert done.one("classification", "done").prompt_hash
    assert done.one("answer", "A green bottle").model == done.one("caption", "drafted").model == "ranks"
    assert done.one("caption", "rejected").model == "ranks"
    assert done.one("description", "").model == "composed"
    assert done.one("caption", "asked").prompt


def test_what_belongs_together_leads_to_the_same_event(done: Done) -> None:
    assert done.one("ingest", "done").belongs_to == done.one("ingest", "begun").seq
    assert done.one("answer", "A green bottle").belongs_to == done.one("retrieval", "a green bottle").seq
    drafted = done.one("caption", "drafted")
    assert drafted.belongs_to == done.one("caption", "asked").belongs_to is not None
    assert done.one("caption", "rejected").belongs_to == drafted.seq
    assert done.one("review", "of event").belongs_to == done.one("retrieval", "").seq
    assert done.one("description", "").belongs_to is not None
