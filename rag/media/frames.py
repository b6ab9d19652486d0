"""One frame of a film: upright, small, and comparable."""

from __future__ import annotations

from dataclasses import dataclass

from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation
from PIL import Image, ImageChops, ImageStat

from rag.media.medium import check_size
from rag.media.shrinking import kept_edge, scaled

MINIATURE = (32, 32)
"""Pixels that are compared."""
SCENE_CHANGE = 27.0
"""Mean difference of 8-bit values from which two frames show different scenes; PySceneDetect's default."""
UNIFORM = 5.0
"""Standard deviation of grey, of 255, below which a frame shows nothing: black, white, the middle of a fade."""
UNSPECIFIED = 2
"""FFmpeg's AVCOL_SPC_UNSPECIFIED."""
HD = 720
"""Lines from which a film that names no colour matrix has that of BT.709, as players take it."""

UPRIGHT = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame.

    Attributes:
        seconds: from the beginning of the film.
        image: RGB, upright, pixels made square.
        width, height: of the original, upright.
        miniature: all of it in 32x32 pixels.
    """

    seconds: float
    image: Image.Image
    width: int
    height: int
    miniature: Image.Image

    @property
    def contrast(self) -> float:
        """Standard deviation of its grey values, of 255."""
        return ImageStat.Stat(self.miniature.convert("L")).stddev[0]

    @property
    def shows_something(self) -> bool:
        return self.contrast >= UNIFORM

    def shows_another_scene(self, than: Frame | None) -> bool:
        if than is None:
            return True
        difference = ImageStat.Stat(ImageChops.difference(self.miniature, than.miniature))
        return sum(difference.mean) / 3 >= SCENE_CHANGE


def frame_of(frame: VideoFrame, *, seconds: float, pixel_aspect: float, wanted: int, most_pixels: int) -> Frame:
    """A frame as FFmpeg gives it, made upright and small by its own scaler.

    Args:
        pixel_aspect: width of a pixel over its height.

    Raises:
        UnsupportedMedia: more than `most_pixels`, or too few to show anything.
    """
    width, height = round(frame.width * pixel_aspect), frame.height
    check_size(width, height, most_pixels)
    size = scaled(width, height, min(kept_edge(wanted), width, height), wanted)
    matrix = Colorspace.ITU709 if frame.colorspace == UNSPECIFIED and height >= HD else None
    image: Image.Image = frame.to_image(  # type: ignore[no-untyped-call]
        width=size[0], height=size[1], src_colorspace=matrix, interpolation=Interpolation.AREA, threads=1
    )
    turn = UPRIGHT.get(round(frame.rotation / 90) * 90 % 360)
    if turn is not None:
        image = image.transpose(turn)
    if turn in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270):
        width, height = height, width
    return Frame(seconds, image, width, height, image.resize(MINIATURE, Image.Resampling.BOX))
