"""`eval …`: how well this installation finds, and what makes it fail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.options import AsJson, Library, actor, settings_of

app = typer.Typer(help="Measure retrieval, calibration, robustness, fairness and drift.")

Out = Annotated[Path | None, typer.Option("--out", help="Write the figures here, as JSON.")]
Html = Annotated[Path | None, typer.Option("--report", help="Write the report here: one HTML file.")]
Gate = Annotated[
    Path | None,
    typer.Option("--gate", help="Exit with 1 when a figure fell by more than its interval since this run."),
]
Seed = Annotated[int, typer.Option(help="Of questions and scenes; the same seed asks the same.")]
Size = Annotated[int, typer.Option(min=16, max=50_000, help="Pictures of a suite.")]


@app.callback(invoke_without_command=True)
def evaluate(
    context: typer.Context,
    *,
    library: Library = "",
    judgements: Annotated[Path | None, typer.Option(help="Judgements in TREC's format (qrels).")] = None,
    questions: Annotated[Path | None, typer.Option(help="The judged questions: number, tab, words.")] = None,
    unanswerable: Annotated[
        Path | None, typer.Option(help="Questions that the library cannot answer.", show_default="a list that ships")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=10, help="Captions to ask at most.")] = 500,
    suites: Annotated[bool, typer.Option("--suites", help="Run the suites too, into the same report.")] = False,
    size: Size = 240,
    seed: Seed = 1,
    out: Out = None,
    report: Html = None,
    gate: Gate = None,
    as_json: AsJson = False,
) -> None:
    """Measure a library by its own captions, or by judged questions."""
    if context.invoked_subcommand is not None:
        return
    from rag.terminal.evaluation import Outputs, evaluate_library

    outputs = Outputs(out, report, gate, as_json)
    settings = settings_of(context)
    evaluate_library(
        settings,
        actor(),
        library or settings.library,
        judgements=judgements,
        questions=questions,
        unanswerable=unanswerable,
        most=most,
        seed=seed,
        suites=size if suites else 0,
        outputs=outputs,
    )


@app.command("suites")
def run_suites(
    context: typer.Context,
    *,
    suite: Annotated[list[str] | None, typer.Option("--suite", "-s", help="Only this one; may be repeated.")] = None,
    size: Size = 240,
    seed: Seed = 1,
    out: Out = None,
    report: Html = None,
    gate: Gate = None,
    as_json: AsJson = False,
) -> None:
    """Provoke failures on drawn scenes whose content is known exactly. Nothing of the installation is touched."""
    from rag.terminal.evaluation import Outputs, evaluate_suites

    evaluate_suites(
        settings_of(context), suite or [], size=size, seed=seed, outputs=Outputs(out, report, gate, as_json)
    )


@app.command("compare")
def compare_runs(
    old: Annotated[Path, typer.Argument(help="A run's JSON.")],
    new: Annotated[Path, typer.Argument(help="A later one's.")],
    as_json: AsJson = False,
) -> None:
    """Show what rose and what fell between two runs, and whether by more than chance."""
    from rag.terminal.evaluation import print_comparison

    print_comparison(old, new, as_json)


@app.command()
def drift(
    context: typer.Context,
    library: Library = "",
    set_reference: Annotated[
        bool, typer.Option("--set-reference", help="Make what is there now the reference, and stop.")
    ] = False,
    prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Print metrics for Prometheus' textfile collector.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what came in, and how questions score, with a reference. Exit code 1 when something drifted."""
    from rag.terminal.drift import print_drift
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        name = library or services.settings.library
        steady = print_drift(services, actor(), name, set_reference=set_reference, form=_form(as_json, prometheus))
    if not steady:
        raise typer.Exit(1)


def _form(as_json: bool, prometheus: bool) -> str:
    return "prometheus" if prometheus else "json" if as_json else "table"
