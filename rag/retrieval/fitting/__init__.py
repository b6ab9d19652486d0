"""A library's own captioned visuals -> its calibration: questions made of captions, what a search finds, a fit."""
