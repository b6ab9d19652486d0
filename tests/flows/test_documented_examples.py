"""The Python in the guides runs as it stands there, against a real desk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.flows.desk import Desk, drawn

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTED = "http://127.0.0.1:8000"


@pytest.fixture
def folder_of_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the examples find `photo.jpg` and `again.jpg`; proxies of the test machine are left out."""
    for (drawing, _), name in zip(drawn(tmp_path, 2, seed=771), ("photo.jpg", "again.jpg"), strict=True):
        drawing.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.mark.usefixtures("folder_of_the_examples")
@pytest.mark.parametrize(("guide", "at_least"), [("python-client.md", 10), ("chat-assistants.md", 5)])
def test_the_examples_of_a_guide_run_one_after_another(
    guide: str, at_least: int, running_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = BLOCK.findall((DOCS / guide).read_text(encoding="utf-8"))
    assert len(blocks) >= at_least
    names: dict[str, object] = {"__name__": "example"}
    for number, block in enumerate(blocks, start=1):
        code = compile(block.replace(DOCUMENTED, running_desk.url), f"{guide}, example {number}", "exec")
        exec(code, names)
    assert capsys.readouterr().out
