"""Which generation somebody means."""

from __future__ import annotations

from rag.errors import NotFound
from rag.model import COMPLETE, Generation
from rag.ports import Services


def complete_generation(services: Services, wanted: str) -> Generation:
    """The one whose encoder has this name or id, or that has this number. Raises NotFound: none that is complete."""
    complete = [one for one in services.generations.every() if one.state in COMPLETE]
    for one in complete:
        if wanted in (one.encoder, one.encoder_id, str(one.number)):
            return one
    there = ", ".join(f"{one.number} ({one.encoder})" for one in complete)
    raise NotFound(
        f"no complete generation has the encoder {wanted!r}; there is {there}. "
        f"picturedesk encoder migrate {wanted} --no-switch makes one"
    )
