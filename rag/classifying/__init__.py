"""Pictures by labels that anybody can name: prompts, confidence, and "none of these"."""
