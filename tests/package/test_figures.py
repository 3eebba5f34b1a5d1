"""The pictures of the book are drawn, and show what they say."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from normlib import figures
from normlib.experiments.intervals import Interval
from normlib.figures import dependency, sets


@pytest.mark.parametrize("name", ["sets", "projection", "dependency"])
def test_a_picture_is_drawn(name):
    fig = getattr(figures, name).picture()
    assert isinstance(fig, Figure) and fig.axes


def test_an_unknown_picture_is_named():
    with pytest.raises(AttributeError, match="has no 'moon'"):
        figures.moon


def test_the_lit_set_has_m_values():
    for norm in ("batch", "layer", "instance", "group"):
        lit = sets.shares(norm)
        assert lit.sum() == sets.SETS[norm].m(sets.SHAPE, groups=2)


def test_a_sample_moves_others_with_batch_norm_alone():
    import torch

    x = torch.tensor(np.random.default_rng(0).normal(size=(4, 3)))
    for norm, apart in (("batch", False), ("layer", True)):
        J = dependency.jacobian(norm, x).reshape(4, 3, 4, 3).abs()
        others = J.amax((1, 3)) - J.amax((1, 3)).diag().diag()
        assert (others.max() < 1e-12) == apart


def test_curves_draw_a_line_an_arm_and_leave_out_what_is_not_there():
    def point(depth, norm, side):
        if norm == "layer" and depth == 8:
            return None
        return Interval(depth * side, depth * side - 1, depth * side + 1)

    _, axes = figures.curves(
        point, {"depth": [2, 8]}, ["batch", figures.Line(
            "layer", {"norm": "layer"}, {"label": "mine"}
        )],
        {"one": {"side": 1}, "two": {"side": 2}}, xlabel="depth",
        band=3.0, yticks=[0, 8],
    )  # fmt: skip
    assert [ax.get_ylabel() for ax in axes] == ["one", "two"]
    batch, layer = axes[1].lines
    assert list(batch.get_ydata()) == [4, 16]
    assert list(layer.get_xdata()) == [2] and layer.get_label() == "mine"
    assert batch.get_color() == figures.STYLES["batch"][1]
    assert to_rgba(batch.get_color()) != to_rgba(layer.get_color())
