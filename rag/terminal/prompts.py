"""Prompts: their list, one of them, what differs, and what came of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.text import Text

from rag.answering.prompt_files import ListedPrompt, PromptFile
from rag.answering.prompt_samples import sample_prompt
from rag.errors import BadQuery
from rag.model import Json
from rag.terminal.text import console, plain, print_json, table

STYLES = {"+": "green", "-": "red", "@": "cyan"}


def print_list(prompts: Sequence[ListedPrompt], as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in prompts])
        return
    rows = table("id", "version", "origin", "hash", "purpose", numbers=("version",))
    for one in prompts:
        said = (
            Text.assemble("cannot be used: ", plain(one.fault, 400), style="red") if one.fault else plain(one.purpose)
        )
        rows.add_row(plain(one.id), str(one.version or "?"), one.origin, one.hash[:12], said)
    console.print(rows)


def print_prompt(file: PromptFile, role: str, sample: bool, as_json: bool) -> None:
    texts = {one.role: one.text for one in sample_prompt(file).messages} if sample else dict(file.texts)
    if role and role not in texts:
        raise BadQuery(f"the prompt {file.id} has no role {role!r}; it has {', '.join(texts)}")
    shown = {name: text.strip() for name, text in texts.items() if role in {"", name}}
    if as_json:
        print_json(_head(file) | {"texts": shown})
        return
    if role:
        console.print(Text(shown[role]), soft_wrap=True)
        return
    hints = ", ".join(f"{name} {value}" for name, value in file.model_hints.items())
    console.print(Text.assemble((f"{file.id}@{file.version}", "bold"), f"  {file.origin}  {file.hash[:12]}"))
    console.print(plain(file.purpose, 300), style="dim")
    console.print(Text(f"variables: {', '.join(file.variables)}" + (f"; hints: {hints}" if hints else "")), style="dim")
    for name, text in shown.items():
        console.print(Text.assemble("\n", (f"# {name}", "bold")))
        console.print(Text(text), soft_wrap=True)


def print_templates(name: str, as_json: bool) -> None:
    """Templates for labels, which have no roles."""
    from rag.classifying.templates import load_templates

    found = load_templates(name)
    if as_json:
        print_json(asdict(found))
        return
    console.print(Text.assemble((found.id, "bold"), f"  shipped  {found.hash[:12]}"))
    for text in found.texts:
        console.print(Text(f"- {text}"))


def print_diff(lines: Sequence[str], as_json: bool) -> None:
    if as_json:
        print_json({"differs": bool(lines), "diff": list(lines)})
        return
    for line in lines:
        console.print(Text(line, style=STYLES.get(line[:1], "")), soft_wrap=True)
    if not lines:
        console.print("Nothing differs.")


def print_checks(checks: Sequence[Json], replies: Sequence[Json], as_json: bool) -> None:
    if as_json:
        print_json({"checks": list(checks), "replies": list(replies)})
        return
    for one in checks:
        good = not one["faults"]
        console.print(Text.assemble(("✓ " if good else "✗ ", "green" if good else "red"), plain(f"{one['id']}")))
        for fault in one["faults"]:
            console.print(Text.assemble("  ", plain(fault, 400)), soft_wrap=True)
    for one in replies:
        console.print(Text.assemble("\n", (f"{one['id']}, answered by ", "bold"), plain(one["llm"])))
        console.print(Text("\n").join(plain(line, 1000) for line in one["answer"].splitlines()), soft_wrap=True)
        console.print(Text(_verdict(one)), style="dim")


def _verdict(one: Json) -> str:
    cited = "".join(f"[{number}]" for number in one["citations"]) or "nothing"
    removed = "".join(f"[{number}]" for number in one["citations_removed"])
    said = f"cites {cited}" + (f"; citations that no evidence has: {removed}" if removed else "")
    return said + (f"; links removed: {one['links_removed']}" if one["links_removed"] else "") + f"; {one['seconds']} s"


def _head(file: PromptFile) -> Json:
    names = ("id", "version", "purpose", "variables", "model_hints", "hash", "origin")
    return {name: getattr(file, name) for name in names} | {"path": str(file.path)}
