"""Trials of the chapter on RMSNorm."""
