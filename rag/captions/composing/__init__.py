"""Drafts without a language model: from what people said, zero-shot tags, and the nearest approved captions."""
