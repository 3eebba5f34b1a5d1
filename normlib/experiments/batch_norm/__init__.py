"""Trials of the chapter on Batch Normalization."""
