"""Programs to be counted: a kernel a line, its steps between semicolons.

`x_hat = x r` makes x̂ of x and r, by whatever operation. A name stands for
one array; `y = y w` changes y in place.
"""

from __future__ import annotations

LARGE = {"x", "y", "x_hat", "dy", "dx", "g", "a", "b", "c", "d", "e"}

# name: (text, what is needed afterwards, the result first)
TEXTS = {
    "the formula, forward and backward": (
        """
        a = x x
        m = a
        r = m
        x_hat = x r
        y = x_hat w
        g = dy w
        b = g x_hat
        n = b
        c = x_hat n
        d = g c
        dx = d r
        e = dy x_hat
        dw = e
        """,
        ("y", "dx", "dw"),
    ),
    "in place": (
        """
        s = x x
        r = s
        y = x r
        y = y w
        """,
        ("y", "r"),
    ),
    "one kernel": (
        "a = x x; r = a; x_hat = x r; y = x_hat w",
        ("y",),
    ),
    "one kernel that keeps x̂": (
        "a = x x; r = a; x_hat = x r; y = x_hat w",
        ("y", "x_hat", "r"),
    ),
    "statistics first": (
        """
        mu = x; a = x mu; var = a
        d = x mu; x_hat = d var; y = x_hat w
        """,
        ("y",),
    ),
    "compiled, forward and backward": (
        """
        a = x x; r = a; b = x r; y = b w
        g = dy w; c = x r; d = g c; n = d; dx = g c n r
        x_hat = x r; e = dy x_hat; dw = e
        """,
        ("y", "dx", "dw", "r"),
    ),
}


def kernels(text: str) -> list:
    """Return a list of kernels, each a list of (made, names read)."""
    return [
        [
            (made, tuple(names.split()))
            for made, names in (step.split(" = ") for step in steps)
        ]
        for steps in (
            [step.strip() for step in line.split(";")]
            for line in text.strip().splitlines()
        )
    ]


PROGRAMS = {k: (kernels(text), kept) for k, (text, kept) in TEXTS.items()}
