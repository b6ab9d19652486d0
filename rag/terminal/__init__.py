"""How results look in a terminal, and in `--json`. One module a subject; `text` has what they share."""
