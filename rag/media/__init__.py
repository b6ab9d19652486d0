"""Bytes in, safe pixels out. Knows nothing of libraries, vectors or who asks."""
