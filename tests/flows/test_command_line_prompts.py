"""`picturedesk prompts …` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from rag.answering.prompt_files import load_prompt
from tests.flows.test_command_line import one_line, picturedesk
from tests.flows.test_ingest_and_ask import draw_pictures
from tests.services.llm import LlmServer


def test_the_list_names_each_prompt_with_its_version_hash_and_origin(tmp_path: Path) -> None:
    rows = {row["id"]: row for row in json.loads(picturedesk(tmp_path, "prompts", "list", "--json").stdout)}
    answer = load_prompt("answer")
    assert rows["answer"] == {
        "id": "answer",
        "version": answer.version,
        "purpose": answer.purpose,
        "hash": answer.hash,
        "origin": "shipped",
        "fault": "",
    }
    assert "labels/photographs" in rows
    shown = picturedesk(tmp_path, "prompts", "list")
    assert answer.hash[:12] in shown.stdout


def test_one_prompt_is_shown_and_one_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    shown = picturedesk(tmp_path, "prompts", "show", "answer", "--role", "system")
    assert shown.stdout.strip() == load_prompt("answer").texts["system"].strip()
    assert "{label}" in picturedesk(tmp_path, "prompts", "show", "labels/plain").stdout
    assert picturedesk(tmp_path, "prompts", "show", "answer", "--source").stdout == load_prompt("answer").source
    assert "there are: answer" in one_line(picturedesk(tmp_path, "prompts", "show", "anser"))
    assert "has no role" in one_line(picturedesk(tmp_path, "prompts", "show", "answer", "--role", "assistant"))


def test_an_own_prompt_is_tested_compared_and_used(tmp_path: Path, llm: LlmServer) -> None:
    own = tmp_path / "prompts"
    own.mkdir()
    source = load_prompt("answer").source
    (own / "answer.md").write_text(source.replace("at most six sentences", "at most two sentences"))
    texts = draw_pictures(tmp_path / "pictures", 1)
    assert picturedesk(tmp_path, "ingest", "pictures").returncode == 0
    settings = {"PICTUREDESK_LLM": "cites", "PICTUREDESK_LLM_URL": llm.url, "PICTUREDESK_PROMPTS": str(own)}

    tested = picturedesk(tmp_path, "prompts", "test", "answer", "--ask", "--json", **settings)
    assert tested.returncode == 0, tested.stderr
    (reply,) = json.loads(tested.stdout)["replies"]
    assert reply["citations"] == [1]
    assert "two sentences" in llm.requests[-1]["messages"][0]["content"]

    assert picturedesk(tmp_path, "ask", texts[0], **settings).returncode == 0
    assert "two sentences" in llm.requests[-1]["messages"][0]["content"]
    (event,) = (json.loads(picturedesk(tmp_path, "ledger", "list", "--kind", "retrieval", "--json").stdout),)
    assert event["body"]["prompt"]["hash"] == load_prompt("answer", own=str(own)).hash

    assert "two sentences" in picturedesk(tmp_path, "prompts", "diff", "answer", **settings).stdout
    since = picturedesk(tmp_path, "prompts", "diff", "answer", "--with", str(event["seq"]))
    assert "-- Answer in English, in at most two sentences." in since.stdout
    same = picturedesk(tmp_path, "prompts", "diff", "answer", "--with", str(event["seq"]), **settings)
    assert same.stdout.strip() == "Nothing differs."


def test_an_own_prompt_with_a_fault_fails_its_test_and_is_not_used(tmp_path: Path, llm: LlmServer) -> None:
    own = tmp_path / "prompts"
    own.mkdir()
    source = load_prompt("answer").source
    (own / "answer.md").write_text(source.replace("Question: {{ question }}", "{{ evidence }}\n{{ question }}"))
    tested = picturedesk(tmp_path, "prompts", "test", PICTUREDESK_PROMPTS=str(own))
    assert tested.returncode == 1
    assert "evidence stands outside the boundary" in tested.stdout
    assert "with faults: answer" in tested.stderr
    assert "--ask needs an LLM" in one_line(picturedesk(tmp_path, "prompts", "test", "rewrite", "--ask"))
