"""What every view in the terminal shares. Untrusted text is shown as plain characters: no markup, no control codes."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.answering.prompting import as_data

console = Console()
errors = Console(stderr=True)


def plain(text: str, longest: int = 200) -> Text:
    """Text that came out of a library, safe to print."""
    return Text(as_data(text, longest))


def print_json(value: Any) -> None:
    """One line, at once: whoever reads it may be waiting."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)  # noqa: T201


def table(*headings: str, numbers: tuple[str, ...] = ()) -> Table:
    """A table without lines; the columns in `numbers` are set to the right."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for heading in headings:
        made.add_column(heading, justify="right" if heading in numbers else "left", overflow="fold")
    return made
