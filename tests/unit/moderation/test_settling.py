"""Checked again, people's decisions come first: what they hid never comes back by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from rag.library.settling import settled, state_of
from rag.model import (
    BY_HAND,
    UNCHECKED,
    Action,
    AssetId,
    AssetRef,
    Check,
    Entry,
    EntryState,
    Hit,
    Moderation,
    Severity,
    VisualId,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
REF = AssetRef("shop", AssetId("a" * 64))


def hit(category: str = "alcohol", action: Action = Action.REVIEW, **fields: object) -> Hit:
    meanwhile = Moderation.REVIEW if action is Action.REVIEW else action.state
    plain = Hit(
        category=category,
        visual=VisualId("v"),
        locator="",
        score=0.5,
        margin=0.1,
        action=action,
        severity=Severity.NORMAL,
        review=action is Action.REVIEW,
        meanwhile=meanwhile,
        reason="why",
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def check(*hits: Hit, policy: str = "p@1", rules: str = "rules") -> Check:
    return Check(REF, policy, f"hash of {policy}", rules, "encoder", hits, event=7)


def decided(entry: Entry, action: Action) -> Entry:
    return replace(entry, state=EntryState.DECIDED, decision=action, version=entry.version + 1)


def first(*hits: Hit) -> Entry:
    (entry,) = settled((), check(*hits), NOW)
    return entry


def test_what_is_to_be_reviewed_is_open_and_the_rest_is_settled_by_the_policy() -> None:
    found = settled((), check(hit(), hit("toys", Action.BLUR), hit("food", Action.ALLOW)), NOW)
    assert [entry.state for entry in found] == [EntryState.OPEN, EntryState.AUTOMATIC, EntryState.AUTOMATIC]
    assert [entry.shows for entry in found] == [Moderation.REVIEW, Moderation.BLURRED, Moderation.ALLOWED]
    assert state_of(found) is Moderation.BLURRED


def test_checking_twice_changes_nothing() -> None:
    found = settled((), check(hit(), hit("toys", Action.BLOCK)), NOW)
    again = settled(found, check(hit(), hit("toys", Action.BLOCK)), NOW)
    assert all(one is other for one, other in zip(found, again, strict=True))


def test_a_decision_stands_under_the_same_version_whatever_is_found_later() -> None:
    for action in (Action.ALLOW, Action.BLUR, Action.BLOCK):
        entry = decided(first(hit()), action)
        assert settled([entry], check(hit(action=Action.BLOCK)), NOW) == (entry,)
        assert settled([entry], check(), NOW) == (entry,)


def test_under_another_version_what_was_allowed_is_looked_at_anew() -> None:
    entry = decided(first(hit()), Action.ALLOW)
    (again,) = settled([entry], check(hit(action=Action.BLOCK), policy="p@2"), NOW)
    assert again.shows is Moderation.BLOCKED
    assert again.version > entry.version
    (gone,) = settled([entry], check(policy="p@2"), NOW)
    assert gone.state is EntryState.CLOSED


def test_under_another_version_what_people_hid_stays_hidden() -> None:
    entry = decided(first(hit()), Action.BLOCK)
    for later in (check(policy="p@2"), check(hit(action=Action.BLUR), policy="p@2"), check(hit(), policy="p@2")):
        assert state_of(settled([entry], later, NOW)) is Moderation.BLOCKED


def test_what_is_not_found_any_more_is_closed_and_shown_again() -> None:
    entry = first(hit(action=Action.BLOCK))
    (closed,) = settled([entry], check(), NOW)
    assert closed.state is EntryState.CLOSED
    assert state_of([closed]) is Moderation.ALLOWED
    assert settled([closed], check(), NOW) == (closed,)
    (found,) = settled([closed], check(hit()), NOW)
    assert found.state is EntryState.OPEN


def test_a_check_that_failed_takes_nothing_away_and_one_that_succeeds_lifts_it() -> None:
    blocked = first(hit(action=Action.BLOCK))
    failed = hit(UNCHECKED, meanwhile=Moderation.BLOCKED)
    both = settled([blocked], check(failed, rules=""), NOW)
    assert {entry.hit.category for entry in both} == {"alcohol", UNCHECKED}
    well = settled(both, check(), NOW)
    assert {entry.state for entry in well} == {EntryState.CLOSED}


def test_what_somebody_decided_by_hand_is_no_business_of_a_policy() -> None:
    by_hand = decided(first(hit(BY_HAND)), Action.BLUR)
    assert settled([by_hand], check(policy="p@9"), NOW) == (by_hand,)


def test_who_looks_at_it_goes_on_looking_when_its_score_changed() -> None:
    entry = replace(first(hit()), claimed_by="eve", claimed_at=NOW)
    (again,) = settled([entry], check(hit(score=0.6)), NOW.replace(hour=1))
    assert (again.claimed_by, again.created_at) == ("eve", NOW)
    assert again.version > entry.version
