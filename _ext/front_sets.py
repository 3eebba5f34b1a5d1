"""The figure of one idea: which values share a mean, norm after norm.

Samples stand side by side; rows are channels, columns positions. What is
lit was found by asking normlib.reference which inputs reach one output.
"""

from normlib.figures import STYLES
from normlib.figures.sets import shares
from normlib.reference.sets import SETS

SHAPE = (3, 4, 2)  # samples, channels, positions
ORDER = ("batch", "layer", "instance", "group", "rms")
CELL, GAP = 14, 10


def spans(lit):
    """Return how many samples, channels and positions a set spans."""
    return tuple(
        int(lit.any(axis=others).sum())
        for others in ((1, 2), (0, 2), (0, 1))
    )


def words(norm, lit):
    """Say in a sentence what is lit."""
    names = ("sample", "channel", "position")
    parts = [
        f"{n} {name}{'s' * (n != 1)}"
        for n, name in zip(spans(lit), names, strict=True)
    ]
    centre = "" if SETS[norm].centred else ", and no mean is taken out"
    return (
        f"{STYLES[norm][0]}: {' by '.join(parts)}, m = {lit.sum()}{centre}"
    )


def panel(norm):
    """Draw the set of one norm as an SVG with a caption."""
    lit = shares(norm, SHAPE)
    N, C, P = SHAPE
    cells = []
    for n in range(N):
        for c in range(C):
            for p in range(P):
                x, y = n * (P * CELL + GAP) + p * CELL, c * CELL
                kind = "lit" if lit[n, c, p] else "dark"
                cells.append(
                    f'<rect class="nl-{kind}" x="{x + 1}" y="{y + 1}" '
                    f'width="{CELL}" height="{CELL}"/>'
                )
    # The value that was asked: channel 0, position 0 of the last sample.
    x = (N - 1) * (P * CELL + GAP) + CELL / 2 + 1
    wide, high = N * P * CELL + (N - 1) * GAP + 2, C * CELL + 2
    by = "·".join(map(str, spans(lit)))
    centre = "" if SETS[norm].centred else "; mean kept"
    return (
        f'<div class="nl-set" style="--norm:{STYLES[norm][1]}">'
        f"<p><b>{STYLES[norm][0]}</b> <span>m = {by} = {lit.sum()}"
        f"{centre}</span></p>\n"
        f'<svg viewBox="0 0 {wide} {high}" role="img" '
        f'aria-label="{words(norm, lit)}">{"".join(cells)}'
        f'<circle cx="{x}" cy="{CELL / 2 + 1}" r="3"/></svg></div>'
    )


def html():
    """Return the whole figure."""
    N, C, P = SHAPE
    panels = "\n".join(panel(norm) for norm in ORDER)
    return (
        f'<figure class="nl-sets">\n<div>\n{panels}\n</div>\n'
        f"<figcaption>{N} samples side by side, each of {C} channels "
        f"(rows) and {P} positions (columns); GroupNorm has two groups. "
        "The lit values share their statistics with the dotted one, and m "
        "counts them: samples · channels · positions. Found by "
        "differentiating normlib.reference.</figcaption>\n</figure>"
    )
