"""Drafts and findings as JSON, for the command line and for programs that read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rag.captions.lint.findings import Finding
from rag.captions.wish import Drafting
from rag.model import CaptionDraft, DraftStep, Json


def draft_json(draft: CaptionDraft) -> Json:
    """`id`, `visual`, `asset` and `event` are null for the draft of an upload, which is not kept."""
    return {
        "id": draft.id or None,
        "library": draft.library or None,
        "asset": draft.asset_id or None,
        "visual": draft.visual or None,
        "locator": draft.locator,
        "form": draft.form.value,
        "state": draft.state.value,
        "text": draft.text,
        "drafted": draft.drafted,
        "language": draft.language,
        "composer": draft.composer,
        "decorative": draft.decorative,
        "examples": [asdict(example) for example in draft.examples],
        "facts": dict(draft.facts),
        "event": draft.event,
        "created_by": draft.created_by,
        "created_at": draft.created_at.isoformat() if draft.created_at else None,
        "changed_by": draft.changed_by,
        "changed_at": draft.changed_at.isoformat() if draft.changed_at else None,
        "reason": draft.reason,
        "revision": draft.revision,
    }


def step_json(step: DraftStep) -> Json:
    return asdict(step) | {"at": step.at.isoformat() if step.at else None}


def findings_json(findings: Sequence[Finding]) -> list[Json]:
    return [asdict(finding) for finding in findings]


def drafting_json(drafting: Drafting) -> Json:
    return {
        "drafts": [draft_json(one.draft) | {"findings": findings_json(one.findings)} for one in drafting.drafts],
        "examples": [asdict(example) for example in drafting.examples],
        "language": drafting.language,
        "composer": drafting.composer,
        "notices": list(drafting.notices),
        "retrieval": drafting.retrieval,
        "event": drafting.event,
    }
