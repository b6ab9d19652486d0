"""What was asked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.text import Text

from rag.model import Conversation, KeptTurn
from rag.terminal.text import console, plain, print_json, table


def print_conversations(found: Sequence[Conversation], as_json: bool) -> None:
    if as_json:
        print_json({"conversations": [asdict(one) for one in found]})
        return
    if not found:
        console.print("No conversations yet; picturedesk ask --continue begins one.", style="dim")
        return
    rows = table("conversation", "changed", "turns", "first question", numbers=("turns",))
    for one in found:
        rows.add_row(one.id, f"{one.changed_at:%Y-%m-%d %H:%M}", str(one.turns), plain(one.title, 120))
    console.print(rows)


def print_turns(turns: Sequence[KeptTurn], as_json: bool) -> None:
    if as_json:
        print_json({"turns": [asdict(one) for one in turns]})
        return
    for one in turns:
        console.print(
            Text.assemble((f"{one.at:%Y-%m-%d %H:%M}  ", "dim"), plain(one.turn.question, 1000)), style="bold"
        )
        if one.turn.standalone:
            console.print(Text.assemble("searched as: ", plain(one.turn.standalone, 1000)), style="dim")
        for line in one.turn.answer.splitlines():
            console.print(plain(line, 1000))
        console.print(f"ledger events {' and '.join(map(str, one.events))}\n", style="dim")
