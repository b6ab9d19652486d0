"""Between encoding and storing: what the policy says of complete assets, from the vectors that are at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rag.pipeline.work import Work
from rag.ports import Encoder, Matrix, Moderator, Subject

Texts = Sequence[Sequence[str]]
"""Of one asset: for each visual the texts of its captions."""

RowsOf = Callable[[Encoder, Sequence[str]], Matrix]
"""The vectors of some texts, shape (texts, dim)."""


def moderate(moderator: Moderator, works: Sequence[Work], texts: Sequence[Texts], rows_of: RowsOf) -> None:
    """Check assets that are new to the library, or indexed anew; what only goes into one more collection was checked.

    Args:
        texts: beside `works`.

    Raises:
        Retryable: what people decided before could not be read.
    """
    fresh = [(work, groups) for work, groups in zip(works, texts, strict=True) if not work.again]
    for encoder in {id(work.targets[0].encoder): work.targets[0].encoder for work, _ in fresh}.values():
        some = [(work, groups) for work, groups in fresh if work.targets[0].encoder is encoder]
        subjects = [_subject(work, [rows_of(encoder, group) for group in groups]) for work, groups in some]
        for (work, _), check in zip(some, moderator.check(subjects, encoder), strict=True):
            work.judged(check)


def _subject(work: Work, captions: Sequence[Matrix]) -> Subject:
    vectors = [own[0] for own in work.vectors]
    images = np.stack([vector for vector in vectors if vector is not None])  # (visuals, dim)
    assert len(images) == len(vectors), "an asset is complete when the first target has all of its vectors"
    return Subject(work.asset, tuple(work.visuals), images, captions)
