"""What the database holds of a person or an asset beside what belongs to the asset's own row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from rag.model import AssetId, VisualId

ERASED = "erased"
"""Stands where a name stood, in what has to stay."""


@dataclass(frozen=True, slots=True)
class Traced:
    """How much of somebody or something is there.

    Attributes:
        events: of a person those that he caused; of an asset those that show or name it.
        conversations: of a person.
        jobs: that a person handed in.
        files: entries of jobs: of all jobs of a person, or of one asset.
        drafts: of captions: that a person made, changed or decided; of an asset, or with its captions as examples.
        decisions: of moderation: that a person took, or of an asset.
        reviews: of events, by a person.
        assets: libraries that have the asset.
    """

    events: int = 0
    conversations: int = 0
    jobs: int = 0
    files: int = 0
    drafts: int = 0
    decisions: int = 0
    reviews: int = 0
    assets: int = 0


class Traces(Protocol):
    """For erasure. All methods raise Unavailable (retryable); calling twice is harmless."""

    def of_person(self, name: str) -> Traced:
        """What is there now."""

    def of_asset(self, asset_id: AssetId, visuals: Collection[VisualId]) -> Traced:
        """What is there now, in every library."""

    def forget_person(self, name: str) -> None:
        """Put ERASED where the name stands in jobs, drafts and decisions, and nothing where the person's words stand.

        Counts of jobs, decisions and approved captions stay as they are. Files that a job of the person
        goes on to hand in are recorded without their names.
        """

    def forget_asset(self, asset_id: AssetId, visuals: Collection[VisualId]) -> None:
        """Empty what tells of an asset outside of its own record: in jobs, in drafts of others, in judgements.

        Drafts of others that were written after its captions go while they are open, and lose their words
        where they were rejected or replaced; what an editor approved is another picture's caption, and stays.
        """

    def overwrite(self) -> None:
        """Leave nothing of it in the database's files, as far as that can be done from here."""
