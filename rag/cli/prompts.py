"""`prompts …`: the texts that an LLM is sent, and own ones in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, actor, settings_of

if TYPE_CHECKING:
    from rag.answering.prompt_files import PromptFile
    from rag.model import Json
    from rag.settings import Settings

app = typer.Typer(help="The texts that an LLM is sent, and own ones in their place.", no_args_is_help=True)

PromptId = Annotated[str, typer.Argument(metavar="ID", help="As `picturedesk prompts list` shows it.")]


@app.command("list")
def show_all(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every prompt: id, version, purpose, hash, and whether it is shipped or your own."""
    from rag.answering.prompt_files import listed_prompts
    from rag.terminal.prompts import print_list

    print_list(listed_prompts(settings_of(context).prompts), as_json)


@app.command()
def show(
    *,
    context: typer.Context,
    prompt: PromptId,
    role: Annotated[str, typer.Option(help="Only this role: system, user or assistant.")] = "",
    sample: Annotated[bool, typer.Option("--sample", help="With sample data in it, as it would be sent.")] = False,
    source: Annotated[bool, typer.Option("--source", help="The whole file, to begin an own one with.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one prompt: the own one where there is one."""
    from rag.answering.prompt_files import LABELS
    from rag.terminal.prompts import print_prompt, print_templates

    if prompt.startswith(LABELS):
        print_templates(prompt.removeprefix(LABELS), as_json)
    elif source:
        typer.echo(_loaded(settings_of(context), prompt).source, nl=False)
    else:
        print_prompt(_loaded(settings_of(context), prompt), role, sample, as_json)


@app.command()
def diff(
    context: typer.Context,
    prompt: PromptId,
    other: Annotated[
        str, typer.Option("--with", metavar="FILE|EVENT", help="A file, or the number of a ledger event.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show what differs between your own prompt and the shipped one, or another file, or what was once sent."""
    from rag.answering.prompt_files import load_prompt
    from rag.terminal.prompts import print_diff

    settings = settings_of(context)
    file = _loaded(settings, prompt)
    if other.isdecimal():
        lines = _against_event(settings, file, int(other))
    else:
        from rag.answering.prompt_diffs import against_file

        lines = against_file(file, load_prompt(prompt), other)
    print_diff(lines, as_json)


@app.command("test")
def check(
    context: typer.Context,
    prompt: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only this one.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Send it to the configured LLM, with sample data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check prompts: they can be rendered, nothing is undefined, and what others wrote stays inside the boundary.

    With --ask, the answer of the configured LLM is shown, its citations checked.
    """
    from rag.errors import BadSettings
    from rag.terminal.prompts import print_checks

    settings = settings_of(context)
    checks = _checks(settings, prompt)
    replies = [_reply(settings, _loaded(settings, str(one["id"]))) for one in checks if ask and not one["faults"]]
    print_checks(checks, [one for one in replies if one], as_json)
    if faulty := [str(one["id"]) for one in checks if one["faults"]]:
        raise BadSettings(f"with faults: {', '.join(faulty)}")


def _loaded(settings: Settings, prompt: str) -> PromptFile:
    from rag.answering.prompt_files import known_prompt

    return known_prompt(prompt, settings.prompts)


def _against_event(settings: Settings, file: PromptFile, event: int) -> list[str]:
    from rag.answering.prompt_diffs import against_event
    from rag.wiring import opened

    with opened(settings) as services:
        return against_event(file, services.ledger.event(actor(), event).body, f"event {event}")


def _checks(settings: Settings, prompt: str | None) -> list[Json]:
    from rag.answering.prompt_files import LABELS, listed_prompts
    from rag.answering.prompt_trial import checked
    from rag.classifying.templates import load_templates
    from rag.errors import NotFound

    found: list[Json] = []
    for one in listed_prompts(settings.prompts):
        if prompt in {None, one.id}:
            if one.id.startswith(LABELS) and one.origin == "shipped":
                load_templates(one.id.removeprefix(LABELS))
            found.append(checked(one, settings.prompts))
    if not found:
        raise NotFound(f"there is no prompt {prompt!r}; `picturedesk prompts list` shows those there are")
    return found


def _reply(settings: Settings, file: PromptFile) -> Json:
    from rag.answering.prompt_trial import reply
    from rag.errors import BadSettings
    from rag.wiring import opened

    with opened(settings) as services:
        if services.chat.extractive:
            raise BadSettings(
                "--ask needs an LLM: set PICTUREDESK_LLM, and PICTUREDESK_LLM_URL where it is an endpoint"
            )
        return reply(services.chat, file)
