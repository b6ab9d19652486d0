"""How long an answer takes without an LLM: encoding, three channels, fusion, two durable ledger events."""

from __future__ import annotations

import itertools

from benchmarks.desk import sample_desk
from benchmarks.figure import Figure, paired_seconds
from rag.ask import ask
from rag.model import LOCAL_OWNER, Query

QUESTIONS = ("a red car", "a boat at sunset", "a doctor", "three balls", "a sign that says open")


def figures() -> list[Figure]:
    with sample_desk() as services:
        questions = itertools.cycle(QUESTIONS)
        encoder = services.encoder

        def answer() -> None:
            ask(services, LOCAL_OWNER, Query(next(questions)), door="benchmark")

        def encode() -> None:
            encoder.texts([next(questions)])

        for _ in range(5):
            answer()
        asking, encoding = paired_seconds(answer, encode, times=60)
    return [Figure("ask without an LLM, 240 pictures", 1000 * asking, "ms", baseline=1000 * encoding)]
