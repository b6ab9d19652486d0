"""The page: one template, one style sheet, small modules of plain JavaScript. No build step, nothing from elsewhere."""
