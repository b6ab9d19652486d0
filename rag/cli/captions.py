"""`captions …`: the editor's desk."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Library, OneLibrary, actor, content_of, settings_of

if TYPE_CHECKING:
    from rag.captions.review import Decision
    from rag.captions.style import HouseStyle
    from rag.captions.wish import DraftWish

app = typer.Typer(help="Draft captions and alt texts, check them, review them, give them out.", no_args_is_help=True)


class Form(StrEnum):
    """As `rag.model.CaptionForm`, which `--help` need not load."""

    NEWS = "news"
    ALT = "alt"
    PRODUCT = "product"
    SOCIAL = "social"
    LONG = "long"


class State(StrEnum):
    """As `rag.model.DraftState`."""

    DRAFT = "draft"
    EDITED = "edited"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"


class Format(StrEnum):
    """As `rag.captions.export.ExportFormat`."""

    CSV = "csv"
    JSONL = "jsonl"
    XMP = "xmp"


OneForm = Annotated[Form, typer.Option("--form", "-f", help="What the text is for.")]
Forms = Annotated[list[Form] | None, typer.Option("--form", "-f", help="Only this form. Repeatable.")]
States = Annotated[list[State] | None, typer.Option("--state", "-s", help="Only in this state. Repeatable.")]
Facts = Annotated[
    list[str] | None, typer.Option("--fact", metavar="NAME=VALUE", help='What you know: --fact who="Ada". Repeatable.')
]
Language = Annotated[str, typer.Option(help="en, de, pt-BR, …", show_default="that of the library's captions")]
Level = Annotated[float | None, typer.Option("--reading-level", help="School grade that a reader needs at most.")]
Style = Annotated[Path | None, typer.Option(help="House style: a file, see docs/captions.md.")]
Decorative = Annotated[bool, typer.Option("--decorative", help="It says nothing; its alt text is empty.")]
OneDraft = Annotated[str, typer.Argument(metavar="DRAFT", help="Its id, or the first 8 characters.")]
Because = Annotated[str, typer.Option("--because", help="Why; it is kept.")]


@app.command()
def draft(
    context: typer.Context,
    *,
    picture: Annotated[str, typer.Argument(help="A visual's id, or a file that is not kept.")],
    form: OneForm,
    count: Annotated[int, typer.Option("--count", "-n", help="How many drafts.")] = 3,
    fact: Facts = None,
    language: Language = "",
    reading_level: Level = None,
    style: Style = None,
    decorative: Decorative = False,
    library: OneLibrary = "",
    as_json: AsJson = False,
) -> None:
    """Draft texts about a picture. Those about a visual are kept for review."""
    from dataclasses import replace

    from rag.captions.drafting import draft as run
    from rag.model import VisualId
    from rag.terminal.captions import print_drafting
    from rag.wiring import opened

    settings = settings_of(context)
    wish = replace(_wish(form, fact, language, reading_level, style=style), count=count, decorative=decorative)
    if (path := _file(picture)) is None:
        wish = replace(wish, visual=VisualId(picture))
    else:
        wish = replace(
            wish, upload=content_of(path, settings, "; give a visual's id or a file"), name=path.name, library=library
        )
    with opened(settings) as services:
        print_drafting(run(services, actor(), wish, door="cli"), as_json)


@app.command()
def lint(
    context: typer.Context,
    *,
    visual: Annotated[str, typer.Argument(help="Whose text it is.")],
    text: Annotated[str, typer.Argument(help="Any text, whoever wrote it.")],
    form: OneForm = Form.ALT,
    fact: Facts = None,
    language: Language = "",
    reading_level: Level = None,
    style: Style = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a text about a picture; exit code 1 where something is."""
    from rag.captions.checking import LintWish, check
    from rag.captions.lint.findings import passes
    from rag.model import VisualId
    from rag.terminal.captions import print_findings
    from rag.wiring import opened

    said = _wish(form, fact, language, reading_level, style=style)
    wish = LintWish(
        VisualId(visual),
        text,
        said.form,
        facts=said.facts,
        language=language,
        reading_level=reading_level,
        style=said.style,
    )
    with opened(settings_of(context)) as services:
        linted = check(services, actor(), wish, door="cli")
    print_findings(linted, as_json)
    if not passes(linted.findings):
        raise typer.Exit(1)


@app.command("list")
def show_all(
    context: typer.Context,
    *,
    library: OneLibrary = "",
    visual: Annotated[str, typer.Option(help="Only of this visual.")] = "",
    form: Forms = None,
    state: States = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show drafts with where their review stands."""
    from rag.model import CaptionForm, DraftState
    from rag.terminal.captions import print_drafts
    from rag.wiring import opened

    states = [DraftState(one.value) for one in state or []]
    forms: list[CaptionForm | None] = [CaptionForm(one.value) for one in form or []]
    with opened(settings_of(context)) as services:
        found = [
            one
            for wanted in forms or [None]
            for one in services.drafts.find(
                actor(),
                library=library,
                visual=visual,
                form=wanted,
                states=states,
                limit=limit,
            )
        ]
        print_drafts(found[:limit], as_json)


@app.command()
def show(context: typer.Context, draft: OneDraft, as_json: AsJson = False) -> None:
    """Show a draft: its examples, its facts, and what happened to it."""
    from rag.terminal.captions import print_draft
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        found = services.drafts.get(actor(), draft)
        print_draft(found, services.drafts.steps(actor(), found.id), as_json)


@app.command()
def edit(
    context: typer.Context,
    draft: OneDraft,
    text: Annotated[str, typer.Argument(help="The new text.")],
    because: Because = "",
    as_json: AsJson = False,
) -> None:
    """Change the text of a draft; the difference is kept."""
    from rag.captions.review import Decision

    _decide(context, "edit", draft, Decision(text, because), as_json)


@app.command()
def approve(context: typer.Context, draft: OneDraft, because: Because = "", as_json: AsJson = False) -> None:
    """Make a draft a caption that searches find from now on."""
    from rag.captions.review import Decision

    _decide(context, "approve", draft, Decision(reason=because), as_json)


@app.command()
def reject(
    context: typer.Context,
    draft: OneDraft,
    because: Annotated[str, typer.Option("--because", help="Why; it is kept.")],
    as_json: AsJson = False,
) -> None:
    """Turn a draft down."""
    from rag.captions.review import Decision

    _decide(context, "reject", draft, Decision(reason=because), as_json)


@app.command()
def batch(
    context: typer.Context,
    *,
    form: OneForm = Form.ALT,
    library: Library = "",
    language: Language = "",
    reading_level: Level = None,
    style: Style = None,
    as_json: AsJson = False,
) -> None:
    """Draft for every visual of a library that has no draft of this form.

    Ctrl-C stops gently; the same command goes on where it was.
    """
    from contextlib import closing

    from rag.captions.batch import batch as run
    from rag.cli.stopping import stopping
    from rag.terminal.captions import print_batch
    from rag.wiring import opened

    wish = _wish(form, None, language, reading_level, style=style)
    with stopping() as stop, opened(settings_of(context)) as services:
        name = library or services.settings.library
        with closing(run(services, actor(), name, wish, door="cli")) as steps:
            print_batch(steps, as_json, stop)
    if stop.is_set():
        raise typer.Exit(stop.exit_code)


@app.command()
def export(
    context: typer.Context,
    *,
    to: Annotated[Path | None, typer.Option("--to", help="A file; a folder for xmp.", show_default="stdout")] = None,
    what: Annotated[Format, typer.Option("--format", help="Rows, or sidecars that stand beside files.")] = Format.CSV,
    library: Library = "",
    form: Forms = None,
    state: States = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Give out approved texts."""
    from rag.captions.export import ExportFormat, ExportWish
    from rag.model import CaptionForm, DraftState
    from rag.terminal.captions_export import write_export
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        wish = ExportWish(
            library or services.settings.library,
            tuple(CaptionForm(one.value) for one in form or ()),
            tuple(DraftState(one.value) for one in state or ()) or (DraftState.APPROVED,),
        )
        write_export(services, actor(), wish, ExportFormat(what.value), to, overwrite=overwrite)


def _decide(context: typer.Context, what: str, draft: str, decision: Decision, as_json: bool) -> None:
    from rag.captions import review
    from rag.terminal.captions import print_draft
    from rag.wiring import opened

    steps = {"edit": review.edit, "approve": review.approve, "reject": review.reject}
    with opened(settings_of(context)) as services:
        found = steps[what](services, actor(), draft, decision, door="cli")
        print_draft(found, services.drafts.steps(actor(), found.id), as_json)


def _wish(
    form: Form, facts: list[str] | None, language: str, reading_level: float | None, *, style: Path | None
) -> DraftWish:
    from rag.captions.wish import DraftWish
    from rag.errors import BadQuery
    from rag.model import CaptionForm

    known = {}
    for fact in facts or []:
        name, equals, value = fact.partition("=")
        if not equals:
            raise BadQuery(f'--fact {fact} is none; write it as --fact who="Ada Lovelace"')
        known[name.strip()] = value.strip()
    return DraftWish(
        CaptionForm(form.value), facts=known, language=language, reading_level=reading_level, style=_style(style)
    )


def _style(path: Path | None) -> HouseStyle:
    from rag.captions.style import PLAIN, read_style
    from rag.errors import BadSource

    if path is None:
        return PLAIN
    try:
        return read_style(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"--style {path} cannot be read: give a text file in UTF-8") from error


def _file(named: str) -> Path | None:
    """What names no visual is a file, be it there or not."""
    import uuid

    try:
        uuid.UUID(named)
    except ValueError:
        return Path(named)
    return None
