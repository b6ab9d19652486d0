"""`picturedesk …` as a person runs it: a process of its own, with its exit code and its two outputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.test_ingest_and_ask import draw_pictures

Run = subprocess.CompletedProcess[str]


def picturedesk(folder: Path, *arguments: str, **environment: str) -> Run:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PICTUREDESK_")}
    return subprocess.run(
        [sys.executable, "-m", "rag.cli", *arguments],
        cwd=folder,
        env={**clean, "COLUMNS": "160", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def one_line(run: Run) -> str:
    """The only line of stderr, of a run that failed on purpose."""
    assert run.returncode == 1, run.stderr
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


def test_ingest_search_ask_and_ledger_from_a_terminal(tmp_path: Path) -> None:
    texts = draw_pictures(tmp_path / "pictures", 3)
    (tmp_path / "pictures" / "notes.md").write_text("no picture")
    ingested = picturedesk(tmp_path, "ingest", "pictures", "--library", "desk")
    assert ingested.returncode == 0, ingested.stderr
    assert "3 indexed, 1 skipped" in ingested.stdout
    assert "notes.md: it is text/plain" in ingested.stdout

    found = json.loads(picturedesk(tmp_path, "search", texts[0], "--json").stdout)
    assert found["evidence"][0]["caption"] == texts[0]
    assert found["coverage"] == {"searched": 3, "pending": 0, "skipped": 0, "quarantined": 0}

    like = ("--like", "pictures/0.jpg", "--unlike", texts[2], "--per-asset", "1", "--diverse", "0.2")
    similar = picturedesk(tmp_path, "search", *like, "-k", "2", "--explain")
    assert similar.returncode == 0, similar.stderr
    assert "what it shows" in similar.stdout
    assert "unwanted" in similar.stdout
    (command,) = [line for line in similar.stdout.splitlines() if line.startswith("next page: picturedesk ")]
    further = picturedesk(tmp_path, *command.removeprefix("next page: picturedesk ").split(), "--json")
    assert [item["number"] for item in json.loads(further.stdout)["evidence"]] == [3]

    answered = picturedesk(tmp_path, "ask", texts[1])
    assert answered.returncode == 0, answered.stderr
    assert "[1]" in answered.stdout
    assert "drawn scenes" in answered.stdout

    events = [json.loads(line) for line in picturedesk(tmp_path, "ledger", "list", "--json").stdout.splitlines()]
    assert [event["kind"] for event in events] == ["answer", *["retrieval"] * 4, "ingest", "ingest"]
    assert "verifies" in picturedesk(tmp_path, "ledger", "verify").stdout
    status = json.loads(picturedesk(tmp_path, "status", "--json").stdout)
    assert status["libraries"]["desk"]["searched"] == 3


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["ingest", "nowhere"], {}, "there is no file or folder nowhere; a source is a folder, a manifest"),
        (["ingest", "empty"], {}, "empty holds no files"),
        (["ingest", "missing.jsonl"], {}, "there is no file or folder missing.jsonl"),
        (["status"], {"PICTUREDESK_VECTORS": "localhost:6333"}, "PICTUREDESK_VECTORS: 'localhost:6333' is no URL"),
        (["status"], {"PICTUREDESK_DATABASE": "mysql://nowhere/x"}, "mysql"),
        (["status"], {"PICTUREDESK_PORT": "ninety"}, "PICTUREDESK_PORT"),
        (["status"], {"PICTUREDESK_VECTORS": "http://127.0.0.1:1"}, "is PICTUREDESK_VECTORS right?"),
        (
            ["status"],
            {"PICTUREDESK_DATABASE": "postgresql+psycopg://me:secret@127.0.0.1:1/x"},
            "127.0.0.1",
        ),
        (["search", "x"], {"PICTUREDESK_ENCODER": "ViT-B-99/nobody"}, "ViT-B-99"),
        (["search", "--like", "nowhere.jpg"], {}, "nowhere.jpg cannot be searched by: No such file"),
        (["search", "x", "--like", "http://10.0.0.1/x.jpg"], {}, "wanted[0].url cannot be searched by"),
        (["search", "boat tagg:x"], {}, "did you mean tag:"),
        (["worker"], {}, "set redis://"),
        (["serve", "--host", "0.0.0.0"], {}, "PICTUREDESK_API_KEYS"),
    ],
)
def test_what_cannot_work_is_one_clear_line(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], expected: str
) -> None:
    (tmp_path / "empty").mkdir()
    line = one_line(picturedesk(tmp_path, *arguments, **environment))
    assert expected in line
    assert "secret" not in line


def test_a_data_folder_of_another_process_says_whose(tmp_path: Path) -> None:
    from rag.settings import Settings
    from rag.wiring import opened

    with opened(Settings(data=tmp_path / "data")) as services:
        services.collections.names()
        line = one_line(picturedesk(tmp_path, "doctor"))
        status = picturedesk(tmp_path, "status")
    assert str(os.getpid()) in line
    assert "open in a running server" in status.stdout


def test_help_answers_without_loading_the_heavy_parts() -> None:
    program = (
        "import sys, rag.cli; print([name for name in ('torch', 'rich', 'pydantic', 'celery') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
