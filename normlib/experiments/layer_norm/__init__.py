"""The trials of the chapter on LayerNorm."""
