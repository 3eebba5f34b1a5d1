"""normlib drives the course *Normalization on Trial*.

`normlib.reference` holds the norms in NumPy, forward and backward;
`normlib.layers` the same in PyTorch; `normlib.experiments` puts the
guide's claims on trial and `normlib.ledger` prints the verdicts.

Importing `normlib` or `normlib.reference` does not load torch.
"""

__version__ = "0.1.0"
