"""Two runs compared: what falls by more than its interval is named, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import BadSource
from rag.evaluation.comparison import Verdict, compare
from rag.evaluation.report import Example, Figure, Report, Risk, Section, read_report, write_report
from rag.retrieval.calibration_error import Bin


def run(*figures: Figure, section: str = "paraphrase") -> Report:
    made = Section(
        section, "Paraphrase", "told", 10, 20, figures, (Bin(5, 0.2, 0.3),), (Risk(0.5, 0.1, 0.0),),
        (Example("q", "w", "g", None, 0.3, "AAAA", "BBBB"),),
    )  # fmt: skip
    return Report("demo@1", "2026-01-01T00:00:00+00:00", (made,), 3.0, "0.1.0", {"size": "20"})


def recall(value: float, low: float = 0.8, high: float = 0.9) -> Figure:
    return Figure("fused recall@5", value, low, high, 100, main=True)


def error(value: float) -> Figure:
    return Figure("ECE", value, 0.02, 0.06, 100, better="lower", target=0.05)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [(0.79, Verdict.WORSE), (0.80, Verdict.SAME), (0.85, Verdict.SAME), (0.90, Verdict.SAME), (0.91, Verdict.BETTER)],
)
def test_a_figure_moved_when_it_left_the_old_interval(now: float, verdict: Verdict) -> None:
    assert compare(run(recall(0.85)), run(recall(now))).changes[0].verdict is verdict


def test_a_run_is_the_same_as_itself_whatever_the_last_digit() -> None:
    third = Figure("fused MRR", 1 / 3, 0.33333333333333337, 0.33333333333333337, 7)
    assert compare(run(third), run(third)).changes[0].verdict is Verdict.SAME


def test_of_an_error_less_is_better() -> None:
    assert compare(run(error(0.04)), run(error(0.07))).changes[0].verdict is Verdict.WORSE
    assert compare(run(error(0.04)), run(error(0.01))).changes[0].verdict is Verdict.BETTER


def test_what_fell_is_named_with_its_interval() -> None:
    worse = compare(run(recall(0.85), error(0.04)), run(recall(0.5), error(0.04))).worse
    assert [str(change) for change in worse] == ["paraphrase: fused recall@5: 0.850 (0.800 to 0.900) is now 0.500"]


def test_figures_of_one_run_alone_are_told_apart() -> None:
    found = compare(run(recall(0.85)), run(error(0.04)))
    assert (found.changes, found.gone, found.added) == ((), ("paraphrase: fused recall@5",), ("paraphrase: ECE",))


def test_a_run_survives_its_file_but_for_the_pictures(tmp_path: Path) -> None:
    made = run(recall(0.85), error(0.04))
    write_report(made, tmp_path / "deep" / "run.json")
    assert read_report(tmp_path / "deep" / "run.json") == made.without_pictures()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "it is not JSON"),
        ("[]", "no evaluation report"),
        ('{"kind": "picturedesk-evaluation", "version": 1}', "damaged"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(BadSource, match=told):
        read_report(path)
    with pytest.raises(BadSource, match=r"missing\.json cannot be read"):
        read_report(tmp_path / "missing.json")
