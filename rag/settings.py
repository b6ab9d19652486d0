"""Every setting, in one class. No instance is made here: doors make one and pass it on.

Each field is an environment variable with the prefix `PICTUREDESK_`
(`PICTUREDESK_ENCODER`), or a line of `.env`. The defaults are the embedded
profile: one process, no services, no key.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ONE_MIB = 1024 * 1024


class ApiKey(BaseModel):
    """One key and the actor it stands for. Only the key's SHA-256 is configured."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    actor: str
    roles: frozenset[str] = frozenset({"reader"})
    groups: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()


class Settings(BaseSettings):
    """Where the parts are and how much they may take."""

    model_config = SettingsConfigDict(env_prefix="PICTUREDESK_", env_file=".env", extra="ignore", frozen=True)

    data: Path = Field(Path("data"), description="Folder of the embedded profile; URLs left empty live in it.")
    database: str = Field("", description="sqlite:///path or postgresql+psycopg://…; empty: SQLite in `data`.")
    vectors: str = Field("", description="edge:///path or http(s)://…; empty: Qdrant Edge in `data`.")
    vectors_key: SecretStr | None = Field(None, description="API key of the Qdrant server.")
    vectors_on_disk: bool = Field(
        False, description="Leave full vectors on disk and hold only quantised ones in memory: for big libraries."
    )
    broker: str = Field("memory://", description="memory:// or redis://…")
    blobs: str = Field("", description="file:///path, s3://bucket/prefix, …; empty: a folder in `data`.")

    encoder: str = Field(
        "demo",
        description="Encoder of a new installation; later `picturedesk encoder migrate` changes it. `demo`; "
        "MODEL/PRETRAINED of open_clip (ViT-B-16-SigLIP2/webli); hf-hub:ORG/NAME; "
        "local-dir:/path; or MODEL//path/to/checkpoint for an open_clip architecture with local weights.",
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps")
    precision: Literal["auto", "fp32", "bf16", "fp16", "int8"] = "auto"
    compile: bool = Field(False, description="torch.compile the encoder: slower to start; needs a C++ compiler.")

    llm: str = Field(
        "", description="Model name; with `llm_url` an OpenAI-compatible one, else PROVIDER:MODEL of LangChain."
    )
    llm_url: str = Field("", description="Base URL of an OpenAI-compatible endpoint, e.g. http://127.0.0.1:11434/v1")
    llm_key: SecretStr | None = None
    llm_sees_images: bool = Field(False, description="Send thumbnails of the evidence along.")
    llm_prompt_tokens: int = Field(
        6_000, ge=500, description="Most tokens of a prompt; the least relevant evidence goes first."
    )
    llm_timeout: float = Field(60.0, gt=0, description="Seconds until the LLM's first word.")
    llm_gap: float = Field(30.0, gt=0, description="Seconds between two pieces of its answer.")
    llm_seconds: float = Field(180.0, gt=0, description="Seconds for a whole answer; what is longer is cut off.")
    llm_longest: int = Field(20_000, gt=0, description="Characters of a whole answer; what is longer is cut off.")
    llm_retries: int = Field(2, ge=0, le=10, description="Further attempts when the LLM is busy or silent.")
    llm_patience: float = Field(
        20.0, ge=0, description="Seconds that attempts and waits (Retry-After) may take before the last attempt begins."
    )
    prompts: str = Field("", description="Folder of own prompts; each replaces the shipped one with its id.")
    llm_temperature: float = Field(0.0, ge=0, le=2)

    reranker: str = Field(
        "", description="Empty: none. `llm`: the LLM above, which sees thumbnails. `cross-encoder:PATH_OR_NAME`."
    )
    rerank_top: int = Field(10, ge=2, le=50, description="How many of the first pictures are reranked.")

    policy: str = Field(
        "", description="Moderation policy: a file, or the name of one in prompts/policies. Empty: no moderation."
    )

    library: str = Field("default", description="Library that the doors use when none is named.")
    top_k: int = Field(8, ge=1, le=100)
    candidates: int = Field(100, ge=1, le=1000, description="Candidates taken from each channel.")
    min_relevance: float = Field(0.2, ge=0, le=1, description="Below this nothing counts as evidence for an answer.")

    max_bytes: int = Field(100 * ONE_MIB, gt=0, description="Largest file taken in.")
    max_pixels: int = Field(200_000_000, gt=0, description="Largest picture, page or frame decoded.")
    max_visuals: int = Field(500, ge=1, description="Most pictures taken from one film or document.")
    frames_per_minute: int = Field(12, ge=1, description="Most keyframes taken from a minute of film.")
    decode_seconds: float = Field(5.0, gt=0, description="CPU seconds for one picture, page or step of a film.")
    media_seconds: float = Field(300.0, gt=0, description="Seconds for a whole film or document.")
    decode_memory: int = Field(2 * 1024 * ONE_MIB, gt=0, description="Bytes that one decoder process may take.")
    mask_lettering: bool = Field(
        False, description="Paint lettering over before a picture is encoded: words written on it then sway nothing."
    )
    decoders: int = Field(0, ge=0, description="Decoder processes; 0 means one for each core.")
    fetch_seconds: float = Field(30.0, gt=0, description="Seconds for one file fetched from a URL.")
    fetch_ports: tuple[int, ...] = Field((80, 443), description="Ports that URLs of pictures may name.")
    fetch_private: tuple[str, ...] = Field(
        (), description="Private networks that URLs may lead to, as 10.1.0.0/16; none by default."
    )
    max_question: int = Field(4_000, gt=0, description="Longest question, in characters.")

    batch: int = Field(32, ge=1, le=1024, description="Assets per task.")
    attempts: int = Field(3, ge=1, description="Failures after which an asset is quarantined.")
    resend_after: float = Field(
        600.0, gt=0, description="Seconds after which an unfinished asset's task is sent again."
    )
    visibility_timeout: float = Field(
        3600.0, gt=0, description="Seconds after which Redis hands out again what a worker took and has not ended."
    )
    worker_threads: int = Field(4, ge=1, description="Tasks at a time in one worker process; they share its encoder.")

    otel: str = Field(
        "",
        description="OTLP/HTTP address that spans of retrievals and answers go to, as http://127.0.0.1:4318/v1/traces.",
    )
    otel_content: bool = Field(False, description="Put questions, answers and ids of pictures and people into spans.")
    audit_rules: str = Field("", description="File of rules for what auditors should look at; empty: the shipped one.")

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    mcp_key: SecretStr | None = Field(None, description="Whom `picturedesk mcp` acts as over stdio; none: the owner.")
    api_keys: tuple[ApiKey, ...] = Field((), description="JSON list; needed before listening beyond loopback.")

    ledger_key: str = Field(
        "", description="File with the ledger's keys; empty: made in `data` (SQLite), needed with PostgreSQL."
    )
    checkpoint_seconds: float = Field(
        300.0, gt=0, description="Seconds after which the ledger's new events are signed for in a checkpoint."
    )
    checkpoint_events: int = Field(1000, ge=1, description="Events after which they are.")
    checkpoint_to: str = Field(
        "",
        description="Where checkpoints are published: a file to append to, http(s)://…, or command:PROGRAM ARGUMENTS.",
    )
    retention_days: int = Field(
        183, ge=183, description="Fewest days that a library can have what the ledger recorded of it kept for."
    )

    @field_validator("database", "vectors", "broker", "blobs")
    @classmethod
    def has_scheme(cls, url: str) -> str:
        """Catch `localhost:6379` and the like before a library gives a riddle for an error."""
        if url and "://" not in url:
            raise ValueError(f"{url!r} is no URL: it needs a scheme, such as sqlite:///, edge:///, redis:// or http://")
        return url

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data.absolute() / 'catalog.sqlite'}"

    @property
    def ledger_key_path(self) -> Path | None:
        """None where it has to be said: several machines may share that database, and none of them may make a key."""
        if self.ledger_key:
            return Path(self.ledger_key)
        return self.data.absolute() / "ledger.key" if self.database_url.startswith("sqlite") else None

    @property
    def vectors_url(self) -> str:
        return self.vectors or f"edge://{self.data.absolute() / 'vectors'}"

    @property
    def blobs_url(self) -> str:
        return self.blobs or f"file://{self.data.absolute() / 'blobs'}"


def without_credentials(url: str) -> str:
    """A URL as it may be shown and logged: without user, password, query and fragment. Its slashes stay."""
    scheme, _, rest = re.split(r"[?#]", url, maxsplit=1)[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
