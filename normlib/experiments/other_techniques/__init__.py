"""Trials of the chapter on instance, group and weight norm."""
