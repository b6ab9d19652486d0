"""The editor's desk from end to end, over the embedded profile with the demo encoder and drawn pictures."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.captions import review
from rag.captions.batch import BatchTally, Step, batch
from rag.captions.checking import LintWish, check
from rag.captions.drafting import draft
from rag.captions.export import ExportFormat, ExportWish, as_csv, as_sidecars, export
from rag.captions.forms import RULES
from rag.captions.lint.findings import passes
from rag.captions.review import Decision
from rag.captions.wish import Drafting, DraftWish
from rag.doctor import examine
from rag.errors import AlreadyDecided, BadMedia, BadQuery, NotAllowed, NotFound
from rag.evaluation.known_items import known_items, without_caption
from rag.indexing.points import searchable_captions
from rag.ingest import accept, entries_of, follow
from rag.library.drafts import SqlDrafts
from rag.migration.judgements import judged_by_captions
from rag.model import (
    LOCAL_OWNER,
    Actor,
    Asset,
    CaptionForm,
    CaptionOrigin,
    Channel,
    DraftState,
    DraftStep,
    Query,
    Visual,
)
from rag.retrieval.fitting.sample import draw_sample
from rag.search import search
from rag.settings import Settings
from rag.sources.sidecars import from_xmp
from rag.wiring import WiredServices, opened
from tests.flows.desk import drawn, manifest

LIBRARY = "default"
PICTURES = 16
BARE = 4
READER = Actor("rita", frozenset({"reader"}), libraries=frozenset({LIBRARY}))
EDITOR = Actor("eve", frozenset({"editor"}), libraries=frozenset({LIBRARY}))


@pytest.fixture
def services(stocked: Path, tmp_path: Path) -> Iterator[WiredServices]:
    """A desk of this test's own, with drawn pictures of which the last four have no caption."""
    import shutil

    shutil.copytree(stocked, tmp_path / "data")
    with opened(Settings(data=tmp_path / "data")) as services:
        yield services


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captions")
    pictures = drawn(folder / "pictures", PICTURES)
    captioned = [*pictures[:-BARE], *((path, "") for path, _ in pictures[-BARE:])]
    with opened(Settings(data=folder / "data")) as services:
        job = accept(services, EDITOR, LIBRARY, entries_of(services, manifest(captioned)))
        for _ in follow(services, EDITOR, job.id, every=0.05):
            pass
    return folder / "data"


def shown(services: WiredServices, *, captioned: bool) -> tuple[Visual, Asset]:
    """The first picture with, or without, a caption."""
    for asset in services.catalog.assets(LOCAL_OWNER, LIBRARY):
        if bool(asset.captions) is captioned:
            return services.catalog.visuals_of([asset.ref])[0], asset
    raise AssertionError("there is none")


def drafted(services: WiredServices, visual: Visual, form: CaptionForm = CaptionForm.ALT, **more: object) -> Drafting:
    wish = replace(DraftWish(form, visual=visual.id), **more)  # type: ignore[arg-type]
    return draft(services, EDITOR, wish, door="test")


def found_by_caption(services: WiredServices, text: str) -> tuple[str, str]:
    """The visual whose caption is the closest, and that caption."""
    query = Query(text, libraries=(LIBRARY,), channels=(Channel.CAPTION,))
    first = search(services, READER, query, door="test").evidence[0]
    return first.visual.id, first.matched.text if first.matched else ""


@pytest.mark.parametrize("form", list(CaptionForm))
def test_without_an_llm_a_picture_nobody_captioned_gets_drafts_that_say_how_they_were_made(
    services: WiredServices, form: CaptionForm
) -> None:
    visual, _ = shown(services, captioned=False)
    drafting = drafted(services, visual, form, count=2)
    assert drafting.composer == "composed"
    assert "without a language model" in drafting.notices[0]
    assert 1 <= len(drafting.drafts) <= 2
    for one in drafting.drafts:
        assert 0 < len(one.draft.text) <= RULES[form].longest
        assert {example.visual for example in one.draft.examples} <= {example.visual for example in drafting.examples}
        kept = services.drafts.get(READER, one.draft.id)
        assert (kept.text, kept.state, kept.event) == (one.draft.text, DraftState.DRAFT, drafting.event)
    assert visual.id not in {example.visual for example in drafting.examples}
    event = services.ledger.event(LOCAL_OWNER, drafting.event)
    assert (event.kind, event.body["phase"], event.body["retrieval"]) == ("caption", "drafted", drafting.retrieval)
    assert services.ledger.event(LOCAL_OWNER, drafting.retrieval).kind == "retrieval"


def test_what_a_person_wrote_of_the_picture_comes_first_and_given_facts_fill_the_gaps(services: WiredServices) -> None:
    visual, asset = shown(services, captioned=True)
    alt = drafted(services, visual, count=1).drafts[0]
    assert alt.draft.text == asset.captions[0].text
    facts = {"who": "Ada Lovelace", "where": "London", "when": "in May"}
    news = drafted(services, visual, CaptionForm.NEWS, count=1, facts=facts).drafts[0]
    assert news.draft.text.startswith("Ada Lovelace: ")
    assert "London, in May" in news.draft.text
    assert passes(news.findings)


def test_an_edited_and_approved_draft_is_found_at_once_and_is_nobodys_but_the_programs(
    services: WiredServices,
) -> None:
    visual, asset = shown(services, captioned=False)
    made = drafted(services, visual).drafts[0].draft
    words = "A quokka juggling pineapples"
    assert found_by_caption(services, words)[0] != visual.id or found_by_caption(services, words)[1] != words
    edited = review.edit(services, EDITOR, made.id, Decision(words, "it is one"), door="test")
    assert "-" in services.drafts.steps(EDITOR, made.id)[0].difference
    approved = review.approve(services, EDITOR, made.id, Decision(revision=edited.revision), door="test")
    assert found_by_caption(services, words) == (visual.id, words)
    (caption,) = services.catalog.asset(LOCAL_OWNER, asset.ref).captions
    assert (caption.text, caption.origin) == (words, CaptionOrigin.GENERATED)
    steps = services.drafts.steps(READER, made.id)
    assert [(one.state, one.actor, one.reason) for one in steps] == [
        (DraftState.EDITED, "eve", "it is one"),
        (DraftState.APPROVED, "eve", ""),
    ]
    event = services.ledger.event(LOCAL_OWNER, steps[-1].event)
    assert (event.body["phase"], event.body["text"], event.body["content"]) == ("approved", words, asset.id)
    assert approved.state is DraftState.APPROVED
    assert services.ledger.first_fault() is None


def test_decisions_are_guarded(services: WiredServices) -> None:
    visual, _ = shown(services, captioned=False)
    news = drafted(services, visual, CaptionForm.NEWS, count=1).drafts[0].draft
    with pytest.raises(BadQuery, match=r"\[who\?\], \[where\?\].* stand open"):
        review.approve(services, EDITOR, news.id, Decision(), door="test")
    with pytest.raises(BadQuery, match="reason: say why"):
        review.reject(services, EDITOR, news.id, Decision(), door="test")
    with pytest.raises(NotAllowed):
        review.reject(services, READER, news.id, Decision(reason="no"), door="test")
    with pytest.raises(NotAllowed):
        draft(services, READER, DraftWish(CaptionForm.ALT, visual=visual.id), door="test")
    review.reject(services, EDITOR, news.id, Decision(reason="dull"), door="test")
    for step in (review.approve, review.edit, review.reject):
        with pytest.raises(AlreadyDecided, match="is rejected already, by eve"):
            step(services, EDITOR, news.id, Decision("new" if step is review.edit else None, "why"), door="test")


def test_who_decides_on_an_old_revision_is_told_and_the_ledger_says_that_a_lost_step_was_not_taken(
    services: WiredServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    visual, _ = shown(services, captioned=False)
    made = drafted(services, visual, count=1).drafts[0].draft
    review.edit(services, EDITOR, made.id, Decision("A first text"), door="test")
    with pytest.raises(AlreadyDecided, match="changed by eve since revision 0"):
        review.approve(services, EDITOR, made.id, Decision(revision=0), door="test")
    taken = SqlDrafts.take

    def faster(self: SqlDrafts, actor: Actor, step: DraftStep) -> object:
        monkeypatch.setattr(SqlDrafts, "take", taken)
        review.reject(services, LOCAL_OWNER, made.id, Decision(reason="faster"), door="test")
        return taken(self, actor, step)

    monkeypatch.setattr(SqlDrafts, "take", faster)
    with pytest.raises(AlreadyDecided):
        review.approve(services, EDITOR, made.id, Decision(), door="test")
    assert services.drafts.get(EDITOR, made.id).state is DraftState.REJECTED
    lost, _, began = services.ledger.events(LOCAL_OWNER, kind="caption", limit=3)
    assert (lost.body["phase"], lost.body["step"]) == ("not taken", began.seq)


def test_what_a_crash_left_between_catalog_and_points_the_doctor_puts_right(services: WiredServices) -> None:
    visual, _ = shown(services, captioned=False)
    made = drafted(services, visual, count=1).drafts[0].draft
    step = DraftStep(made.id, 1, DraftState.APPROVED, "A quokka with a kite", "", "eve", "", 1)
    services.drafts.take(EDITOR, step)  # and died

    def captions(fix: bool) -> tuple[int, bool]:
        (finding,) = (one for one in examine(services, fix=fix) if one.check == "captions")
        return finding.count, finding.in_order

    assert captions(fix=False) == (1, False)
    assert captions(fix=True) == (1, True)
    assert captions(fix=False) == (0, True)
    assert found_by_caption(services, "A quokka with a kite") == (visual.id, "A quokka with a kite")


def test_an_approved_generated_caption_changes_no_ground_truth(services: WiredServices) -> None:
    def truth() -> object:
        sample = draw_sample(services.catalog, services.store, LIBRARY, 100, random.Random(1))
        return (
            sorted((one.id, one.captions, len(one.vectors)) for one in sample.shown),
            sorted((item.visual.id, item.text) for item in known_items(services, LIBRARY, most=100)),
            sorted((one.text, sorted(one.grades)) for one in judged_by_captions(services.catalog, 100)),
            services.catalog.captioned(),
        )

    before = truth()
    for captioned in (False, True):
        visual, _ = shown(services, captioned=captioned)
        made = drafted(services, visual, count=1).drafts[0].draft
        decision = Decision("A generated text about something else")
        review.approve(services, EDITOR, made.id, decision, door="test")
    assert truth() == before


def test_while_a_caption_is_asked_for_generated_ones_of_its_picture_are_gone_too(services: WiredServices) -> None:
    visual, asset = shown(services, captioned=True)
    made = drafted(services, visual, count=1).drafts[0].draft
    review.approve(services, EDITOR, made.id, Decision(f"{asset.captions[0].text}, again"), door="test")
    (item,) = (one for one in known_items(services, LIBRARY, most=100) if one.visual.id == visual.id)
    assert len(searchable_captions(item.asset, visual)) == 2
    point = without_caption(services.store.fetch([visual.id])[visual.id], item)
    assert point.payload["captions"] == []
    assert len(point.captions) == 0


def test_a_decorative_picture_has_an_empty_alt_text_that_is_no_caption(services: WiredServices) -> None:
    visual, asset = shown(services, captioned=False)
    (one,) = drafted(services, visual, decorative=True).drafts
    assert (one.draft.text, one.findings) == ("", ())
    review.approve(services, EDITOR, one.draft.id, Decision(), door="test")
    assert services.catalog.asset(LOCAL_OWNER, asset.ref).captions == ()


def test_an_upload_gets_drafts_and_nothing_of_it_is_kept(services: WiredServices, stocked: Path) -> None:
    content = (stocked.parent / "pictures" / "03.jpg").read_bytes()
    before = services.store.count()
    wish = DraftWish(CaptionForm.ALT, upload=content, name="new.jpg", library=LIBRARY, count=2)
    drafting = draft(services, READER, wish, door="test")
    assert drafting.drafts
    assert all(one.draft.id == "" and one.draft.text for one in drafting.drafts)
    assert services.store.count() == before
    assert services.drafts.find(LOCAL_OWNER) == []
    with pytest.raises(BadMedia):
        draft(services, READER, replace(wish, upload=b"no picture"), door="test")
    with pytest.raises(NotFound):
        draft(services, READER, replace(wish, library="secret"), door="test")


def test_any_text_can_be_checked_against_a_picture(services: WiredServices) -> None:
    visual, asset = shown(services, captioned=True)
    right = check(services, READER, LintWish(visual.id, asset.captions[0].text), door="test")
    assert passes(right.findings)
    wrong = check(services, READER, LintWish(visual.id, "Angela Merkel feeding forty zebras in 1874"), door="test")
    assert {"unsourced-name", "unsourced-number", "unsupported-claim"} <= {one.code for one in wrong.findings}
    other = next(one for one in services.catalog.assets(LOCAL_OWNER, LIBRARY) if one.captions and one.id != asset.id)
    copied = check(services, READER, LintWish(visual.id, other.captions[0].text), door="test")
    assert "near-example" in {one.code for one in copied.findings}


def run_batch(services: WiredServices, *, stop_after: int = 0) -> tuple[list[Step], BatchTally | None]:
    steps: list[Step] = []
    running = batch(services, EDITOR, LIBRARY, DraftWish(CaptionForm.ALT), door="test")
    for step in running:
        if isinstance(step, BatchTally):
            return steps, step
        steps.append(step)
        if len(steps) == stop_after:
            running.close()
    return steps, None


def test_a_batch_drafts_each_picture_once_and_goes_on_where_it_was_stopped(services: WiredServices) -> None:
    first, _ = run_batch(services, stop_after=5)
    assert [step.done for step in first] == [1, 2, 3, 4, 5]
    (stopped,) = services.ledger.events(LOCAL_OWNER, kind="caption", limit=1)
    assert (stopped.body["phase"], stopped.body["counts"]["drafted"]) == ("batch stopped", 5)
    rest, tally = run_batch(services)
    assert tally is not None
    assert tally.as_json() == {
        "drafted": PICTURES - 5,
        "passed": tally.passed,
        "failed": 0,
        "composers": {"composed": PICTURES - 5},
    }
    visuals = [step.visual for step in (*first, *rest)]
    assert len(visuals) == len(set(visuals)) == PICTURES
    assert len(services.drafts.find(LOCAL_OWNER)) == PICTURES
    again, tally = run_batch(services)
    assert (again, tally.drafted if tally else None) == ([], 0)
    with pytest.raises(NotAllowed):
        batch(services, READER, LIBRARY, DraftWish(CaptionForm.ALT), door="test")


def test_approved_texts_leave_as_rows_and_as_sidecars_that_our_own_reader_reads(services: WiredServices) -> None:
    visual, asset = shown(services, captioned=False)
    texts = {
        CaptionForm.ALT: "A <blue> car & a kite",
        CaptionForm.NEWS: "=A car, today",
        CaptionForm.LONG: "A long one",
    }
    for form, text in texts.items():
        made = drafted(services, visual, form, count=1).drafts[0].draft
        review.approve(services, EDITOR, made.id, Decision(text), door="test")
    drafted(services, visual, CaptionForm.SOCIAL, count=1)

    def rows(what: ExportFormat) -> list[object]:
        return list(export(services, READER, ExportWish(LIBRARY), what, door="test"))

    assert len(rows(ExportFormat.JSONL)) == 3
    lines = list(as_csv(export(services, READER, ExportWish(LIBRARY), ExportFormat.CSV, door="test")))
    assert len(lines) == 4
    assert any("'=A car, today" in line for line in lines)
    ((name, content),) = as_sidecars(export(services, READER, ExportWish(LIBRARY), ExportFormat.XMP, door="test"))
    assert name == f"{Path(asset.name).stem}.xmp"
    assert [(one.text, one.language) for one in from_xmp(content).captions] == [("=A car, today", "en")]
    said = content.decode()
    assert "A &lt;blue&gt; car &amp; a kite" in said.partition("AltTextAccessibility")[2]
    assert "A long one" in said.partition("ExtDescrAccessibility")[2]
    (event,) = services.ledger.events(LOCAL_OWNER, kind="caption", limit=1)
    assert (event.body["phase"], event.body["format"], event.actor) == ("exported", "xmp", "rita")


def test_an_actor_of_another_library_finds_nothing_of_the_desk(services: WiredServices) -> None:
    visual, _ = shown(services, captioned=True)
    made = drafted(services, visual, count=1).drafts[0].draft
    stranger = Actor("sam", frozenset({"editor"}), libraries=frozenset({"elsewhere"}))
    assert services.drafts.find(stranger) == []
    for attempt in (
        lambda: draft(services, stranger, DraftWish(CaptionForm.ALT, visual=visual.id), door="test"),
        lambda: check(services, stranger, LintWish(visual.id, "a car"), door="test"),
        lambda: review.approve(services, stranger, made.id, Decision(), door="test"),
        lambda: export(services, stranger, ExportWish(LIBRARY), ExportFormat.CSV, door="test"),
        lambda: batch(services, stranger, LIBRARY, DraftWish(CaptionForm.ALT), door="test"),
    ):
        with pytest.raises(NotFound):
            attempt()
