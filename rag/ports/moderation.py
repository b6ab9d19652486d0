"""What a policy finds and people decide: who checks, and where it is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.model import (
    Actor,
    Asset,
    AssetRef,
    CategoryCounts,
    Check,
    Decided,
    Decision,
    Entry,
    EntryState,
    Hit,
    ThresholdFit,
    Visual,
)
from rag.ports.encoder import Encoder
from rag.ports.vectors import Matrix


@dataclass(frozen=True, slots=True)
class Subject:
    """One asset as a check sees it.

    Attributes:
        visuals: its pictures.
        images: shape (visuals, dim), their vectors.
        captions: for each visual, vectors of its searchable captions, a row each: shape (n, dim).
    """

    asset: Asset
    visuals: Sequence[Visual]
    images: Matrix
    captions: Sequence[Matrix]


class Moderator(Protocol):
    """Checks assets by the policy in use. Safe to call from several threads."""

    def check(self, subjects: Sequence[Subject], encoder: Encoder) -> list[Check]:
        """One check for each subject, in their order.

        One that fails says so in a hit of the category `unchecked`, and hides its asset until it was looked at.

        Args:
            encoder: whose vectors the subjects have.

        Raises:
            Unavailable: retryable; what people decided before could not be read.
        """


class Reviews(Protocol):
    """What policies found and people decided, in the catalog's database. Every change is one commit.

    Reads take the actor and show entries of assets that the actor may see. All methods may raise Unavailable.
    """

    def standing(self, refs: Sequence[AssetRef]) -> Mapping[AssetRef, tuple[Entry, ...]]:
        """All entries of these assets, whoever may see them; assets without any are left out."""

    def record(self, checks: Sequence[Check]) -> list[AssetRef]:
        """Record checks of indexed assets: entries, and how their assets are shown. Calling twice is harmless.

        What people decided under the same version of the policy stands. Assets that are gone are left out.

        Returns:
            Those that are shown in another way than before.
        """

    def due(self, actor: Actor, library: str, rules: str, *, limit: int, after: str = "") -> list[Asset]:
        """A page, by id, of a library's indexed assets that were not checked by `rules`; empty `rules` means all."""

    def due_count(self, actor: Actor, library: str, rules: str) -> int:
        """How many `due` gives in all."""

    def queue(
        self,
        actor: Actor,
        *,
        library: str | None = None,
        category: str | None = None,
        states: Collection[EntryState] = (EntryState.OPEN,),
        limit: int = 50,
        offset: int = 0,
    ) -> list[Entry]:
        """Entries in the order in which people should look: the most severe, then the most ambiguous, then the oldest.

        Args:
            states: empty means all.
        """

    def entry(self, actor: Actor, entry_id: str) -> Entry:
        """Raises NotFound when there is none, or `actor` may not see its asset."""

    def claim(self, actor: Actor, entry_id: str, version: int) -> Entry:
        """Note that `actor` looks at it. Calling twice is harmless.

        Raises:
            NotFound: see `entry`.
            Conflict: it changed since `version`, is not open, or somebody else looks at it at this moment.
        """

    def decide(self, actor: Actor, decision: Decision) -> Entry:
        """Record a decision, and how its asset is shown from now on.

        Raises:
            NotFound: see `entry`.
            Conflict: it changed since `decision.version`, or somebody else looks at it; nothing is recorded.
        """

    def add(self, actor: Actor, ref: AssetRef, hit: Hit) -> Entry:
        """An open entry that no policy made, shown as the asset is; an existing one of its category is given.

        Raises:
            NotFound: no such asset for `actor`.
        """

    def decisions(self, *, policy_hash: str = "", encoder_id: str = "") -> list[Decided]:
        """All decisions of people, the oldest first; of one policy and encoder, where they are given."""

    def counts(self, actor: Actor, library: str | None = None) -> list[CategoryCounts]:
        """By category, the most open ones first."""

    def keep_fit(self, fit: ThresholdFit) -> None:
        """Record a fit as of now. Calling twice only moves its time."""

    def fit(self, policy_hash: str, encoder_id: str) -> ThresholdFit | None:
        """The newest installed one; None where there is none."""
