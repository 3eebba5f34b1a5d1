"""Trials of Layer Normalization."""
