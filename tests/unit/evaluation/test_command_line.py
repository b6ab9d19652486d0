"""The doors: `picturedesk eval` and what stands below it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli import app
from rag.errors import BadQuery, BadSource
from rag.evaluation.report import write_report
from tests.unit.evaluation.test_comparison import error, recall, run


def test_every_door_is_listed() -> None:
    shown = CliRunner().invoke(app, ["eval", "--help"], env={"COLUMNS": "120"}).output
    for word in ("suites", "compare", "drift", "--judgements", "--gate", "--report", "--unanswerable"):
        assert word in shown


def test_two_runs_are_compared_from_their_files(tmp_path: Path) -> None:
    write_report(run(recall(0.85), error(0.04)), tmp_path / "old.json")
    write_report(run(recall(0.5), error(0.04)), tmp_path / "new.json")
    done = CliRunner().invoke(
        app, ["eval", "compare", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--json"]
    )
    changes = json.loads(done.output)["changes"]
    assert [(one["name"], one["verdict"]) for one in changes] == [
        ("paraphrase: fused recall@5", "worse"),
        ("paraphrase: ECE", "same"),
    ]


def test_what_cannot_be_measured_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    for words, error_type in (
        (["suites", "--suite", "colours"], BadQuery),
        (["suites", "--gate", str(tmp_path / "gone.json")], BadSource),
        (["--judgements", str(tmp_path / "j.qrels")], BadQuery),
    ):
        done = CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "eval", *words])
        assert isinstance(done.exception, error_type), done.exception
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("size", ["0", "15", "50001"])
def test_a_size_out_of_range_is_refused(size: str) -> None:
    done = CliRunner().invoke(app, ["eval", "suites", "--size", size])
    assert done.exit_code == 2
