"""Drafts by a language model over real HTTP: what it is shown, what is taken of it, and what happens without."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from rag.captions.drafting import draft
from rag.captions.wish import Drafting, DraftWish
from rag.ingest import accept, entries_of, follow
from rag.model import LOCAL_OWNER, CaptionForm, VisualId
from rag.settings import Settings
from rag.wiring import opened
from tests.flows.desk import drawn, manifest
from tests.services.llm import LlmServer


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captions-llm")
    pictures = drawn(folder / "pictures", 6)
    with opened(Settings(data=folder / "data")) as services:
        job = accept(services, LOCAL_OWNER, "default", entries_of(services, manifest(pictures)))
        for _ in follow(services, LOCAL_OWNER, job.id, every=0.05):
            pass
    return folder


class Writer:
    """A desk whose LLM answers as the test says."""

    def __init__(self, folder: Path, llm: LlmServer) -> None:
        self.folder = folder
        self.llm = llm

    def draft(self, answer: object, *, model: str = "ranks", sees: bool = False, upload: bool = False) -> Drafting:
        self.llm.ranking = answer if isinstance(answer, str) else json.dumps(answer)
        settings = Settings(
            data=self.folder / "data",
            llm=model,
            llm_url=self.llm.url,
            llm_key=SecretStr("test"),
            llm_sees_images=sees,
            llm_timeout=5,
        )
        with opened(settings) as services:
            asset = services.catalog.assets(LOCAL_OWNER, "default")[0]
            visual = services.catalog.visuals_of([asset.ref])[0].id
            content = services.blobs.get(asset.id) if upload else None
            wish = DraftWish(
                CaptionForm.ALT,
                visual=None if upload else VisualId(visual),
                upload=content,
                facts={"who": "Ada Lovelace"},
                count=2,
            )
            made = draft(services, LOCAL_OWNER, wish, door="test")
            self.asked = services.ledger.events(LOCAL_OWNER, kind="caption", limit=2)
            return made


@pytest.fixture
def writer(stocked: Path, tmp_path: Path, llm: LlmServer) -> Writer:
    shutil.copytree(stocked / "data", tmp_path / "data")
    return Writer(tmp_path, llm)


def test_an_llm_is_asked_with_what_is_known_and_its_drafts_are_kept_with_their_examples(writer: Writer) -> None:
    made = writer.draft({"drafts": ["A car", "A car on grass", "A third one"]})
    assert made.composer == "ranks"
    assert sorted(one.draft.text for one in made.drafts) == ["A car", "A car on grass"]
    assert all(one.draft.examples for one in made.drafts)
    system, user = (message["content"] for message in writer.llm.requests[0]["messages"])
    assert "Ada Lovelace" in user
    assert all(example.text in user for example in made.examples[:3])
    assert "2 different drafts" in system
    drafted, asked = writer.asked
    assert (asked.body["phase"], drafted.body["phase"], drafted.body["asked"]) == ("asked", "drafted", asked.seq)
    assert asked.body["prompt"]["id"] == "captions/alt@1"
    assert asked.body["llm"]["id"] == "ranks"


@pytest.mark.parametrize("upload", [False, True])
def test_an_llm_that_sees_is_shown_the_picture_behind_its_label(writer: Writer, upload: bool) -> None:
    writer.draft({"drafts": ["A car"]}, sees=True, upload=upload)
    parts = writer.llm.requests[0]["messages"][1]["content"]
    assert [part["type"] for part in parts] == ["text", "text", "image_url"]
    assert parts[1]["text"] == "[0]"
    assert parts[2]["image_url"]["url"].startswith("data:image/jpeg;base64,")


def test_names_that_an_llm_took_from_nowhere_are_pointed_at_and_given_ones_are_not(writer: Writer) -> None:
    made = writer.draft({"drafts": ["Ada Lovelace and Angela Merkel"]})
    names = [finding.words for finding in made.drafts[0].findings if finding.code == "unsourced-name"]
    assert names == ["Angela Merkel"]


def test_what_an_llm_writes_has_no_effect_outside_its_own_text(writer: Writer) -> None:
    nasty = 'A car ![x](http://evil.example/x) <img src="http://evil.example/y"> www.evil.example\n\u202e\u200bend'
    made = writer.draft({"drafts": [nasty], "approve": True, "tool_calls": [{"name": "delete"}]})
    (one,) = made.drafts
    assert "evil" not in one.draft.text
    assert one.draft.text.isprintable()
    assert one.draft.state.value == "draft"


@pytest.mark.parametrize(
    ("model", "answer"),
    [("ranks", "I would rather not."), ("ranks", '{"drafts": []}'), ("empty", ""), ("refuses", ""), ("broken", "")],
)
def test_where_an_llm_fails_drafts_are_composed_and_the_notice_says_why(
    writer: Writer, model: str, answer: str
) -> None:
    made = writer.draft(answer, model=model)
    assert made.composer == "composed"
    assert made.notices[0].startswith(f"Composed from tags and the nearest captions, because the LLM {model}")
    assert made.drafts[0].draft.text
