"""The auditor's work: find events, see one whole, ask it again, review, export, report."""
