"""Drift, for people, for programs and for Prometheus."""

from __future__ import annotations

from dataclasses import asdict

from rich.text import Text

from rag.evaluation import drift
from rag.model import Actor
from rag.ports import Services
from rag.terminal.text import console, plain, print_json, table


def print_drift(services: Services, actor: Actor, library: str, *, set_reference: bool, form: str) -> bool:
    """Measure and print, or set the reference; False when something drifted.

    Args:
        form: `table`, `json` or `prometheus`.
    """
    if set_reference:
        _set(services, actor, library, form)
        return True
    found = drift.measure(services, actor, library, door="cli")
    if form == "prometheus":
        print(drift.prometheus(found), end="")  # noqa: T201
    elif form == "json":
        print_json(asdict(found) | {"steady": found.steady})
    else:
        _print(found)
    return found.steady


def _set(services: Services, actor: Actor, library: str, form: str) -> None:
    made = drift.set_reference(services, actor, library, door="cli")
    vectors = len(made.matrix())
    if form == "json":
        print_json({"library": library, "reference": made.made, "pictures": vectors, "questions": len(made.scores)})
        return
    console.print(
        plain(f"the reference of {library}: {vectors:,} pictures and {len(made.scores):,} questions, as of {made.made}")
    )


def _print(found: drift.Drift) -> None:
    shown = table("of", "measure", "value", "new", "verdict", "what it says", numbers=("value", "new"))
    for signal in found.signals:
        value = "" if signal.drifted is None else f"{signal.value:.4f}"
        shown.add_row(signal.name, signal.measure, value, f"{signal.n:,}", _verdict(signal), signal.told)
    console.print(shown)
    console.print(plain(f"against the reference of {found.reference}"), style="dim")


def _verdict(signal: drift.Signal) -> Text:
    if signal.drifted is None:
        return Text("too little is new", style="dim")
    return Text("drifted", style="red") if signal.drifted else Text("steady", style="green")
