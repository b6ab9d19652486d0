"""Which encoders an installation has, with the collections of their vectors; which one is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rag.model import Generation
from rag.ports.encoder import Encoder
from rag.ports.vectors import VectorStore

QUEUED = "the queue"
"""Owner of a lease on what waits for a worker; whoever takes it from the queue takes the lease over."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A generation as one process has it: its encoder loaded, its collection open.

    A flow takes the live one once and uses nothing else until its end: so no response
    mixes one encoder's question with another's vectors, whatever is switched meanwhile.
    """

    number: int
    encoder: Encoder
    store: VectorStore


class Generations(Protocol):
    """The generations of an installation, kept in the catalog. Every change is one commit.

    All methods raise Unavailable when the database does not answer.
    """

    def every(self) -> list[Generation]:
        """All that ever were, in the order of their numbers."""

    def get(self, number: int) -> Generation:
        """Raises NotFound."""

    def found(self, encoder: str, encoder_id: str, collection: str) -> Generation:
        """The live generation; where there is none yet, it becomes this one."""

    def want(
        self, encoder: str, *, based_on: int | None = None, options: Mapping[str, Any] | None = None
    ) -> Generation:
        """Ask for another encoder. What was kept to go back to is dropped by the same commit.

        Raises:
            BadRequest: another one is on its way.
        """

    def describe(self, number: int, encoder: str, encoder_id: str, collection: str, report: Mapping[str, Any]) -> None:
        """Say what a wanted one turned out to be, once its encoder was loaded. Its state stays."""

    def fill(self, number: int) -> None:
        """Its collection is there: what is indexed from now on goes into it as well."""

    def progress(self, number: int, done: int, total: int) -> None: ...

    def ready(self, number: int, report: Mapping[str, Any]) -> None:
        """It is complete, and compares with the live one as `report` says."""

    def give_up(self, number: int, trouble: str) -> None:
        """It cannot be had; the live one stays. Does nothing to one that is live or previous."""

    def stumble(self, number: int, trouble: str) -> None:
        """Note why it does not go on at the moment; empty when it does."""

    def switch(self, number: int) -> Generation:
        """Make a complete generation the live one, and the live one the previous. One that is live stays so.

        Raises:
            NotFound: there is none of this number.
            BadRequest: it is not complete.
        """

    def drop(self, number: int) -> Generation:
        """Let a generation go; its collection is removed afterwards. Raises NotFound, or BadRequest when it is live."""

    def removed(self, number: int) -> None:
        """Its collection is gone. Calling twice is harmless."""

    def lease(self, number: int, owner: str, seconds: float) -> bool:
        """Take it to work on it, or keep it, for so long; False while another process has it, or it needs no work.

        With `QUEUED` as owner: say that a task was sent; False as well where one was.
        """

    def release(self, number: int, owner: str) -> None:
        """Let others have it. Does nothing where `owner` does not have it."""
