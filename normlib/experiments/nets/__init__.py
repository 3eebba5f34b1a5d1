"""Nets over normlib.layers, and their training, written once.

A net is an ordinary module that maps inputs (B, 64), digits of 8×8, to
logits (B, 10). What is drawn depends on its seed and shape alone: nets
that differ in the norm start from the same weights.
"""
