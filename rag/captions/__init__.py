"""The editor's desk: drafts of captions and alt texts, what is wrong with them, and their review."""
