"""Policies, checks by them, and the queue in which people decide."""
