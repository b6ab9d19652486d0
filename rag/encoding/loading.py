"""From an encoder's name to its model; every failure becomes one line that says what to do."""

from __future__ import annotations

import difflib
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import open_clip
from open_clip.transform import PreprocessCfg
from safetensors import SafetensorError

from rag.encoding import priors
from rag.encoding.openclip import Loaded
from rag.encoding.quiet import quiet
from rag.encoding.spec import FORMS, Source, Spec, parse
from rag.errors import BadSettings, EncoderBroken

CHECKPOINTS = (".safetensors", ".pt", ".pth", ".bin")
"""Formats that hold weights only; the last three are read with torch's restricted unpickler."""

OFFLINE = {
    "ConnectError",
    "ConnectionError",
    "LocalEntryNotFoundError",
    "OfflineModeIsEnabled",
    "SocketBlockedError",
    "SocketConnectBlockedError",
    "TimeoutException",
    "URLError",
    "gaierror",
}
"""Errors that mean the network, and not what was asked of it."""


def load(spec: str) -> Loaded:
    """The model behind a name, in fp32 on the CPU.

    Raises:
        BadSettings: no such model, tag, folder or file.
        EncoderBroken: weights that cannot be fetched, read or trusted.
    """
    wanted = parse(spec)
    if wanted.source is Source.DEMO:
        from rag.encoding.demo import loading as demo

        return demo.load()
    name, pretrained = {
        Source.OPEN_CLIP: _from_open_clip,
        Source.HUB: _from_hub,
        Source.FOLDER: _from_folder,
    }[wanted.source](wanted)
    with quiet(), _translating(spec):
        return _loaded(spec, name, pretrained)


def _loaded(spec: str, name: str, pretrained: str | None) -> Loaded:
    tag = open_clip.get_pretrained_cfg(name, pretrained) if pretrained else {}
    model = open_clip.create_model(
        name,
        pretrained,
        device="cpu",
        precision="fp32",
        require_pretrained=True,
        weights_only=True,
        # Weights trained with QuickGELU are wrong without it, and open_clip would only warn.
        force_quick_gelu=bool(tag.get("quick_gelu")),
    )
    return Loaded(
        name=_short(spec),
        model=model,
        tokenizer=open_clip.get_tokenizer(name),
        preprocessing=PreprocessCfg(**model.visual.preprocess_cfg),
        priors=priors.generic(model),
        description=f"open_clip model {_short(spec)}",
    )


def _from_open_clip(spec: Spec) -> tuple[str, str]:
    known = open_clip.list_models()
    if spec.model not in known:
        raise BadSettings(f"open_clip has no model {spec.model!r}{_near(spec.model, known)}; write one of {FORMS}")
    tags = open_clip.list_pretrained_tags_by_model(spec.model)
    if not spec.weights:
        raise BadSettings(f"Encoder {spec.model!r} names no weights: write {spec.model}/TAG{_list(tags)}")
    if open_clip.get_pretrained_cfg(spec.model, spec.weights):
        return spec.model, spec.weights
    path = _local(spec.weights)
    if path is None:
        raise BadSettings(
            f"{spec.weights!r} is neither weights of {spec.model} that open_clip knows nor a file here"
            f"{_near(spec.weights, tags) or _list(tags)}"
        )
    if path.suffix not in CHECKPOINTS:
        raise BadSettings(f"Checkpoint {path} has a format not read here: give one of {', '.join(CHECKPOINTS)}")
    return spec.model, str(path)


def _from_hub(spec: Spec) -> tuple[str, None]:
    return f"hf-hub:{spec.model}", None


def _from_folder(spec: Spec) -> tuple[str, None]:
    folder = Path(spec.model)
    if not folder.is_dir():
        raise BadSettings(f"Encoder folder {folder} does not exist")
    if not (folder / "open_clip_config.json").is_file():
        raise BadSettings(f"Encoder folder {folder} holds no open_clip_config.json: give MODEL//path to its weights")
    if not any(path.suffix in CHECKPOINTS for path in folder.iterdir()):
        raise BadSettings(f"Encoder folder {folder} holds no weights ({', '.join(CHECKPOINTS)})")
    return f"local-dir:{folder}", None


def _local(weights: str) -> Path | None:
    """`MODEL//path` may mean an absolute path or one from here; a folder means the one checkpoint in it."""
    for path in (Path(weights), Path(weights.lstrip("/"))):
        if path.is_file():
            return path
        if path.is_dir():
            found = [file for file in sorted(path.iterdir()) if file.suffix in CHECKPOINTS]
            if len(found) == 1:
                return found[0]
    return None


@contextmanager
def _translating(spec: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise EncoderBroken(_explained(spec, error)) from error


def _explained(spec: str, error: Exception) -> str:
    """open_clip wraps what it catches and says so only in the text, so the whole chain is looked at."""
    chain = list(_causes(error))
    if any(_is_offline(cause) for cause in chain):
        return (
            f"Encoder {spec!r} could not be fetched: the hub was not reached. Check the network, or give local "
            "weights as MODEL//path/to/checkpoint.safetensors or local-dir:/path"
        )
    if any(isinstance(cause, pickle.UnpicklingError) for cause in chain):
        return f"Weights of encoder {spec!r} hold more than weights, so they are not read: convert them to safetensors"
    if any(isinstance(cause, SafetensorError | EOFError) for cause in chain):
        return f"Weights of encoder {spec!r} are damaged: fetch them again"
    if any("state_dict" in str(cause) for cause in chain):
        return f"Weights of encoder {spec!r} belong to another architecture: {_first_line(error)}"
    return f"Encoder {spec!r} cannot be loaded: {_first_line(error)}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_offline(error: BaseException) -> bool:
    """By name: the errors come from whichever HTTP library the hub's client uses."""
    return bool(OFFLINE & {kind.__name__ for kind in type(error).__mro__})


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]


def _near(word: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    return f"; near it: {', '.join(found)}" if found else ""


def _list(tags: Sequence[str]) -> str:
    return f" (one of {', '.join(tags[:8])})" if tags else ""


def _short(spec: str) -> str:
    """The name without the folders before it: where a file lies is no part of what it is."""
    wanted = parse(spec)
    if wanted.source is Source.FOLDER:
        return Path(wanted.model).name
    if "/" in wanted.weights:
        return f"{wanted.model}/{Path(wanted.weights).stem}"
    return spec.removeprefix("hf-hub:")
