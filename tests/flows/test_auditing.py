"""The auditor's work from end to end: on a library that changes, an event is seen, asked again, and reviewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.errors import BadQuery, BadRequest, NotAllowed, NotFound
from rag.model import LOCAL_OWNER, Actor, AssetRef, AssetState, Event, Part, Query, Retrieval
from rag.scenes import Group, Scene, draw
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.auditing.causes import Move
    from rag.auditing.replaying import Replay
    from rag.wiring import WiredServices

ADA, BOB, CY = (Actor(name, frozenset({"auditor"}), libraries=frozenset({"*"})) for name in ("ada", "bob", "cy"))
CARS = ("red", "blue", "yellow", "green", "purple")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredServices]:
    from rag.wiring import opened

    folder = tmp_path_factory.mktemp("audited")
    rules = folder / "rules.yaml"
    rules.write_text("rules: [{name: everything, risk: 0.5}]")
    with opened(Settings(data=folder / "data", min_relevance=0.05, audit_rules=str(rules))) as services:
        yield services


@pytest.fixture
def library(request: pytest.FixtureRequest, services: WiredServices, tmp_path: Path) -> str:
    """A library of this test's own, with a car of each colour."""
    name = f"cars-{sha256(request.node.name.encode()).hexdigest()[:12]}"
    for colour in CARS:
        car(tmp_path / "cars", colour)
    ingest(services, name, tmp_path / "cars")
    return name


def car(folder: Path, colour: str, setting: str = "beach") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw(Scene((Group("car", colour),), setting=setting, time_of_day="noon"), 160).save(folder / f"{colour}.png")
    (folder / f"{colour}.txt").write_text(f"A {colour} car on a {setting} at noon")


def ingest(services: WiredServices, library: str, folder: Path) -> None:
    from rag.ingest import accept, entries_of, follow

    job = accept(services, LOCAL_OWNER, library, entries_of(services, folder))
    list(follow(services, LOCAL_OWNER, job.id, every=0.05))


def searched(services: WiredServices, library: str, text: str = "a red car", **how: object) -> Retrieval:
    from rag.search import search

    query = replace(Query(text, libraries=(library,), top_k=3), **how)  # type: ignore[arg-type]
    return search(services, LOCAL_OWNER, query, door="test")


def again(services: WiredServices, seq: int | None, **how: object) -> Replay:
    from rag.auditing.replaying import replay

    assert seq is not None
    return replay(services, LOCAL_OWNER, seq, door="test", **how)  # type: ignore[arg-type]


def by_change(done: Replay) -> Callable[[str], list[Move]]:
    return lambda change: [move for move in done.moves if move.change == change]


def assets(services: WiredServices, library: str) -> dict[str, AssetRef]:
    found = services.catalog.assets(LOCAL_OWNER, library, state=AssetState.INDEXED)
    return {asset.name: asset.ref for asset in found}


# Asking again


def test_nothing_changed_so_the_same_comes_back(services: WiredServices, library: str) -> None:
    found = searched(services, library)
    done = again(services, found.event)
    assert done.same
    assert [move.visual for move in done.moves] == [item.visual.id for item in found.evidence]
    recorded = services.ledger.event(LOCAL_OWNER, done.recorded)
    assert (recorded.kind, recorded.body["action"], recorded.body["same"]) == ("audit", "replay", True)


def test_what_was_deleted_is_said_to_be_with_the_event_that_says_so(services: WiredServices, library: str) -> None:
    from rag.auditing.indexing import catch_up
    from rag.ingest import delete

    found = searched(services, library)
    gone = found.evidence[0].visual
    delete(services, LOCAL_OWNER, [gone.asset_ref], door="test")
    catch_up(services)
    event = services.ledger.events(LOCAL_OWNER, kind="deletion", limit=1)[0]
    assert event.body["assets"] == [str(gone.asset_ref)]
    done = again(services, found.event)
    (left,) = by_change(done)("left")
    assert (left.visual, left.was, left.now) == (gone.id, 1, None)
    assert left.why == f"deleted: event {event.seq}"
    assert {move.now for move in by_change(done)("moved")} == {1, 2}
    assert by_change(done)("entered")[0].was == 4


def test_what_is_new_is_said_to_be(services: WiredServices, library: str, tmp_path: Path) -> None:
    found = searched(services, library, "a red car on a farm")
    car(tmp_path / "more", "red", "farm")
    ingest(services, library, tmp_path / "more")
    entered = by_change(again(services, found.event))("entered")
    assert any(move.why.startswith("new: it came in on") for move in entered)


def test_who_asked_is_who_asks_again(services: WiredServices, library: str) -> None:
    from rag.search import search

    reader = Actor("rae", frozenset({"reader"}), libraries=frozenset({library}))
    query = Query("a red car", libraries=(library,), top_k=3)
    seq = search(services, reader, query, door="test").event
    assert again(services, seq).same
    assert again(services, seq).event == seq


def test_answers_are_asked_again_with_all_that_was_found_also_what_was_too_little_relevant(
    services: WiredServices, library: str
) -> None:
    from rag.ask import ask

    answer = ask(services, LOCAL_OWNER, Query("a red car", libraries=(library,), top_k=5), door="test")
    retrieval, said = answer.events
    done = again(services, said)
    assert (done.event, done.same) == (retrieval, True)
    assert len(done.moves) == 5


def test_a_picture_of_the_query_has_to_be_brought_again(services: WiredServices, library: str, tmp_path: Path) -> None:
    car(tmp_path / "mine", "orange")
    content = (tmp_path / "mine" / "orange.png").read_bytes()
    name = sha256(content).hexdigest()
    found = searched(services, library, "", wanted=(Part(image=name),), pictures={name: content})
    with pytest.raises(BadQuery, match=name):
        again(services, found.event)
    with pytest.raises(BadQuery, match=name):
        again(services, found.event, pictures=[content + b"x"])
    assert again(services, found.event, pictures=[content]).same


def test_what_asked_nothing_cannot_be_asked_again(services: WiredServices, library: str) -> None:
    found = searched(services, library, top_k=1)
    page = searched(services, library, "", page=found.next_page)
    with pytest.raises(BadRequest, match=f"a further page of event {found.event}"):
        again(services, page.event)
    with pytest.raises(BadRequest, match="asked nothing"):
        again(services, again(services, found.event).recorded)
    with pytest.raises(NotFound, match="no complete generation has the encoder 'other'"):
        again(services, found.event, encoder="other")
    assert again(services, found.event, encoder="demo").same


# Pins


def test_on_a_pin_the_same_comes_back_whatever_was_deleted_and_added_since(
    services: WiredServices, library: str, tmp_path: Path
) -> None:
    from rag.auditing.pinning import get, make, remove

    found = searched(services, library, "a red car on a farm")
    pin = make(services, LOCAL_OWNER, "before", door="test")
    car(tmp_path / "more", "red", "farm")
    ingest(services, library, tmp_path / "more")
    assert not again(services, found.event).same
    done = again(services, found.event, pin="before")
    assert (done.same, done.against, done.causes) == (True, "pin before", ())
    assert services.ledger.event(LOCAL_OWNER, pin.event).body["action"] == "pin"
    with pytest.raises(BadRequest, match="already"):
        make(services, LOCAL_OWNER, "before", door="test")
    remove(services, LOCAL_OWNER, "before", door="test")
    with pytest.raises(NotFound, match="there is no pin 'before'"):
        get(services, "before")


def test_a_pin_is_no_way_round_a_deletion(services: WiredServices, library: str) -> None:
    from rag.auditing import pinning
    from rag.ingest import delete

    found = searched(services, library)
    pinning.make(services, LOCAL_OWNER, "kept", door="test")
    gone = found.evidence[0].visual
    delete(services, LOCAL_OWNER, [gone.asset_ref], door="test")
    pinning.keep_clean(services)
    with services.beside(pinning.folder_of(services) / "kept") as pinned:
        assert pinned.catalog.visuals(LOCAL_OWNER, [gone.id]) == {}
        assert pinned.store.present([gone.id]) == set()
    done = again(services, found.event, pin="kept")
    assert [move.visual for move in done.moves if move.change == "left"] == [gone.id]
    pinning.remove(services, LOCAL_OWNER, "kept", door="test")


@pytest.mark.parametrize("name", ["../out", "", ".making", "a/b", "x" * 80])
def test_a_pin_stays_in_its_folder(services: WiredServices, name: str) -> None:
    from rag.auditing.pinning import get, make

    with pytest.raises(BadRequest, match="cannot name a pin"):
        make(services, LOCAL_OWNER, name, door="test")
    with pytest.raises(NotFound):
        get(services, name)


def test_only_the_owner_makes_pins_and_loads_encoders(services: WiredServices, library: str) -> None:
    from rag.auditing.pinning import every, make
    from rag.auditing.replaying import replay

    seq = searched(services, library).event or 0
    with pytest.raises(NotAllowed, match="takes the role owner"):
        make(services, ADA, "mine", door="test")
    with pytest.raises(NotAllowed, match="takes the role owner"):
        replay(services, ADA, seq, encoder="demo", door="test")
    assert every(services, ADA) == []
    assert replay(services, ADA, seq, door="test").same


# One event whole


def test_an_event_is_seen_whole_from_its_retrieval_and_from_its_answer(services: WiredServices, library: str) -> None:
    from rag.ask import ask
    from rag.auditing.opening import open_event

    answer = ask(services, LOCAL_OWNER, Query("a red car", libraries=(library,), top_k=5), door="test")
    retrieval, said = answer.events
    one, other = (open_event(services, ADA, seq, door="test") for seq in (retrieval, said))
    assert one.evidence == other.evidence
    assert [item.number for item in one.evidence] == [item.number for item in answer.retrieval.evidence]
    assert all(item.there and item.name and item.asset_id for item in one.evidence)
    assert all(item.reason for item in one.dropped)
    assert one.answer is not None
    assert one.answer.body["text"] == answer.text
    assert (one.answer.seq, [entry.seq for entry in other.linked]) == (said, [retrieval])
    assert (one.proof.holds, other.proof.holds) == (True, True)
    assert one.retrieval is not None
    assert one.retrieval.body["prompt"]["messages"]
    opened = services.ledger.events(LOCAL_OWNER, kind="audit", limit=1)[0]
    assert (opened.actor, opened.body["event"]) == ("ada", said)


def test_questions_of_a_conversation_are_shown_together(services: WiredServices, library: str) -> None:
    from rag.ask import answering
    from rag.auditing.opening import open_event
    from rag.model import NEW, Answer, Question

    def turn(text: str, conversation: str) -> Answer:
        question = Question(Query(text, libraries=(library,), top_k=3), conversation=conversation)
        *_, answer = answering(services, LOCAL_OWNER, question, door="test")
        assert isinstance(answer, Answer)
        return answer

    first = turn("a red car", NEW)
    second = turn("and a blue one?", first.conversation)
    assert first.conversation == second.conversation
    seen = open_event(services, ADA, first.events[0], door="test")
    assert [entry.seq for entry in seen.conversation] == [first.events[1], second.events[1]]


def test_an_auditor_of_one_library_sees_no_event_of_another(services: WiredServices, library: str) -> None:
    from rag.auditing.opening import open_event

    seq = searched(services, library).event or 0
    elsewhere = Actor("eve", frozenset({"auditor"}), libraries=frozenset({"other"}))
    with pytest.raises(NotFound):
        open_event(services, elsewhere, seq, door="test")
    with pytest.raises(NotAllowed):
        open_event(services, Actor("rae", libraries=frozenset({"*"})), seq, door="test")


# Review


def test_two_people_review_without_knowing_of_each_other_and_a_third_is_asked_when_they_disagree(
    services: WiredServices, library: str
) -> None:
    from rag.auditing.blinding import blinded
    from rag.auditing.opening import open_event
    from rag.auditing.reviewing import Said, Standing, Verdict, queue, review

    def waits(actor: Actor) -> bool:
        return seq in [one.entry.seq for one in queue(services, actor, limit=100, library=library, door="test")]

    def says(actor: Actor, verdict: Verdict) -> Standing:
        return review(services, actor, seq, Said(verdict, {visual: 2}, {visual: "clear"}), door="test")[1]

    def raw(actor: Actor) -> list[Event]:
        """The reviews of this library as the raw ledger shows them."""
        return blinded(services, actor, services.ledger.events(actor, kind="review", library=library))

    found = searched(services, library)
    seq, visual = found.event or 0, found.evidence[0].visual.id
    assert waits(ADA)
    assert says(ADA, Verdict.SOUND) is Standing.SECOND
    assert not waits(ADA)
    hidden = open_event(services, BOB, seq, door="test")
    assert (hidden.reviews, hidden.hidden_reviews) == ((), 1)
    assert set(raw(BOB)[0].body) == {"event", "hidden"}
    assert open_event(services, BOB, raw(BOB)[0].seq, door="test").event.body == raw(BOB)[0].body
    assert open_event(services, BOB, raw(BOB)[0].seq, door="test").proof.holds
    assert [raw(one)[0].body["verdict"] for one in (ADA, LOCAL_OWNER)] == ["sound", "sound"]
    assert says(ADA, Verdict.SOUND) is Standing.SECOND  # nobody alone settles anything
    assert says(BOB, Verdict.WRONG) is Standing.DISAGREED
    assert [one.body["verdict"] for one in raw(BOB)] == ["wrong", "sound", "sound"]
    assert all("hidden" in one.body for one in raw(CY))
    assert [one.reviewer for one in open_event(services, BOB, seq, door="test").reviews] == ["ada", "ada", "bob"]
    assert waits(CY)
    assert says(CY, Verdict.SOUND) is Standing.SETTLED
    assert not waits(LOCAL_OWNER)
    event = services.ledger.events(LOCAL_OWNER, kind="review", limit=1)[0]
    assert event.body["labels"] == [{"visual": visual, "grade": 2, "comment": "clear"}]
    assert event.body["event_hash"] == services.ledger.event(LOCAL_OWNER, seq).hash


def test_who_thinks_better_of_it_settles_a_disagreement_and_agreement_counts_what_was_said_first(
    services: WiredServices, library: str
) -> None:
    from rag.auditing.labels import agreement
    from rag.auditing.reviewing import Said, Standing, Verdict, review

    seq = searched(services, library).event or 0

    def says(actor: Actor, verdict: Verdict) -> Standing:
        return review(services, actor, seq, Said(verdict, {}, {}), door="test")[1]

    says(ADA, Verdict.SOUND)
    assert says(BOB, Verdict.WRONG) is Standing.DISAGREED
    assert says(BOB, Verdict.SOUND) is Standing.SETTLED
    found = agreement(services, ADA, library=library, door="test")
    assert (found.events, found.settled, found.disagreed) == (1, 1, 0)
    assert found.kappas == {("ada", "bob"): (0.0, 1)}


def test_what_was_not_looked_at_cannot_be_labelled(services: WiredServices, library: str) -> None:
    from rag.auditing.reviewing import Said, Verdict, review

    found = searched(services, library)
    other = "00000000-0000-5000-8000-000000000000"
    for said, complaint in (
        (Said(Verdict.SOUND, {other: 1}, {}), "did not look at the visual"),
        (Said(Verdict.SOUND, {found.evidence[0].visual.id: 3}, {}), "must be 0, 1 or 2"),
        (Said(Verdict.SOUND, {}, {other: "nice"}), "needs a grade"),
        (Said(Verdict.SOUND, {}, {}, comment="x" * 5_000), "at most 4,000 fit"),
    ):
        with pytest.raises(BadRequest, match=complaint):
            review(services, ADA, found.event or 0, said, door="test")
    with pytest.raises(BadRequest, match="answers and retrievals are reviewed"):
        review(services, ADA, again(services, found.event).recorded, Said(Verdict.SOUND, {}, {}), door="test")


def test_labels_become_judgements_that_eval_reads_and_a_threshold(
    services: WiredServices, library: str, tmp_path: Path
) -> None:
    from rag.auditing.labels import judgements, qrels, questions, threshold
    from rag.auditing.reviewing import Said, Verdict, review
    from rag.evaluation.judgements import judged_cases, read_qrels, read_questions

    for text, grade in [(f"a {colour} car", 2) for colour in CARS] + [(f"tax form {n}", 0) for n in range(5)]:
        found = searched(services, library, text)
        said = Said(Verdict.SOUND, {found.evidence[0].visual.id: grade}, {})
        review(services, ADA, found.event or 0, said, door="test")
    judged = judgements(services, ADA, library=library, door="test")
    assert sorted(one.grade for one in judged) == [0] * 5 + [2] * 5
    (tmp_path / "qrels").write_text(qrels(judged))
    (tmp_path / "questions").write_text(questions(judged))
    grades, words = read_qrels(tmp_path / "qrels"), read_questions(tmp_path / "questions")
    cases, trouble = judged_cases(services, library, grades, words)
    assert (len(cases), trouble) == (10, [])
    suggested = threshold(services, ADA, library=library, door="test")
    assert (suggested.answerable, suggested.unanswerable) == (5, 5)
    assert suggested.suggested.lost <= 0.05
    assert suggested.suggested.refused >= suggested.present.refused


# Erasure


def test_who_or_what_is_erased_is_found_no_more_and_the_event_still_proves_itself(
    services: WiredServices, library: str
) -> None:
    from rag.auditing.finding import find
    from rag.auditing.opening import open_event
    from rag.erasing import erase_asset, erase_person
    from rag.ports.auditing import Wanted
    from rag.search import search

    def found(**wanted: object) -> list[int]:
        page = find(services, ADA, Wanted(library=library, **wanted), door="test")  # type: ignore[arg-type]
        return [entry.seq for entry in page.entries]

    ann = Actor("ann", frozenset({"reader"}), libraries=frozenset({library}))
    retrieval = search(services, ann, Query("a red car of mine", libraries=(library,), top_k=3), door="test")
    seq, gone = retrieval.event or 0, retrieval.evidence[0].visual
    assert found(person="ann") == found(words=("mine",)) == [seq]
    erase_asset(services, LOCAL_OWNER, gone.asset_id, door="test")
    assert seq not in found(visual=gone.id)
    erase_person(services, LOCAL_OWNER, "ann", door="test")
    assert found(person="ann") == found(words=("mine",)) == []
    seen = open_event(services, ADA, seq, door="test")
    assert seen.proof.holds
    assert gone.id not in {one.visual for one in seen.evidence}
    with pytest.raises(BadRequest, match="erased"):
        again(services, seq)
    services.audit_index.clear()
    assert found(words=("mine",)) == []
