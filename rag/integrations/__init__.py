"""The desk as other software knows such things: its protocols and interfaces, translated into the flows."""
