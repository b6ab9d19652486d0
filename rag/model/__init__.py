"""The words of the house as frozen values: what flows pass around and ports speak in.

Nothing here does I/O or knows a library other than the standard one. Times are
aware datetimes in UTC. Sizes are bytes, lengths pixels.
"""

from rag.model.actor import ALL_LIBRARIES, LOCAL_OWNER, Actor
from rag.model.answer import NEW, Answer, Message, Piece, Prompt, Question, Restarted, Retrieved, Step, Support, Turn
from rag.model.calibration import CalibrationFit
from rag.model.conversation import Conversation, KeptTurn
from rag.model.drafts import OPEN, CaptionDraft, CaptionForm, DraftState, DraftStep, Example
from rag.model.event import Event
from rag.model.evidence import Condition, Dropped, Evidence, PageOf, Retrieval
from rag.model.generation import COMING, COMPLETE, WRITTEN, Generation, GenerationState
from rag.model.ids import VISUAL_NAMESPACE, AssetId, Json, VisualId, visual_id
from rag.model.library import (
    Asset,
    AssetRef,
    AssetState,
    Begun,
    Caption,
    CaptionOrigin,
    CaptionStatus,
    Concluded,
    Coverage,
    Found,
    GeneratedTag,
    Job,
    JobItem,
    Moderation,
    Outcome,
    Visual,
)
from rag.model.query import And, AnyOf, Between, Channel, Eq, Filter, Missing, Not, Or, Part, Query
from rag.model.reranking import RankChange

__all__ = [
    "ALL_LIBRARIES",
    "COMING",
    "COMPLETE",
    "LOCAL_OWNER",
    "NEW",
    "OPEN",
    "VISUAL_NAMESPACE",
    "WRITTEN",
    "Actor",
    "And",
    "Answer",
    "AnyOf",
    "Asset",
    "AssetId",
    "AssetRef",
    "AssetState",
    "Begun",
    "Between",
    "CalibrationFit",
    "Caption",
    "CaptionDraft",
    "CaptionForm",
    "CaptionOrigin",
    "CaptionStatus",
    "Channel",
    "Concluded",
    "Condition",
    "Conversation",
    "Coverage",
    "DraftState",
    "DraftStep",
    "Dropped",
    "Eq",
    "Event",
    "Evidence",
    "Example",
    "Filter",
    "Found",
    "GeneratedTag",
    "Generation",
    "GenerationState",
    "Job",
    "JobItem",
    "Json",
    "KeptTurn",
    "Message",
    "Missing",
    "Moderation",
    "Not",
    "Or",
    "Outcome",
    "PageOf",
    "Part",
    "Piece",
    "Prompt",
    "Query",
    "Question",
    "RankChange",
    "Restarted",
    "Retrieval",
    "Retrieved",
    "Step",
    "Support",
    "Turn",
    "Visual",
    "VisualId",
    "visual_id",
]
