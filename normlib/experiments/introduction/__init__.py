"""Trials of the Introduction."""
