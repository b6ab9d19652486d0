"""The record: which evidence led to which answer, kept so that any change shows."""
