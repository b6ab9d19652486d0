"""Why each hit was found, and what was dropped for which reason."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from rag.model import Channel, Evidence, Retrieval
from rag.retrieval.explaining import in_words
from rag.terminal.text import console, plain

CHANNELS = {Channel.IMAGE: "what it shows", Channel.CAPTION: "what captions mean", Channel.BM25: "words"}


def print_explanation(retrieval: Retrieval) -> None:
    """One paragraph a hit, then one line a reason for which candidates were dropped."""
    console.print()
    if retrieval.query.where is not None:
        console.print(Text.assemble("filter: ", plain(in_words(retrieval.query.where), 1000)))
    for item in retrieval.evidence:
        for line in _lines(item):
            console.print(line, soft_wrap=True)
    reasons = Counter(item.reason for item in retrieval.dropped)
    for reason, count in reasons.most_common():
        console.print(Text.assemble(f"{count:,} dropped: ", plain(reason)), style="dim")
    if retrieval.page is not None:
        console.print(f"order of event {retrieval.page.event}, after {retrieval.page.after}", style="dim")


def _lines(item: Evidence) -> list[Text]:
    lines = [Text.assemble((item.label, "bold"), f" relevance {item.relevance:.2f}, fused {item.fused:.4f}")]
    lines += [_score(item, channel) for channel in CHANNELS if channel in item.scores]
    if item.reasons:
        parts = ", ".join(f"{name} {part:+.2f}" for name, part in item.reasons.items())
        lines.append(Text(f"    logit of relevance  {parts}"))
    if item.matched is not None:
        lines.append(Text.assemble("    closest caption     ", plain(item.matched.text)))
    if item.unlike:
        lines.append(Text(f"    unwanted            {item.unlike:.2f} likely; lowers relevance"))
    for one in item.conditions:
        lines.append(
            Text.assemble(f"    {'holds' if one.held else 'fails':<19} ", plain(f"{one.words}  ({one.found})"))
        )
    if item.change is not None:
        score = "left out" if item.change.score is None else f"{item.change.score:.2f}"
        moved = f"{item.change.old_rank} to {item.change.new_rank}"
        lines.append(Text.assemble(f"    reranked            {moved}, {score}  ", plain(item.change.reason)))
    return lines


def _score(item: Evidence, channel: Channel) -> Text:
    rank = item.ranks.get(channel)
    place = f"rank {rank}" if rank else "not among its candidates"
    return Text(f"    {CHANNELS[channel]:<19} {item.scores[channel]:.3f}  {place}")
