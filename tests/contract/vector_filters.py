"""A shelf of four points, and which of them each filter matches."""

from __future__ import annotations

from datetime import UTC, datetime

from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or
from tests.contract.vector_points import point

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SAME_TIME = "2024-05-01T14:00:00+02:00"

SHELF = [
        point(1, library="a", tags=["red", "sea"], width=100, captured_at="2024-05-01T12:00:00Z", access_groups=[]),
        point(2, library="b", tags=["red"], width=200, captured_at=SAME_TIME, access_groups=["press"]),
        point(3, library="b", tags=[], width=300, captured_at=None, moderation="blocked"),
        point(4, library="c", captured_at="2025-01-01T00:00:00+00:00", access_groups=["legal", "press"]),
    ]  # fmt: skip

CASES: list[tuple[Filter, set[int]]] = [
    (Eq("library", "a"), {1}),
    (Eq("tags", "red"), {1, 2}),
    (Eq("width", 200), {2}),
    (Eq("library", "nowhere"), set()),
    (AnyOf("library", ("a", "c")), {1, 4}),
    (AnyOf("tags", ("sea", "red")), {1, 2}),
    (AnyOf("library", ()), set()),
    (Not(AnyOf("library", ())), {1, 2, 3, 4}),
    (Between("width", 100, 200), {1, 2}),
    (Between("width", low=201), {3}),
    (Between("width", high=99.5), set()),
    (Between("captured_at", NOON, NOON), {1, 2}),
    (Between("captured_at", high=NOON), {1, 2}),
    (Between("captured_at", low=datetime(2024, 6, 1, tzinfo=UTC)), {4}),
    (Missing("tags"), {3, 4}),
    (Missing("captured_at"), {3}),
    (Missing("access_groups"), {1, 3}),
    (Missing("source"), {1, 2, 3, 4}),
    (Not(Missing("access_groups")), {2, 4}),
    (And(()), {1, 2, 3, 4}),
    (Or(()), set()),
    (Not(And(())), set()),
    (Not(Or(())), {1, 2, 3, 4}),
    (And((Eq("library", "b"), Not(Eq("moderation", "blocked")))), {2}),
    (Or((Eq("library", "a"), And((Eq("library", "b"), Missing("tags"))))), {1, 3}),
    (And((Or((Eq("library", "a"), Eq("library", "b"))), Or((Eq("width", 100), Eq("width", 300))))), {1, 3}),
    (Not(Or((Eq("library", "a"), Not(Eq("tags", "red"))))), {2}),
    (
        And((
            AnyOf("library", ("a", "b", "c")),
            Or((Missing("access_groups"), AnyOf("access_groups", ("press",)))),
            Not(Eq("moderation", "blocked")),
        )),
        {1, 2, 4},
    ),
    (
        And((
            AnyOf("library", ("a", "b", "c")),
            Or((Missing("access_groups"), AnyOf("access_groups", ()))),
            Not(Eq("moderation", "blocked")),
        )),
        {1},
    ),
]  # fmt: skip
