"""Drawing: scenes to pixels. Callers outside need only `draw`."""

from rag.scenes.drawing.render import draw

__all__ = ["draw"]
