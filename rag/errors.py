"""Everything that Picture Desk raises on purpose.

    PictureDeskError
    ├── BadRequest              the caller can mend it; HTTP 422
    │   ├── BadQuery            a question that cannot be asked
    │   ├── BadSource           a folder or manifest that cannot be read
    │   └── BadSettings         a setting that cannot work
    ├── NotFound                no such thing, or not for this actor; HTTP 404
    │   └── ModelNotFound       no such model, at a door that looks like one
    ├── NotAllowed              the actor lacks the right; HTTP 403
    ├── Cancelled               somebody stopped the job; HTTP 409
    ├── Conflict                somebody else changed it meanwhile; HTTP 409
    │   └── AlreadyDecided      somebody was faster, or it was decided long ago
    ├── Unauthenticated         no key, or an unknown one; HTTP 401
    ├── BadMedia                bytes that are no picture we can show
    │   ├── UnsupportedMedia    understood and declined: the asset is skipped
    │   └── BrokenMedia         claims to be a picture and is not: the asset is quarantined
    ├── Rejected                a part refused our request; retrying will not help
    │   ├── DimensionMismatch   a vector of the wrong length
    │   └── LlmRefused          the LLM declined: key, model name, content; HTTP 502
    │       └── ContextTooLong  the prompt is longer than the LLM takes
    ├── EncoderBroken           the encoder cannot be loaded or fails its canary
    ├── Retryable               try again later; HTTP 503
    │   ├── Unavailable         a part did not answer: store, catalog, queue
    │   │   ├── DiskFull        there is no room to write; what was accepted stays
    │   │   └── LlmUnavailable  the LLM is busy, silent, or broke off
    │   ├── LedgerUnavailable   no event could be written, so there is no answer
    │   └── StoreLocked         another process owns the data folder

Adapters translate the errors of their libraries into these and keep the cause.
Each message is one line: what failed, why, and what to do.
"""


class PictureDeskError(Exception):
    """Root of the tree. `type` is stable and part of the HTTP interface."""

    status = 500
    type = "internal"

    @property
    def title(self) -> str:
        """The type in words, for problem+json."""
        return self.type.replace("-", " ").capitalize()


class BadRequest(PictureDeskError):
    status = 422
    type = "bad-request"


class BadQuery(BadRequest):
    type = "bad-query"


class BadSource(BadRequest):
    type = "bad-source"


class BadSettings(BadRequest):
    type = "bad-settings"


class NotFound(PictureDeskError):
    status = 404
    type = "not-found"


class ModelNotFound(NotFound):
    type = "model-not-found"


class NotAllowed(PictureDeskError):
    status = 403
    type = "not-allowed"


class Cancelled(PictureDeskError):
    status = 409
    type = "cancelled"


class Conflict(PictureDeskError):
    status = 409
    type = "conflict"


class AlreadyDecided(Conflict):
    type = "already-decided"


class Unauthenticated(PictureDeskError):
    status = 401
    type = "unauthenticated"


class BadMedia(PictureDeskError):
    status = 415
    type = "bad-media"


class UnsupportedMedia(BadMedia):
    type = "unsupported-media"


class BrokenMedia(BadMedia):
    type = "broken-media"


class Rejected(PictureDeskError):
    type = "rejected"


class DimensionMismatch(Rejected):
    type = "dimension-mismatch"


class LlmRefused(Rejected):
    status = 502
    type = "llm-refused"


class ContextTooLong(LlmRefused):
    type = "context-too-long"


class EncoderBroken(PictureDeskError):
    type = "encoder-broken"


class Retryable(PictureDeskError):
    """Attributes:
    retry_after: seconds to wait before trying again, where the part that failed named them.
    """

    status = 503
    type = "retryable"
    retry_after: float | None = None


class Unavailable(Retryable):
    type = "unavailable"


class DiskFull(Unavailable):
    type = "disk-full"


class LlmUnavailable(Unavailable):
    type = "llm-unavailable"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LedgerUnavailable(Retryable):
    type = "ledger-unavailable"


class StoreLocked(Retryable):
    type = "store-locked"
