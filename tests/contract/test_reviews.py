"""The review queue over SQLite and PostgreSQL: its order, its rights, and that of two who decide one wins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from rag.errors import Conflict, NotFound
from rag.library.catalog import SqlCatalog
from rag.library.moderating import CLAIM_LASTS
from rag.library.reviews import SqlReviews
from rag.model import (
    BY_HAND,
    LOCAL_OWNER,
    Action,
    Asset,
    AssetRef,
    AssetState,
    Check,
    Decision,
    Entry,
    EntryState,
    Hit,
    Moderation,
    Severity,
    ThresholdFit,
    visual_id,
)
from tests.contract.assets import Clock, begin, editor, hand_in, indexed, reader, some_asset

EVE, ADA = editor("shop"), replace(editor("shop"), id="ada")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(engine: Engine) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine)
    yield catalog
    catalog.close()


@pytest.fixture
def reviews(engine: Engine, catalog: SqlCatalog, clock: Clock) -> SqlReviews:
    return SqlReviews(engine, clock, catalog.recount)


def hit(asset: Asset, category: str = "alcohol", action: Action = Action.REVIEW, **fields: object) -> Hit:
    plain = Hit(
        category=category,
        visual=visual_id(asset.library, asset.id),
        locator="",
        score=0.5,
        margin=0.1,
        action=action,
        severity=Severity.NORMAL,
        review=action is Action.REVIEW,
        meanwhile=Moderation.REVIEW if action is Action.REVIEW else action.state,
        reason='its caption says "wine": "…"',
        scores={"image": 0.5, "text": 0.0},
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def checked(asset: Asset, *hits: Hit, rules: str = "rules", policy: str = "p@1") -> Check:
    return Check(asset.ref, policy, "hash", rules, "encoder", hits, event=3)


def in_library(catalog: SqlCatalog, *assets: Asset) -> None:
    hand_in(catalog, *assets)
    begin(catalog, *assets)
    catalog.conclude([indexed(asset) for asset in assets])


def only(entries: list[Entry]) -> Entry:
    (entry,) = entries
    return entry


def shown(catalog: SqlCatalog, ref: AssetRef) -> Moderation:
    return catalog.asset(LOCAL_OWNER, ref).moderation


def test_the_end_of_indexing_and_its_check_are_one_commit(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    begin(catalog, asset)
    check = checked(asset, hit(asset, action=Action.BLOCK))
    ended = catalog.conclude([replace(indexed(asset), check=check, moderation=Moderation.BLOCKED)])
    assert ended.restated == ()
    assert shown(catalog, asset.ref) is Moderation.BLOCKED
    assert catalog.assets(reader("shop"), "shop") == []
    assert catalog.coverage(reader("shop"), ["shop"]).searched == 0
    assert only(list(reviews.standing([asset.ref])[asset.ref])).state is EntryState.AUTOMATIC


def test_what_was_decided_while_it_was_indexed_anew_is_told_apart_from_what_its_points_say(
    catalog: SqlCatalog, reviews: SqlReviews
) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    check = checked(asset, hit(asset))
    assert reviews.record([check]) == [asset.ref]
    entry = only(reviews.queue(EVE))
    reviews.decide(EVE, Decision(entry.id, entry.version, Action.BLOCK, "eve"))
    again = replace(indexed(asset), check=check, moderation=Moderation.REVIEW)
    assert catalog.conclude([again]).restated == (asset.ref,)
    assert shown(catalog, asset.ref) is Moderation.BLOCKED


def test_the_most_severe_come_first_then_the_most_ambiguous_then_the_oldest(
    catalog: SqlCatalog, reviews: SqlReviews, clock: Clock
) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(5)]
    in_library(catalog, *assets)
    hits = [
        hit(assets[0], severity=Severity.LOW, margin=0.0),
        hit(assets[1], severity=Severity.NORMAL, margin=0.2),
        hit(assets[2], severity=Severity.URGENT, margin=0.4),
        hit(assets[3], severity=Severity.NORMAL, margin=0.01),
        hit(assets[4], severity=Severity.NORMAL, margin=0.2),
    ]
    for place in (1, 0, 2, 3, 4):
        clock.forward(1)
        reviews.record([checked(assets[place], hits[place])])
    order = [entry.ref.asset_id for entry in reviews.queue(EVE)]
    assert order == [assets[place].id for place in (2, 3, 1, 4, 0)]
    pages = [reviews.queue(EVE, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [entry.ref.asset_id for page in pages for entry in page] == order


def test_an_entry_comes_back_as_it_went_in_and_can_be_looked_for(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset, other = some_asset(), some_asset("other.jpg", library="press")
    in_library(catalog, asset)
    hand_in(catalog, other, job="press")
    made = hit(asset, locator="t=2.000", severity=Severity.HIGH)
    reviews.record([checked(asset, made, hit(asset, "toys", Action.BLUR)), checked(other, hit(other))])
    entry = only(reviews.queue(LOCAL_OWNER, library="shop"))
    assert entry.hit == made
    assert (entry.policy, entry.policy_hash, entry.encoder_id, entry.event) == ("p@1", "hash", "encoder", 3)
    assert only(reviews.queue(LOCAL_OWNER, category="toys", states=())).state is EntryState.AUTOMATIC
    assert len(reviews.queue(LOCAL_OWNER, states=())) == 3
    assert reviews.queue(EVE, library="press") == []


def test_only_those_who_may_see_an_asset_see_its_entries(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset = some_asset(access_groups=("press",))
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset, meanwhile=Moderation.BLOCKED))])
    entry = only(reviews.queue(LOCAL_OWNER))
    for actor in (EVE, reader("shop", groups=("press",)), editor("museum")):
        assert reviews.queue(actor) == []
        assert reviews.counts(actor) == []
        with pytest.raises(NotFound):
            reviews.entry(actor, entry.id)
        with pytest.raises(NotFound):
            reviews.decide(actor, Decision(entry.id, entry.version, Action.ALLOW, actor.id))
        with pytest.raises(NotFound):
            reviews.claim(actor, entry.id, entry.version)
        with pytest.raises(NotFound):
            reviews.add(actor, asset.ref, hit(asset, BY_HAND))
    insider = replace(EVE, groups=frozenset({"press"}))
    assert reviews.entry(insider, entry.id).id == entry.id


def test_a_decision_shows_at_once_and_is_kept_for_calibration(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset))])
    assert shown(catalog, asset.ref) is Moderation.REVIEW
    entry = only(reviews.queue(EVE))
    for action, state in ((Action.BLOCK, Moderation.BLOCKED), (Action.BLUR, Moderation.BLURRED)):
        entry = reviews.decide(EVE, Decision(entry.id, entry.version, action, "eve", "why", event=9))
        assert shown(catalog, asset.ref) is state
    assert (entry.state, entry.decision, entry.decided_by) == (EntryState.DECIDED, Action.BLUR, "eve")
    assert (entry.comment, entry.event) == ("why", 9)
    kept = reviews.decisions(policy_hash="hash", encoder_id="encoder")
    assert [(one.decision, one.before) for one in kept] == [
        (Action.BLOCK, Moderation.REVIEW),
        (Action.BLUR, Moderation.BLOCKED),
    ]
    assert reviews.decisions(policy_hash="another") == []


def test_the_strictest_of_several_findings_counts(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset), hit(asset, "toys", Action.BLUR))])
    assert shown(catalog, asset.ref) is Moderation.BLURRED
    entry = only(reviews.queue(EVE))
    reviews.decide(EVE, Decision(entry.id, entry.version, Action.ALLOW, "eve"))
    assert shown(catalog, asset.ref) is Moderation.BLURRED


def test_of_many_who_decide_at_once_one_wins(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset))])
    entry = only(reviews.queue(EVE))
    gate, ends, refused = threading.Barrier(4), [], []

    def run(action: Action) -> None:
        gate.wait()
        try:
            reviews.decide(EVE, Decision(entry.id, entry.version, action, "eve"))
            ends.append(action)
        except Conflict as error:
            refused.append(str(error))

    threads = [
        threading.Thread(target=run, args=(one,)) for one in (Action.ALLOW, Action.BLUR, Action.BLOCK) for _ in "x"
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    for thread in threads:
        thread.join()
    (won,) = ends
    assert reviews.entry(EVE, entry.id).decision is won
    assert len(reviews.decisions()) == 1
    assert [one for one in refused if "look at it again" in one] == refused
    assert len(refused) == 2


def test_a_claim_keeps_others_away_for_half_an_hour(catalog: SqlCatalog, reviews: SqlReviews, clock: Clock) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset))])
    entry = only(reviews.queue(EVE))
    claimed = reviews.claim(EVE, entry.id, entry.version)
    assert claimed.claimed_by == "eve"
    assert reviews.claim(EVE, entry.id, claimed.version) == claimed
    with pytest.raises(Conflict, match="eve is looking at"):
        reviews.claim(ADA, entry.id, claimed.version)
    with pytest.raises(Conflict, match="eve is looking at"):
        reviews.decide(ADA, Decision(entry.id, claimed.version, Action.ALLOW, "ada"))
    clock.forward(CLAIM_LASTS.total_seconds() + 1)
    taken = reviews.claim(ADA, entry.id, claimed.version)
    assert taken.claimed_by == "ada"
    decided = reviews.decide(ADA, Decision(entry.id, taken.version, Action.ALLOW, "ada"))
    assert decided.claimed_by == ""
    with pytest.raises(Conflict, match="waits for nobody"):
        reviews.claim(EVE, entry.id, decided.version)


def test_a_check_never_overrides_what_people_decided_under_the_same_version(
    catalog: SqlCatalog, reviews: SqlReviews
) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset))])
    entry = only(reviews.queue(EVE))
    reviews.decide(EVE, Decision(entry.id, entry.version, Action.ALLOW, "eve"))
    assert reviews.record([checked(asset, hit(asset, action=Action.BLOCK), rules="other")]) == []
    assert shown(catalog, asset.ref) is Moderation.ALLOWED
    assert reviews.record([checked(asset, hit(asset, action=Action.BLOCK), policy="p@2")]) == [asset.ref]
    assert shown(catalog, asset.ref) is Moderation.BLOCKED


def test_what_is_due_is_what_was_checked_by_other_rules(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    assets = sorted((some_asset(f"{number}.jpg") for number in range(5)), key=lambda one: one.id)
    in_library(catalog, *assets)
    reviews.record([checked(assets[1]), checked(assets[3], rules="older")])
    due = [asset.id for asset in reviews.due(LOCAL_OWNER, "shop", "rules", limit=10)]
    assert due == [assets[place].id for place in (0, 2, 3, 4)]
    assert reviews.due_count(LOCAL_OWNER, "shop", "rules") == 4
    assert [one.id for one in reviews.due(LOCAL_OWNER, "shop", "rules", limit=1, after=assets[0].id)] == [assets[2].id]
    assert reviews.due_count(LOCAL_OWNER, "shop", "") == 5
    assert reviews.due(reader("museum"), "shop", "rules", limit=10) == []


def test_a_deleted_asset_takes_its_entries_along_and_is_checked_no_more(
    catalog: SqlCatalog, reviews: SqlReviews
) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    reviews.record([checked(asset, hit(asset))])
    entry = only(reviews.queue(EVE))
    catalog.begin_deletion(LOCAL_OWNER, [asset.ref])
    assert reviews.queue(LOCAL_OWNER, states=()) == []
    assert reviews.record([checked(asset, hit(asset, action=Action.BLOCK))]) == []
    catalog.finish_deletion([asset.ref])
    with pytest.raises(NotFound):
        reviews.decide(LOCAL_OWNER, Decision(entry.id, entry.version, Action.ALLOW, "local"))
    assert catalog.states([asset.ref]).get(asset.ref) is not AssetState.INDEXED


def test_a_finding_made_by_hand_is_made_once(catalog: SqlCatalog, reviews: SqlReviews) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    made = reviews.add(EVE, asset.ref, hit(asset, BY_HAND, meanwhile=Moderation.ALLOWED))
    assert reviews.add(EVE, asset.ref, hit(asset, BY_HAND)).id == made.id
    assert shown(catalog, asset.ref) is Moderation.ALLOWED
    reviews.decide(EVE, Decision(made.id, made.version, Action.BLOCK, "eve"))
    reviews.record([checked(asset)])
    assert shown(catalog, asset.ref) is Moderation.BLOCKED


def test_a_report_counts_what_waits_and_what_people_overturned(
    catalog: SqlCatalog, reviews: SqlReviews, clock: Clock
) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(4)]
    in_library(catalog, *assets)
    first = clock()
    reviews.record([checked(assets[0], hit(assets[0]))])
    clock.forward(60)
    reviews.record([checked(assets[1], hit(assets[1])), checked(assets[2], hit(assets[2], action=Action.BLOCK))])
    reviews.record([checked(assets[3], hit(assets[3], action=Action.BLOCK))])
    blocked = reviews.queue(EVE, states=(EntryState.AUTOMATIC,))
    for entry, action in zip(blocked, (Action.ALLOW, Action.BLUR), strict=True):
        reviews.decide(EVE, Decision(entry.id, entry.version, action, "eve"))
    (counts,) = reviews.counts(EVE, "shop")
    assert (counts.category, counts.open, counts.automatic, counts.decided) == ("alcohol", 2, 0, 2)
    assert counts.overturned == 1
    assert counts.oldest == first


def test_the_newest_fit_that_was_taken_is_in_use(reviews: SqlReviews, clock: Clock) -> None:
    assert reviews.fit("hash", "encoder") is None
    one = ThresholdFit("1", "hash", "encoder", {"alcohol": {"review": 0.2}}, {"x": 1}, 30, True)
    reviews.keep_fit(one)
    clock.forward(1)
    reviews.keep_fit(replace(one, id="2", installed=False))
    assert reviews.fit("hash", "encoder") == one
    clock.forward(1)
    reviews.keep_fit(replace(one, id="3"))
    found = reviews.fit("hash", "encoder")
    assert found is not None
    assert found.id == "3"
    assert reviews.fit("hash", "another") is None
