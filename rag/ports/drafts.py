"""Where drafts of captions are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from rag.model import Actor, CaptionDraft, CaptionForm, DraftState, DraftStep, VisualId


class CaptionDrafts(Protocol):
    """Drafts of captions with the steps of their review. Every read shows only drafts of pictures that the actor sees.

    All methods raise Unavailable (retryable, nothing is written) when the database does not answer.
    """

    def add(self, drafts: Sequence[CaptionDraft]) -> list[str]:
        """Keep new drafts. One whose id is there changes nothing; one whose asset is gone is left out.

        Returns:
            Ids of those that are new.
        """

    def get(self, actor: Actor, draft: str) -> CaptionDraft:
        """By its id, or the first eight or more characters of it.

        Raises:
            NotFound: there is none, or its picture is not for this actor.
            BadQuery: several begin so.
        """

    def find(
        self,
        actor: Actor,
        *,
        library: str = "",
        visual: str = "",
        form: CaptionForm | None = None,
        states: Collection[DraftState] = (),
        limit: int = 100,
        after: str = "",
    ) -> list[CaptionDraft]:
        """A page of drafts in the order of their ids; `after` is the last id of the page before.

        Args:
            library, visual, form, states: only those of it; empty means all.
        """

    def steps(self, actor: Actor, draft: str) -> list[DraftStep]:
        """What happened to a draft, in order; its drafting is none. Raises NotFound."""

    def take(self, actor: Actor, step: DraftStep) -> CaptionDraft:
        """Edit, approve or reject: one commit with all that follows from it.

        An approved text becomes a caption of its asset, of origin `generated`; an earlier approved one of
        the same picture, form and language is replaced by it. An empty text becomes no caption.

        Args:
            step: `step.revision` is one more than that of the draft that it was decided on.

        Returns:
            The draft as it is now.

        Raises:
            NotFound: as `get`.
            AlreadyDecided: it is decided, or another step was taken since; nothing is changed.
        """

    def lacking(
        self, actor: Actor, library: str, form: CaptionForm, language: str, *, limit: int, after: str = ""
    ) -> list[VisualId]:
        """Visuals of indexed assets without a draft of this form and language, whatever became of it; a page by id."""
