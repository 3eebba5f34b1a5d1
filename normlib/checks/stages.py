"""A backward as a dict of intermediates: where it first goes wrong."""

from __future__ import annotations

import numpy as np

from .answers import Answer, same


def table(got: Answer, right: Answer, tol: float) -> str:
    """Set name, ok or off, max difference, shape; stop at the first off."""
    wide = max(map(len, right))
    rows = [f"{'':{wide}}  {'':3}  max difference  shape"]
    for name, value in right.items():
        if name not in got:
            rows.append(f"{name:{wide}}  –")
            continue
        mine = got[name]
        ok = same(mine, value, tol)
        shape = np.shape(mine)
        far = f"expected {np.shape(value)}"
        if shape == np.shape(value):
            far = f"{np.max(np.abs(mine - value), initial=0):.1e}"
        far = "0" if ok else far
        mark = "ok" if ok else "off"
        rows.append(f"{name:{wide}}  {mark:3}  {far:14}  {shape}")
        if not ok:
            break
    return "\n".join(rows)
