"""A policy from ingest to search, over the embedded profile with the demo encoder and drawn pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rag import doctor
from rag.ask import ask
from rag.duplicates import groups
from rag.errors import BadQuery, BadSettings, Conflict, LedgerUnavailable, NotAllowed, NotFound
from rag.ingest import accept, entries_of, follow, send
from rag.model import (
    LOCAL_OWNER,
    MISMATCH,
    UNCHECKED,
    Action,
    Actor,
    And,
    AssetState,
    Entry,
    EntryState,
    Eq,
    Moderation,
    Part,
    Query,
    Severity,
)
from rag.moderation import moderator as moderator_module
from rag.moderation.calibrating import calibrate
from rag.moderation.checking import check_file, check_library
from rag.moderation.recording import CHECK_KIND, KIND, decided_draft
from rag.moderation.review import claim, decide, decide_visual, queue
from rag.moderation.thresholds import Wish
from rag.ports import Services
from rag.retrieval.rights import visible_to
from rag.search import search
from rag.settings import Settings
from rag.wiring import WiredServices, opened
from tests.flows.desk import drawn, manifest, until
from tests.flows.moderated import LIBRARY, POLICY, SCENES, assets_of, drawn_scenes, taken_in

READER = Actor("rita", frozenset({"reader"}), libraries=frozenset({LIBRARY}))
EVE = Actor("eve", frozenset({"editor"}), libraries=frozenset({LIBRARY}))
ADA = Actor("ada", frozenset({"editor"}), libraries=frozenset({LIBRARY}))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredServices]:
    """One library that no test changes."""
    folder = tmp_path_factory.mktemp("moderated")
    with opened(Settings(data=folder / "data", policy=POLICY)) as services:
        pictures = drawn_scenes(folder / "pictures")
        twin = drawn_scenes(folder / "pictures", ["mushroom"])[0][0]
        copy = twin.with_name("copy-4.jpg")
        _save_smaller(twin, copy)
        taken_in(services, [*pictures, (copy, "")])
        yield services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[WiredServices]:
    with opened(Settings(data=tmp_path / "data", policy=POLICY)) as services:
        yield services


def _save_smaller(source: Path, target: Path) -> None:
    from PIL import Image

    with Image.open(source) as image:
        image.convert("RGB").resize((240, 240)).save(target, quality=92)


def found(services: Services, actor: Actor, text: str) -> dict[str, Moderation]:
    retrieval = search(services, actor, Query(text, top_k=50), door="test")
    return {item.name.partition("-")[0]: item.moderation for item in retrieval.evidence}


def entry_of(services: Services, name: str, category: str) -> Entry:
    entries = services.reviews.standing([assets_of(services)[name].ref])
    return next(one for some in entries.values() for one in some if one.hit.category == category)


def stated(services: Services, name: str) -> set[str]:
    """What the points of an asset say, in every collection."""
    visuals = services.catalog.visuals_of([assets_of(services)[name].ref])
    points = [store.fetch([visual.id for visual in visuals]) for store in services.collections.every()]
    return {str(point.payload["moderation"]) for some in points for point in some.values()}


# What the policy does by itself


def test_each_picture_is_shown_as_the_policy_says(shared: WiredServices) -> None:
    states = {name: asset.moderation for name, asset in assets_of(shared).items()}
    assert states == {
        "kite": Moderation.ALLOWED,
        "mushroom": Moderation.BLOCKED,
        "copy": Moderation.BLOCKED,
        "bottle": Moderation.BLURRED,
        "nurse": Moderation.BLURRED,
        "sign": Moderation.REVIEW,
        "sweets": Moderation.REVIEW,
        "mistaken": Moderation.REVIEW,
    }
    for name, state in states.items():
        assert stated(shared, name) == {state.value}


def test_the_urgent_come_first_and_every_entry_says_why(shared: WiredServices) -> None:
    entries = queue(shared, EVE)
    assert entries[0].hit.category == "emergency"
    assert entries[0].hit.severity is Severity.URGENT
    reasons = {entry.hit.category: entry.hit.reason for entry in entries}
    assert set(reasons) == {"emergency", "healthy-sweets", "lettering", MISMATCH}
    assert "the picture looks like it" in reasons["lettering"]
    assert 'the picture looks like it and its caption says "low in sugar", both together' in reasons["healthy-sweets"]
    assert "The caption hardly fits the picture" in reasons[MISMATCH]
    assert "A purple elephant in a bedroom" in reasons[MISMATCH]


def test_readers_never_meet_what_is_blocked(shared: WiredServices) -> None:
    mushroom = assets_of(shared)["mushroom"]
    (visual,) = shared.catalog.visuals_of([mushroom.ref])
    caption = SCENES["mushroom"][1]
    everybody = set(assets_of(shared))
    assert set(found(shared, READER, caption)) == everybody - {"mushroom", "copy"}
    assert set(found(shared, EVE, caption)) == everybody
    answer = ask(shared, READER, Query(caption, top_k=20), door="test")
    assert "mushroom" not in {item.name.partition("-")[0] for item in answer.retrieval.evidence}
    for actor, raises in ((READER, True), (EVE, False)):
        like = Query(wanted=(Part(visual=visual.id),), top_k=3)
        if raises:
            with pytest.raises(NotFound):
                search(shared, actor, like, door="test")
            with pytest.raises(NotFound):
                shared.catalog.asset(actor, mushroom.ref)
        else:
            assert search(shared, actor, like, door="test").evidence
            assert shared.catalog.asset(actor, mushroom.ref).moderation is Moderation.BLOCKED
    assert shared.catalog.coverage(READER, [LIBRARY]).searched == len(everybody) - 2


def test_duplicates_and_jobs_tell_readers_nothing_of_what_is_blocked(shared: WiredServices) -> None:
    assert [len(group.visuals) for group in groups(shared, EVE, LIBRARY)] == [2]
    assert list(groups(shared, READER, LIBRARY)) == []
    (job,) = shared.catalog.jobs(LOCAL_OWNER)
    names = {item.name.partition("-")[0] for item in shared.catalog.job_items(READER, job.id)}
    assert names == set(assets_of(shared)) - {"mushroom", "copy"}


def test_what_is_blurred_is_found_and_says_so(shared: WiredServices) -> None:
    assert found(shared, READER, SCENES["bottle"][1])["bottle"] is Moderation.BLURRED


def test_what_the_policy_did_is_in_the_ledger_with_what_it_rests_on(shared: WiredServices) -> None:
    events = shared.ledger.events(LOCAL_OWNER, kind=CHECK_KIND, limit=50)
    told = {one["asset"]: one for event in events for one in event.body["results"]}
    mushroom = assets_of(shared)["mushroom"]
    assert told[mushroom.id]["shown"] == "blocked"
    (finding,) = told[mushroom.id]["findings"]
    assert finding["category"] == "poisonous"
    assert finding["scores"]["image"] > 0.9
    kite = assets_of(shared)["kite"]
    assert any(kite.id in event.body["without_findings"] for event in events)
    policy = events[0].body["policy"]
    assert policy["id"] == "sample-library@1"
    assert len(policy["hash"]) == 64
    assert shared.ledger.first_fault() is None


def test_only_moderators_look_and_decide(shared: WiredServices) -> None:
    entry = queue(shared, EVE)[0]
    with pytest.raises(NotAllowed, match="takes the role editor"):
        queue(shared, READER)
    with pytest.raises(NotAllowed):
        decide(shared, READER, entry.id, Action.ALLOW, version=entry.version, door="test")
    with pytest.raises(NotAllowed):
        next(check_library(shared, READER, LIBRARY))
    elsewhere = Actor("max", frozenset({"editor"}), libraries=frozenset({"museum"}))
    assert queue(shared, elsewhere) == []
    with pytest.raises(NotFound):
        decide(shared, elsewhere, entry.id, Action.ALLOW, version=entry.version, door="test")
    with pytest.raises(BadQuery, match="review is none"):
        decide(shared, EVE, entry.id, Action.REVIEW, version=entry.version, door="test")


def test_a_picture_and_a_text_are_checked_together_without_being_kept(shared: WiredServices, tmp_path: Path) -> None:
    ((cake, _),) = drawn_scenes(tmp_path, ["sweets"], seed=6)
    before = shared.catalog.coverage(LOCAL_OWNER, []).searched

    def said(text: str) -> set[str]:
        verdict = check_file(shared, READER, "cake.png", cake.read_bytes(), text, door="test")
        event = shared.ledger.event(LOCAL_OWNER, verdict.event)
        assert (event.kind, event.body["text"]) == (KIND, text)
        return {hit.category for hit in verdict.hits}

    assert said("") == {"allergens"}
    assert said("A pink cake in a kitchen") == {"allergens"}
    assert said("A pink cake that is good for you") == {"allergens", "healthy-sweets"}
    assert MISMATCH in said("A purple elephant in a forest at night")
    ((kite, _),) = drawn_scenes(tmp_path, ["kite"], seed=6)
    verdict = check_file(shared, READER, "kite.png", kite.read_bytes(), "A yellow kite is good for you", door="test")
    assert "healthy-sweets" not in {hit.category for hit in verdict.hits}
    assert shared.catalog.coverage(LOCAL_OWNER, []).searched == before


def test_what_goes_into_a_collection_is_hidden_before_it_is_concluded(services: WiredServices, tmp_path: Path) -> None:
    """No moment passes in which a search finds what the policy blocks."""
    taken_in(services, drawn_scenes(tmp_path, ["kite"]))
    (path,) = [path for path, _ in drawn_scenes(tmp_path, ["mushroom"])]
    services.catalog.start_job("by-hand", LIBRARY, LOCAL_OWNER)
    from rag.ingest import _take_in  # as `accept` does, without the task that it sends
    from rag.sources.entry import Entry as Source

    acceptance = _take_in(services, LIBRARY, Source(path.name, path.read_bytes), known={}, encoder_id="")
    (ref,) = services.catalog.accept("by-hand", [acceptance])
    begun = services.catalog.begin([ref], attempts_allowed=3)
    (outcome,) = services.pipeline.index(begun.assets, services.written())
    of_it = Eq("asset_id", ref.asset_id)
    store = services.store
    assert store.count(of_it) == 1
    assert store.count(And((of_it, visible_to(READER, [LIBRARY])))) == 0
    assert getattr(outcome, "moderation", None) is Moderation.BLOCKED


# What people decide


def test_a_decision_holds_at_once_in_searches_points_and_ledger(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["kite", "mushroom", "sign"]))
    mushroom = entry_of(services, "mushroom", "poisonous")
    allowed = decide(services, EVE, mushroom.id, Action.ALLOW, version=mushroom.version, comment="a toy", door="test")
    assert "mushroom" in found(services, READER, "a mushroom")
    assert stated(services, "mushroom") == {"allowed"}
    event = services.ledger.event(LOCAL_OWNER, allowed.event)
    assert (event.kind, event.actor, event.body["decision"], event.body["before"]) == (KIND, "eve", "allow", "blocked")
    assert event.body["comment"] == "a toy"
    sign = entry_of(services, "sign", "lettering")
    page = search(services, READER, Query("a picture", top_k=1), door="test").next_page
    decide(services, EVE, sign.id, Action.BLOCK, version=sign.version, door="test")
    assert stated(services, "sign") == {"blocked"}
    assert "sign" not in found(services, READER, "a sign")
    rest = search(services, READER, Query("", page=page, top_k=10), door="test")
    assert "sign" not in {item.name.partition("-")[0] for item in rest.evidence}


def test_of_two_who_decide_one_wins_and_nothing_of_the_other_holds(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["sign"]))
    entry = entry_of(services, "sign", "lettering")
    decide(services, EVE, entry.id, Action.BLUR, version=entry.version, door="test")
    events = len(services.ledger.events(LOCAL_OWNER, kind=KIND))
    with pytest.raises(Conflict, match="changed meanwhile by eve"):
        decide(services, ADA, entry.id, Action.ALLOW, version=entry.version, door="test")
    assert assets_of(services)["sign"].moderation is Moderation.BLURRED
    assert len(services.ledger.events(LOCAL_OWNER, kind=KIND)) == events


def test_who_claims_an_entry_decides_it(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["sign"]))
    entry = entry_of(services, "sign", "lettering")
    claimed = claim(services, EVE, entry.id, version=entry.version, door="test")
    with pytest.raises(Conflict, match="eve is looking"):
        decide(services, ADA, entry.id, Action.ALLOW, version=claimed.version, door="test")
    decided = decide(services, EVE, entry.id, Action.ALLOW, version=claimed.version, door="test")
    assert decided.state is EntryState.DECIDED


def test_without_a_ledger_nothing_is_decided(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["mushroom"]))
    entry = entry_of(services, "mushroom", "poisonous")

    def refuse(draft: object) -> object:
        raise LedgerUnavailable("the disk is full")

    monkeypatch.setattr(services.ledger, "append", refuse)
    with pytest.raises(LedgerUnavailable):
        decide(services, EVE, entry.id, Action.ALLOW, version=entry.version, door="test")
    assert entry_of(services, "mushroom", "poisonous") == entry
    assert stated(services, "mushroom") == {"blocked"}


def test_what_no_policy_found_can_be_hidden_by_hand_and_shown_again(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["kite"]))
    (visual,) = services.catalog.visuals_of([assets_of(services)["kite"].ref])
    decide_visual(services, EVE, visual.id, Action.BLOCK, comment="not cleared", door="test")
    assert found(services, READER, "a kite") == {}
    list(check_library(services, LOCAL_OWNER, LIBRARY, again=True))
    assert found(services, READER, "a kite") == {}
    decide_visual(services, EVE, visual.id, Action.ALLOW, door="test")
    assert found(services, READER, "a kite") == {"kite": Moderation.ALLOWED}


def test_indexing_anew_keeps_what_people_decided(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["mushroom"]))
    entry = entry_of(services, "mushroom", "poisonous")
    decide(services, EVE, entry.id, Action.BLUR, version=entry.version, door="test")
    refs = services.catalog.retry([entry.ref], indexed=True)
    send(services, refs)
    until(lambda: assets_of(services)["mushroom"].state is AssetState.INDEXED)
    assert assets_of(services)["mushroom"].moderation is Moderation.BLURRED
    assert stated(services, "mushroom") == {"blurred"}


# What is healed


def examined(services: Services, *, fix: bool = False) -> dict[str, int]:
    return {one.check: one.count for one in doctor.examine(services, fix=fix)}


def test_a_decision_that_only_the_ledger_has_is_finished(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["sign"]))
    entry = entry_of(services, "sign", "lettering")
    services.ledger.append(decided_draft(EVE, "test", entry, Action.BLOCK, "a brand"))
    assert examined(services)["decisions"] == 0, "what was written this minute may be on its way"
    monkeypatch.setattr(doctor, "UNDER_WAY", timedelta(seconds=-1))
    assert examined(services)["decisions"] == 1
    assert examined(services, fix=True)["decisions"] == 1
    healed = entry_of(services, "sign", "lettering")
    assert (healed.decision, healed.decided_by, healed.comment) == (Action.BLOCK, "eve", "a brand")
    assert stated(services, "sign") == {"blocked"}
    assert examined(services)["decisions"] == 0


def test_a_decision_that_came_too_late_is_not_finished(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["sign"]))
    entry = entry_of(services, "sign", "lettering")
    services.ledger.append(decided_draft(EVE, "test", entry, Action.BLOCK, ""))
    decide(services, ADA, entry.id, Action.ALLOW, version=entry.version, door="test")
    monkeypatch.setattr(doctor, "UNDER_WAY", timedelta(seconds=-1))
    assert examined(services, fix=True)["decisions"] == 0
    assert entry_of(services, "sign", "lettering").decision is Action.ALLOW


def test_points_that_say_otherwise_than_the_catalog_are_put_right_and_hidden_until_then(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["kite", "sign"]))
    entry = entry_of(services, "sign", "lettering")
    with monkeypatch.context() as crashing:
        crashing.setattr("rag.moderation.review.show_as_decided", _die)
        with pytest.raises(KeyboardInterrupt):
            decide(services, EVE, entry.id, Action.BLOCK, version=entry.version, door="test")
    assert stated(services, "sign") == {"review"}
    assert set(found(services, READER, "a sign")) == {"kite"}, "the catalog has the last word"
    assert examined(services)["moderation"] == 1
    assert examined(services, fix=True)["moderation"] == 1
    assert stated(services, "sign") == {"blocked"}
    assert examined(services)["moderation"] == 0


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_cannot_be_checked_is_hidden_until_it_was(
    services: WiredServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(moderator_module, "findings", _fail)
        assert taken_in(services, drawn_scenes(tmp_path, ["kite"]))["kite"].state is AssetState.INDEXED
    entry = entry_of(services, "kite", UNCHECKED)
    assert (entry.state, entry.shows) == (EntryState.OPEN, Moderation.BLOCKED)
    assert "The check failed (ZeroDivisionError)" in entry.hit.reason
    assert queue(services, EVE)[0].id == entry.id
    assert found(services, READER, "a kite") == {}
    (*_, last) = check_library(services, LOCAL_OWNER, LIBRARY)
    assert (last.done, last.changed) == (1, 1)
    assert found(services, READER, "a kite") == {"kite": Moderation.ALLOWED}
    assert entry_of(services, "kite", UNCHECKED).state is EntryState.CLOSED


def _fail(*_: object) -> None:
    raise ZeroDivisionError


# Checked by other rules


def test_a_changed_policy_is_brought_to_what_is_there_and_can_be_stopped_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.moderation.checking.ASSETS_AT_ONCE", 2)
    pictures = [*drawn_scenes(tmp_path / "pictures"), *drawn(tmp_path / "pictures", 3, size=200)]
    plain = Settings(data=tmp_path / "data")
    with opened(plain) as services:
        assert {one.moderation for one in taken_in(services, pictures).values()} == {Moderation.ALLOWED}
        with pytest.raises(BadSettings, match="set PICTUREDESK_POLICY"):
            next(check_library(services, LOCAL_OWNER, LIBRARY))
    with opened(plain.model_copy(update={"policy": POLICY})) as services:
        steps = check_library(services, LOCAL_OWNER, LIBRARY)
        assert (next(steps).total, next(steps).done) == (10, 2)
        steps.close()  # type: ignore[attr-defined]
    with opened(plain.model_copy(update={"policy": POLICY})) as services:
        (*_, last) = check_library(services, LOCAL_OWNER, LIBRARY)
        assert (last.done, last.total) == (8, 8)
        states = {name: asset.moderation for name, asset in assets_of(services).items()}
        assert states["mushroom"] is Moderation.BLOCKED
        assert states["bottle"] is Moderation.BLURRED
        assert {name for name in states if stated(services, name) != {states[name].value}} == set()
        assert "mushroom" not in found(services, READER, "a mushroom")
        (only,) = check_library(services, LOCAL_OWNER, LIBRARY)
        assert only.total == 0


def test_decisions_move_thresholds_and_those_what_is_shown(services: WiredServices, tmp_path: Path) -> None:
    """People find signs harmless up to a high score: fewer are asked about, and the ledger has the figures."""
    pictures = []
    for seed in range(30):
        pictures += drawn_scenes(tmp_path / f"{seed}", ["sign"], seed=seed)
    job = None
    for path, caption in pictures:
        job = accept(services, LOCAL_OWNER, LIBRARY, entries_of(services, manifest([(path, caption)])))
    assert job is not None
    for one in services.catalog.jobs(LOCAL_OWNER, limit=100):
        for _ in follow(services, LOCAL_OWNER, one.id, every=0.05):
            pass
    few = calibrate(services, LOCAL_OWNER, Wish(), door="test")
    assert not few.installed
    assert "20 more decisions" in {one.category: one.reason for one in few.categories}["lettering"]
    entries = [one for one in queue(services, EVE, limit=100) if one.hit.category == "lettering"]
    turn = sorted(one.hit.score for one in entries)[len(entries) // 2]
    for entry in entries:
        action = Action.BLOCK if entry.hit.score >= turn else Action.ALLOW
        decide(services, EVE, entry.id, action, version=entry.version, door="test")
    before = services.moderator
    assert before is not None
    done = calibrate(services, LOCAL_OWNER, Wish(recall=0.8), door="test")
    fit = {one.category: one for one in done.categories}["lettering"]
    assert fit.now is not None
    assert done.event is not None
    event = services.ledger.event(LOCAL_OWNER, done.event)
    assert event.body["phase"] == "calibrated"
    assert event.body["installed"] is done.installed is fit.better
    assert event.body["held_out"]["lettering"]["now"] == fit.now.as_json()
    assert done.installed, fit.reason
    assert fit.thresholds[Action.REVIEW] > 0.75
    assert services.reviews.due_count(LOCAL_OWNER, LIBRARY, before.rules(services.encoder.id).id) == len(pictures)


def test_an_actor_of_a_group_moderates_what_the_group_sees(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, drawn_scenes(tmp_path, ["sign"]))
    entry = entry_of(services, "sign", "lettering")
    grouped = replace(EVE, groups=frozenset({"press"}))
    assert [one.id for one in queue(services, grouped)] == [entry.id]
