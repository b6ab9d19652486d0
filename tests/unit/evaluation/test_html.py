"""The report as a page: whole in itself, and harmless whatever a library says."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.evaluation.html import as_html
from rag.evaluation.report import Example
from tests.unit.evaluation.test_comparison import error, recall, run


def test_the_page_asks_nobody_for_anything() -> None:
    page = as_html(run(recall(0.85), error(0.04)))
    assert re.findall(r"https?://", page) == []
    assert "<script" not in page
    assert {source.partition(",")[0] for source in re.findall(r'src="([^"]*)"', page)} == {"data:image/jpeg;base64"}


def test_figures_stand_in_it_with_interval_and_target() -> None:
    page = as_html(run(recall(0.85), error(0.07)))
    assert "0.850" in page
    assert "0.800 – 0.900" in page
    assert "≤ 0.05" in page
    assert ">missed<" in page


def test_a_caption_cannot_become_part_of_the_page() -> None:
    hostile = Example("<img src=x onerror=alert(1)>", "</section><script>", "\"'>", 3)
    made = run(recall(0.85))
    page = as_html(replace(made, sections=(replace(made.sections[0], examples=(hostile,)),)))
    assert "<img src=x" not in page
    assert "<script" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
