"""`calibrate`: how scores read as probabilities, fitted anew."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, settings_of


def calibrate(
    context: typer.Context,
    library: Annotated[str, typer.Argument(help="Library to calibrate.", show_default="the configured one")] = "",
    as_json: AsJson = False,
) -> None:
    """Fit how scores read as relevance, from the library's own captions; say how well it holds on what was held out.

    A fit that is worse than the present one is not taken. Exit code 1 then.
    """
    from rag.retrieval.fitting.flow import calibrate as run
    from rag.terminal.calibrating import print_outcome
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        outcome = run(services, library or services.settings.library)
        print_outcome(outcome, services.settings.min_relevance, as_json)
    if outcome.worse:
        raise typer.Exit(1)
