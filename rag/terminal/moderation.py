"""Policies, findings and decisions in the terminal. Reasons may quote a caption: they are shown as plain characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.text import Text

from rag.locators import in_words
from rag.model import Action, CategoryCounts, Entry, Hit, Moderation
from rag.moderation.calibrating import Calibrated, CategoryFit
from rag.moderation.checking import Rechecked, Verdict
from rag.moderation.policy import Policy
from rag.moderation.recording import entry_json, hit_json
from rag.moderation.thresholds import Figures
from rag.moderation.thresholds import plain as plain_thresholds
from rag.terminal.text import console, errors, plain, print_json, table
from rag.terminal.words import count, duration

STYLES = {
    Moderation.ALLOWED: "green",
    Moderation.REVIEW: "yellow",
    Moderation.BLURRED: "magenta",
    Moderation.BLOCKED: "red",
}
SHOWN_ID = 8
"""Digits of an entry's id that `decide` understands."""


def print_policy(policy: Policy, as_json: bool) -> None:
    if as_json:
        print_json({"id": policy.id, "hash": policy.hash, **policy.file.model_dump(mode="json", exclude={"id"})})
        return
    console.print(Text.assemble((policy.id, "bold"), f"  {policy.hash[:12]}  ", plain(policy.file.purpose)))
    shown = table("category", "from", "severity", "meanwhile", "by", "means")
    for one in policy.categories:
        steps = ", ".join(f"{action} {least:.2f}" for action, least in one.thresholds.items())
        meanwhile = one.shown_meanwhile if one.action is not Action.ALLOW else "-"
        shown.add_row(one.name, steps, one.severity, meanwhile, ", ".join(one.sides), plain(one.means))
    console.print(shown)
    if (mismatch := policy.file.mismatch) is not None:
        console.print(f"captions that fit with a probability below {mismatch.below:.2f} are flagged")


def print_verdict(name: str, verdict: Verdict, as_json: bool) -> None:
    if as_json:
        findings = [hit_json(hit) for hit in verdict.hits]
        said = {"action": verdict.action, "shown": verdict.shown, "findings": findings, "event": verdict.event}
        print_json({"name": name, **said})
        return
    console.print(Text.assemble(_state(verdict.shown), "  ", plain(name)))
    for hit in verdict.hits:
        console.print(Text.assemble("   ", _said(hit)))
    if not verdict.hits:
        console.print("   nothing that the policy looks for", style="dim")


def print_rechecked(library: str, steps: Iterable[Rechecked], as_json: bool) -> None:
    """A line a page while it goes on, and the counts at the end."""
    last = Rechecked(0, 0, 0, 0)
    for step in steps:
        last = step
        if step.done < step.total:
            errors.print(f"{library}: {step.done:,} of {step.total:,} assets", style="dim", highlight=False)
    if as_json:
        print_json({"library": library, **asdict(last)})
        return
    if not last.total:
        console.print(f"{library}: all of it was checked by these rules already", highlight=False)
        return
    ends = f"{last.found:,} with findings, {last.changed:,} shown in another way than before"
    console.print(f"{library}: {count(last.done, 'asset')} checked; {ends}", highlight=False)


def print_queue(entries: Sequence[Entry], as_json: bool) -> None:
    if as_json:
        for entry in entries:
            print_json(entry_json(entry))
        return
    if not entries:
        console.print("Nothing waits.")
        return
    shown = table("entry", "severity", "shown", "category", "library", "why")
    for entry in entries:
        hit = entry.hit
        who = Text(f"  ({entry.claimed_by} looks at it)", "dim") if entry.claimed_by else Text()
        decided = Text(f"  {entry.decision} by {entry.decided_by}", "dim") if entry.decision else Text()
        place = f"{in_words(hit.locator)}: " if hit.locator else ""
        why = Text.assemble(place, plain(hit.reason, 300), decided, who)
        shown.add_row(entry.id[:SHOWN_ID], hit.severity, _state(entry.shows), hit.category, entry.ref.library, why)
    console.print(shown)


def print_decided(entry: Entry, as_json: bool) -> None:
    if as_json:
        print_json(entry_json(entry))
        return
    line = f"{entry.id[:SHOWN_ID]} {entry.hit.category}: {entry.decision}; ledger event {entry.event}"
    console.print(line, highlight=False)


def print_calibrated(done: Calibrated, as_json: bool) -> None:
    if as_json:
        print_json(
            {"installed": done.installed, "event": done.event, "categories": list(map(_fit_json, done.categories))}
        )
        return
    shown = table("category", "decisions", "cost", "precision", "recall", "looked at", "", numbers=("decisions",))
    for one in done.categories:
        cells = [_change(one, name) for name in ("cost", "precision", "recall", "reviewed")]
        steps = ", ".join(f"{action} {least:.2f}" for action, least in one.thresholds.items())
        end = f"in use: {steps}" if one.better else one.reason
        shown.add_row(one.category, f"{one.decisions:,}", *cells, end)
    console.print(shown)
    if done.installed:
        console.print("picturedesk moderation check --all brings the new thresholds to what was checked before.")


def print_report(counts: Sequence[CategoryCounts], as_json: bool) -> None:
    if as_json:
        for one in counts:
            print_json(asdict(one))
        return
    if not counts:
        console.print("Nothing was found so far.")
        return
    numbers = ("open", "automatic", "decided", "overturned", "closed")
    shown = table("category", *numbers, "oldest waits", numbers=numbers)
    for one in counts:
        waits = duration((datetime.now(UTC) - one.oldest).total_seconds()) if one.oldest else "-"
        rate = f"{one.overturned:,} ({one.overturned / one.decided:.0%})" if one.decided else "-"
        figures = (f"{one.open:,}", f"{one.automatic:,}", f"{one.decided:,}", rate, f"{one.closed:,}")
        shown.add_row(one.category, *figures, waits)
    console.print(shown)


def _said(hit: Hit) -> Text:
    return Text.assemble((hit.category, "bold"), f" {hit.action}: ", plain(hit.reason, 300))


def _state(state: Moderation) -> Text:
    return Text(state.value, STYLES[state])


def _change(one: CategoryFit, name: str) -> str:
    if one.before is None or one.now is None:
        return "-"
    return f"{_number(one.before, name)} → {_number(one.now, name)}"


def _number(figures: Figures, name: str) -> str:
    value = getattr(figures, name)
    return "-" if value is None else f"{value:.2f}"


def _fit_json(one: CategoryFit) -> dict[str, object]:
    return {
        "category": one.category,
        "decisions": one.decisions,
        "installed": one.better,
        "reason": one.reason,
        "thresholds": plain_thresholds(one.thresholds),
        "before": one.before.as_json() if one.before else None,
        "now": one.now.as_json() if one.now else None,
    }
