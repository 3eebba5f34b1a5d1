"""Nets over normlib.layers, and their training, written once.

A net is an ordinary module that maps inputs to logits: digits of 8×8,
(B, 64), to (B, 10), or glyphs (B, 1, side, side) to (B, 62). What is
drawn depends on its seed and shape alone: nets that differ in the norm
start from the same weights.
"""
