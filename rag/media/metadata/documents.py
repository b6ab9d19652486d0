"""What a PDF's information dictionary says (ISO 32000-1, 14.3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.media.metadata.text import clean, merged, named
from rag.media.visuals import Metadata


def document_metadata(fields: Mapping[str, str], *, keep_personal: bool) -> Metadata:
    """Subject and title as captions. A PDF's date is when it was written, not when anything was captured."""
    found = Metadata(
        captions=(fields.get("Subject", ""), fields.get("Title", "")),
        keywords=tuple(re.split(r"\s*[;,]\s*", clean(fields.get("Keywords", ""), 10_000))),
        personal=named(creator=clean(fields.get("Author", ""))) if keep_personal else {},
    )
    return merged((found,))
