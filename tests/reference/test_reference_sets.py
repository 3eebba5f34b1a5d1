"""The table of sets, found again by asking which inputs move an output."""

import numpy as np
import pytest
from reference_cases import CASES

from normlib import layers
from normlib import reference as ref
from normlib.figures.sets import table
from normlib.reference.sets import SETS

by_name = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


def norm_of(case):
    return next(name for name in SETS if case.name.startswith(name))


@by_name
def test_what_moves_an_output_is_its_set(case):
    """One dy is 1, so dx is not 0 where x is in the set, and only there."""
    arrays, dy = case.arrays()
    y, cache = case.forward(*arrays)
    place = tuple(n // 2 for n in y.shape)
    dy[:] = 0
    dy[place] = 1
    moved = case.backward(dy, cache)[0] != 0
    view = cache.x_hat.shape  # (N, G, C/G, …) for group norm
    at = np.unravel_index(np.ravel_multi_index(place, y.shape), view)
    where = [
        slice(None) if i in cache.axes else j for i, j in enumerate(at)
    ]
    lit = np.zeros(view, bool)
    lit[tuple(where)] = True
    assert (moved.reshape(view) == lit).all()
    assert lit.sum() == cache.m
    assert cache.centre == SETS[norm_of(case)].centred


AXES = [
    ("batch", 2, 1, (0,)),
    ("batch", 4, 1, (0, 2, 3)),
    ("batch", 5, 1, (0, 2, 3, 4)),
    ("layer", 4, 1, (1, 2, 3)),
    ("layer", 3, 2, (2,)),
    ("layer", 1, 0, (0,)),
    ("rms", 5, 3, (3, 4)),
    ("instance", 3, 1, (2,)),
    ("instance", 5, 1, (2, 3, 4)),
    ("group", 3, 1, (2,)),
    ("group", 5, 1, (2, 3, 4)),
    ("weight", 1, 1, ()),
    ("weight", 4, 1, (1, 2, 3)),
]


@pytest.mark.parametrize("norm, ndim, lead, axes", AXES)
def test_axes(norm, ndim, lead, axes):
    assert SETS[norm].axes(ndim, lead) == axes


def test_m_is_what_the_forward_counts():
    x = np.random.default_rng(0).normal(size=(4, 6, 3, 2))
    forwards = {
        "batch": ref.batch_norm_forward(x, None, None),
        "layer": ref.layer_norm_forward(x, None, None, axis=1),
        "rms": ref.rms_norm_forward(x, None, axis=1),
        "instance": ref.instance_norm_forward(x, None, None),
        "group": ref.group_norm_forward(x, None, None, num_groups=3),
        "weight": ref.weight_norm_forward(x, np.ones((4, 1, 1, 1))),
    }
    wanted = dict(
        batch=24, layer=36, rms=36, instance=6, group=12, weight=36
    )
    for norm, (_, cache) in forwards.items():
        m = SETS[norm].m(x.shape, groups=3)
        assert m == cache.m == wanted[norm]
    assert SETS["group"].m((4, 6)) == 6  # one group
    assert forwards.keys() == SETS.keys()


def test_who_remembers_does_so_in_the_layers():
    found = {
        "batch": layers.BatchNorm1d(2),
        "layer": layers.LayerNorm(2),
        "rms": layers.RMSNorm(2),
        "instance": layers.InstanceNorm1d(2),
        "group": layers.GroupNorm(1, 2),
        "weight": layers.weight_norm(layers.weight.nn.Linear(2, 2)),
    }
    for norm, module in found.items():
        remembers = any("running" in k for k in module.state_dict())
        assert remembers == SETS[norm].remembers


def test_the_table_is_fixed():
    with pytest.raises(AttributeError):
        SETS["batch"].over = "N"


def test_the_table_that_a_page_shows():
    head, *rows, note = repr(table((2, 64, 7, 7), groups=32)).splitlines()
    names = ["Batch", "Layer", "RMS", "Instance", "Group", "Weight"]
    assert [row.split()[0] for row in rows] == [f"{n}Norm" for n in names]
    by_hand = ["98", "3136", "3136", "49", "98", "3136"]
    assert [row.split()[-3] for row in rows] == by_hand
    assert head.split()[-3:] == ["m", "centred", "remembers"]
    assert rows[0].split()[-2:] == ["yes", "yes"]
    assert rows[2].split()[-2:] == ["no", "no"]
    assert "InstanceNorm" in note
