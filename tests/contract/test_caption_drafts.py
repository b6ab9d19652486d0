"""Drafts of captions in the catalog: kept once, reviewed by one at a time, shown to whom they may concern."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from rag.errors import AlreadyDecided, BadQuery, NotFound
from rag.library.catalog import SqlCatalog
from rag.library.drafts import SqlDrafts
from rag.model import (
    LOCAL_OWNER,
    Asset,
    Caption,
    CaptionDraft,
    CaptionForm,
    CaptionOrigin,
    DraftState,
    DraftStep,
    Example,
    VisualId,
    visual_id,
)
from tests.contract.assets import begin, editor, hand_in, indexed, reader, some_asset


@pytest.fixture
def catalog(engine: Engine) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine)
    yield catalog
    catalog.close()


@pytest.fixture
def drafts(engine: Engine) -> SqlDrafts:
    return SqlDrafts(engine)


def in_library(catalog: SqlCatalog, *assets: Asset) -> None:
    hand_in(catalog, *assets)
    begin(catalog, *assets)
    catalog.conclude([indexed(asset) for asset in assets])


def draft_of(asset: Asset, number: int = 1, **changes: object) -> CaptionDraft:
    made = CaptionDraft(
        id=f"{number:08d}-0000-4000-8000-000000000000",
        library=asset.library,
        asset_id=asset.id,
        locator="",
        visual=visual_id(asset.library, asset.id),
        form=CaptionForm.ALT,
        text="A red dress",
        language="en",
        composer="composed",
        drafted="A red dress",
        examples=(Example(VisualId("v"), "A blue dress", 0.7),),
        facts={"who": "Ada"},
        event=7,
        created_by="eve",
        changed_by="eve",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def step(draft: CaptionDraft, state: DraftState, text: str | None = None, by: str = "eve") -> DraftStep:
    return DraftStep(draft.id, draft.revision + 1, state, draft.text if text is None else text, "", by, "why", 8)


def captions(catalog: SqlCatalog, asset: Asset) -> tuple[Caption, ...]:
    return catalog.asset(LOCAL_OWNER, asset.ref).captions


def test_a_draft_comes_back_as_it_was_kept_and_is_kept_once(catalog: SqlCatalog, drafts: SqlDrafts) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    draft = draft_of(asset)
    assert drafts.add([draft]) == [draft.id]
    assert drafts.add([replace(draft, text="something else")]) == []
    found = drafts.get(LOCAL_OWNER, draft.id)
    assert replace(found, created_at=None, changed_at=None) == draft
    assert found.created_at is not None
    assert drafts.get(LOCAL_OWNER, draft.id[:8]) == found
    assert captions(catalog, asset) == ()


def test_an_approved_draft_becomes_a_generated_caption_behind_those_of_people(
    catalog: SqlCatalog, drafts: SqlDrafts
) -> None:
    human = Caption("A dress on a beach")
    asset = some_asset(captions=(human,))
    in_library(catalog, asset)
    draft = draft_of(asset)
    drafts.add([draft])
    edited = drafts.take(LOCAL_OWNER, step(draft, DraftState.EDITED, "A red dress, seen from behind"))
    approved = drafts.take(LOCAL_OWNER, step(edited, DraftState.APPROVED))
    assert (approved.state, approved.revision, approved.reason) == (DraftState.APPROVED, 2, "why")
    kept = captions(catalog, asset)
    assert kept == (human, approved.caption)
    assert kept[1].origin is CaptionOrigin.GENERATED
    assert kept[1].searchable
    assert not kept[1].is_truth
    assert [(one.state, one.text) for one in drafts.steps(LOCAL_OWNER, draft.id)] == [
        (DraftState.EDITED, "A red dress, seen from behind"),
        (DraftState.APPROVED, "A red dress, seen from behind"),
    ]


def test_the_alt_text_of_a_decorative_picture_is_approved_and_is_no_caption(
    catalog: SqlCatalog, drafts: SqlDrafts
) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    draft = draft_of(asset, text="", drafted="", decorative=True)
    drafts.add([draft])
    assert drafts.take(LOCAL_OWNER, step(draft, DraftState.APPROVED)).state is DraftState.APPROVED
    assert captions(catalog, asset) == ()
    assert drafts.lacking(LOCAL_OWNER, "shop", CaptionForm.ALT, "", limit=10) == []


def test_a_newer_approved_text_of_the_same_form_and_language_takes_the_place_of_the_older(
    catalog: SqlCatalog, drafts: SqlDrafts
) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    older, newer = draft_of(asset, 1), draft_of(asset, 2, text="A crimson dress")
    german, news = draft_of(asset, 3, text="Ein Kleid", language="de"), draft_of(asset, 4, form=CaptionForm.NEWS)
    drafts.add([older, newer, german, replace(news, text="A dress is shown")])
    for draft in (older, german, replace(news, text="A dress is shown"), newer):
        drafts.take(LOCAL_OWNER, step(draft, DraftState.APPROVED))
    assert {one.text for one in captions(catalog, asset)} == {"A crimson dress", "Ein Kleid", "A dress is shown"}
    assert drafts.get(LOCAL_OWNER, older.id).state is DraftState.REPLACED


@pytest.mark.parametrize("first", [DraftState.APPROVED, DraftState.REJECTED])
@pytest.mark.parametrize("second", [DraftState.EDITED, DraftState.APPROVED, DraftState.REJECTED])
def test_what_is_decided_stays_so(
    catalog: SqlCatalog, drafts: SqlDrafts, first: DraftState, second: DraftState
) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    draft = draft_of(asset)
    drafts.add([draft])
    decided = drafts.take(LOCAL_OWNER, step(draft, first))
    with pytest.raises(AlreadyDecided):
        drafts.take(LOCAL_OWNER, step(decided, second, "something else"))
    assert drafts.get(LOCAL_OWNER, draft.id) == decided


def test_of_two_who_decide_at_the_same_time_one_wins(catalog: SqlCatalog, drafts: SqlDrafts) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    draft = draft_of(asset)
    drafts.add([draft])
    together = threading.Barrier(4)

    def decide(number: int) -> str:
        state = DraftState.APPROVED if number % 2 else DraftState.REJECTED
        together.wait()
        try:
            return drafts.take(LOCAL_OWNER, step(draft, state, by=f"editor {number}")).changed_by
        except AlreadyDecided:
            return ""

    with ThreadPoolExecutor(4) as pool:
        winners = [name for name in pool.map(decide, range(4)) if name]
    assert winners == [drafts.get(LOCAL_OWNER, draft.id).changed_by]
    assert len(drafts.steps(LOCAL_OWNER, draft.id)) == 1


def test_nobody_sees_or_decides_drafts_of_pictures_that_are_not_for_them(
    catalog: SqlCatalog, drafts: SqlDrafts
) -> None:
    open_one, closed = some_asset("1.jpg"), some_asset("2.jpg", access_groups=("press",))
    in_library(catalog, open_one, closed)
    one, other = draft_of(open_one, 1), draft_of(closed, 2)
    drafts.add([one, other])
    assert [found.id for found in drafts.find(editor("shop"))] == [one.id]
    assert [found.id for found in drafts.find(LOCAL_OWNER)] == [one.id, other.id]
    assert drafts.find(reader("elsewhere")) == []
    for actor in (editor("shop"), reader("elsewhere")):
        with pytest.raises(NotFound):
            drafts.get(actor, other.id)
        with pytest.raises(NotFound):
            drafts.take(actor, step(other, DraftState.APPROVED))
    assert drafts.lacking(editor("shop"), "shop", CaptionForm.NEWS, "", limit=10) == [one.visual]


def test_visuals_that_lack_a_form_come_in_pages_and_one_with_any_draft_is_none_of_them(
    catalog: SqlCatalog, drafts: SqlDrafts
) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(5)]
    in_library(catalog, *assets)
    rejected = draft_of(assets[0], 1)
    drafts.add([rejected, draft_of(assets[1], 2, form=CaptionForm.NEWS), draft_of(assets[2], 3, language="de")])
    drafts.take(LOCAL_OWNER, step(rejected, DraftState.REJECTED))
    pages, after = [], ""
    while page := drafts.lacking(LOCAL_OWNER, "shop", CaptionForm.ALT, "", limit=2, after=after):
        pages += page
        after = page[-1]
    assert pages == sorted(visual_id("shop", one.id) for one in (assets[1], *assets[3:]))
    assert visual_id("shop", assets[2].id) in drafts.lacking(LOCAL_OWNER, "shop", CaptionForm.ALT, "en", limit=9)


def test_drafts_are_found_by_what_they_are_about_and_how_they_stand(catalog: SqlCatalog, drafts: SqlDrafts) -> None:
    asset, other = some_asset("1.jpg"), some_asset("2.jpg")
    in_library(catalog, asset, other)
    made = [draft_of(asset, 1), draft_of(asset, 2, form=CaptionForm.NEWS), draft_of(other, 3)]
    drafts.add(made)
    drafts.take(LOCAL_OWNER, step(made[2], DraftState.REJECTED))

    def ids(**chosen: object) -> list[str]:
        return [one.id[:8] for one in drafts.find(LOCAL_OWNER, **chosen)]  # type: ignore[arg-type]

    assert ids(visual=made[0].visual) == ["00000001", "00000002"]
    assert ids(form=CaptionForm.NEWS) == ["00000002"]
    assert ids(states=[DraftState.REJECTED]) == ["00000003"]
    assert ids(library="elsewhere") == []
    assert ids(limit=2) == ["00000001", "00000002"]
    assert ids(after=made[1].id) == ["00000003"]


def test_a_beginning_must_be_long_enough_and_mean_one(catalog: SqlCatalog, drafts: SqlDrafts) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    drafts.add([draft_of(asset, 1), draft_of(asset, 1, id="00000001-1")])
    with pytest.raises(BadQuery, match="several drafts begin with 00000001"):
        drafts.get(LOCAL_OWNER, "00000001")
    for name in ("0000", "%%%%%%%%%", "99999999"):
        with pytest.raises(NotFound):
            drafts.get(LOCAL_OWNER, name)


def test_drafts_go_with_their_asset_and_none_comes_for_one_that_is_gone(catalog: SqlCatalog, drafts: SqlDrafts) -> None:
    asset = some_asset()
    in_library(catalog, asset)
    draft = draft_of(asset)
    drafts.add([draft])
    catalog.finish_deletion(catalog.begin_deletion(LOCAL_OWNER, [asset.ref]))
    assert drafts.find(LOCAL_OWNER) == []
    assert drafts.add([draft_of(asset, 2)]) == []


def test_a_generated_caption_does_not_make_an_asset_one_to_calibrate_on(catalog: SqlCatalog, drafts: SqlDrafts) -> None:
    asset, told = some_asset("1.jpg"), some_asset("2.jpg", captions=(Caption("A dress"),))
    in_library(catalog, asset, told)
    draft = draft_of(asset)
    drafts.add([draft])
    drafts.take(LOCAL_OWNER, step(draft, DraftState.APPROVED))
    assert catalog.captioned() == {"shop": 1}
