"""How much one file may take to decode."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a decoder may spend on one file. Beyond it the file is skipped, with the limit named.

    Attributes:
        pixels: of the largest picture or frame; read from the header, before anything is decoded.
        visuals: most pictures taken from one asset: frames of a film, pages of a PDF or TIFF.
        seconds: of CPU for one picture, one page or one step through a film. The same number of
            seconds spent neither computing nor waiting for a CPU is a hang, and ends it too.
        media_seconds: by the clock, for a whole film or PDF; time in which the caller takes none is not counted.
        memory: bytes of address space that a decoder process may add for one file.
        frames_per_minute: most keyframes taken from a minute of film.
        keep_personal: keep GPS, creator and serial numbers among the metadata.
    """

    pixels: int = 200_000_000
    visuals: int = 500
    seconds: float = 5.0
    media_seconds: float = 300.0
    memory: int = 2 * 1024**3
    frames_per_minute: int = 12
    keep_personal: bool = False
