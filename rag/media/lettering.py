"""Paints lettering over, so that a word written on a picture does not speak for it (Goh et al. 2021).

Letters are found without reading them: flat blobs that stand out from their
surroundings, of one tone and about one height, in a row and on one plain ground, as print,
labels and signs are. Their place is filled in from around it. Signs and captions burnt into a
picture go the same way, which is why this is off unless `PICTUREDESK_MASK_LETTERING` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

EDGE = 256
"""Pixels of the longer edge at which letters are looked for; smaller ones than 3 % of it do not sway an encoder."""

CONTRAST = 22
"""Grey levels by which a letter stands out from the mean around it."""

HEIGHTS = (0.03, 0.32)
"""Of a letter, against the picture's longer edge."""

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Blob:
    """Pixels that hang together: their box (ends exclusive), how much of it they fill, their mean grey."""

    left: int
    top: int
    right: int
    bottom: int
    fill: float
    tone: float

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def without_lettering(picture: Image.Image) -> Image.Image:
    """The picture with every line of letters filled in from around it; the same picture when there is none.

    Args:
        picture: RGB.
    """
    lines = lines_of_letters(picture)
    if not lines:
        return picture
    pixels = np.asarray(picture, dtype=np.float32)
    hidden = np.zeros(pixels.shape[:2], dtype=np.bool_)
    for left, top, right, bottom in lines:
        hidden[top:bottom, left:right] = True
    return Image.fromarray(filled(pixels, hidden).round().astype(np.uint8))


def lines_of_letters(picture: Image.Image) -> list[tuple[int, int, int, int]]:
    """Boxes in the picture's pixels (left, top, right, bottom), with a margin of half a letter's height."""
    scale = EDGE / max(picture.size)
    small = picture.convert("L").resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    grey = np.asarray(small, dtype=np.float32)
    around = np.asarray(small.filter(ImageFilter.BoxBlur(EDGE // 14)), dtype=np.float32)
    found = [
        line
        for standing_out in (grey < around - CONTRAST, grey > around + CONTRAST)
        for line in _lines([blob for blob in _blobs(standing_out, grey) if _like_a_letter(blob)])
        if _on_plain_ground(line, standing_out, grey)
    ]
    return [_box(line, 1 / scale, picture.size) for line in found]


def filled(pixels: Grey, hidden: Mask) -> Grey:
    """`pixels` with what is hidden made up from around it, coarse to fine (push-pull, Gortler et al. 1996).

    Args:
        pixels: shape (h, w, 3).
        hidden: shape (h, w); not all of it.
    """
    if not hidden.any() or max(hidden.shape) < 2:
        return pixels
    known: Grey = (~hidden[..., None]).astype(np.float32)
    coarse, weight = _halved(pixels * known), _halved(known)
    means: Grey = np.divide(coarse, np.maximum(weight, 1e-6), dtype=np.float32)
    below = filled(means, weight[..., 0] <= 0)
    height, width = hidden.shape
    large = below.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    whole: Grey = np.where(hidden[..., None], large, pixels)
    return whole


def _halved(values: Grey) -> Grey:
    """Means of two by two, the last row and column doubled where there is an odd one."""
    padded = np.pad(values, ((0, values.shape[0] % 2), (0, values.shape[1] % 2), (0, 0)), mode="edge")
    halved: Grey = np.float32(0.25) * (padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2])
    return halved


def _like_a_letter(blob: Blob) -> bool:
    """Or like two or three that touch."""
    low, high = HEIGHTS
    return (
        low * EDGE <= blob.height <= high * EDGE
        and 0.1 <= blob.width / blob.height <= 3.5
        and 0.15 <= blob.fill <= 0.97
    )


def _lines(blobs: Sequence[Blob]) -> list[list[Blob]]:
    """Rows of two blobs or more that together are wider than two letters are high."""
    lines: list[list[Blob]] = []
    for blob in sorted(blobs, key=lambda one: one.left):
        line = next((line for line in lines if _goes_on(line[-1], blob)), None)
        if line is None:
            lines.append([blob])
        else:
            line.append(blob)
    return [line for line in lines if len(line) >= 2 and _is_wide(line) and _varied(line)]


def _is_wide(line: Sequence[Blob]) -> bool:
    return line[-1].right - line[0].left >= 1.3 * max(blob.height for blob in line)


def _goes_on(last: Blob, blob: Blob) -> bool:
    tall = max(last.height, blob.height)
    shared = min(last.bottom, blob.bottom) - max(last.top, blob.top)
    gap = blob.left - last.right
    return (
        shared >= 0.5 * min(last.height, blob.height)
        and min(last.height, blob.height) >= 0.55 * tall
        and -0.15 * tall <= gap <= 0.9 * tall
        and abs(last.tone - blob.tone) <= 45
    )


def _varied(line: Sequence[Blob]) -> bool:
    """Letters differ in width or in how they fill their boxes; the windows of a bus do not."""
    fills, widths = [blob.fill for blob in line], [blob.width for blob in line]
    alike = max(widths) - min(widths) <= 2 and max(fills) - min(fills) <= 0.06
    return not alike and float(np.mean(fills)) <= 0.82


def _on_plain_ground(line: Sequence[Blob], standing_out: Mask, grey: Grey) -> bool:
    """Whether what lies between the letters is of one tone. Two pixels beside each letter are blurred, and left out."""
    left, right = line[0].left, max(blob.right for blob in line)
    top, bottom = min(blob.top for blob in line), max(blob.bottom for blob in line)
    letters = Image.fromarray(standing_out[top:bottom, left:right]).convert("L").filter(ImageFilter.MaxFilter(5))
    ground = grey[top:bottom, left:right][np.asarray(letters) == 0]
    if ground.size < 0.04 * (bottom - top) * (right - left):
        return False
    return float((np.abs(ground - np.median(ground)) <= 14).mean()) >= 0.88


def _box(line: Sequence[Blob], scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    margin = 0.5 * max(blob.height for blob in line)
    return (
        max(0, round(scale * (min(blob.left for blob in line) - margin))),
        max(0, round(scale * (min(blob.top for blob in line) - margin))),
        min(size[0], round(scale * (max(blob.right for blob in line) + margin))),
        min(size[1], round(scale * (max(blob.bottom for blob in line) + margin))),
    )


def _blobs(mask: Mask, grey: Grey) -> list[Blob]:
    """Connected parts of a mask, by joining the runs of each row to those they touch in the row above."""
    runs = _runs(mask)
    owner = list(range(len(runs)))

    def root(at: int) -> int:
        while owner[at] != at:
            owner[at] = owner[owner[at]]
            at = owner[at]
        return at

    for above, below in _touching(runs):
        owner[root(below)] = root(above)
    parts: dict[int, list[tuple[int, int, int]]] = {}
    for at, run in enumerate(runs):
        parts.setdefault(root(at), []).append(run)
    return [_blob(part, grey) for part in parts.values() if len(part) >= HEIGHTS[0] * EDGE]


def _runs(mask: Mask) -> list[tuple[int, int, int]]:
    """(row, start, end) of every run of True, in reading order."""
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    rows, starts = np.nonzero(np.diff(padded, axis=1) == 1)
    _, ends = np.nonzero(np.diff(padded, axis=1) == -1)
    return list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))


def _touching(runs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    by_row: dict[int, list[int]] = {}
    for at, (row, _, _) in enumerate(runs):
        by_row.setdefault(row, []).append(at)
    found = []
    for row, below in by_row.items():
        above = by_row.get(row - 1, [])
        i = 0
        for at in below:
            _, start, end = runs[at]
            while i < len(above) and runs[above[i]][2] <= start:
                i += 1
            j = i
            while j < len(above) and runs[above[j]][1] < end:
                found.append((above[j], at))
                j += 1
    return found


def _blob(part: Sequence[tuple[int, int, int]], grey: Grey) -> Blob:
    left, right = min(run[1] for run in part), max(run[2] for run in part)
    top, bottom = part[0][0], part[-1][0] + 1
    area = sum(end - start for _, start, end in part)
    tone = sum(float(grey[row, start:end].sum()) for row, start, end in part) / area
    return Blob(left, top, right, bottom, area / ((right - left) * (bottom - top)), tone)
