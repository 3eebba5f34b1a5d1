"""The two photographs."""

import numpy as np
import pytest
from sklearn.datasets import load_sample_images

from normlib.data.photos import NAMES, photo


def test_they_are_scikit_learns():
    found = load_sample_images()
    for name, path, image in zip(
        NAMES, found.filenames, found.images, strict=True
    ):
        assert path.endswith(f"{name}.jpg")
        x = photo(name)
        assert x.dtype == np.float32 and x.shape == (3, 427, 640)
        assert (x.transpose(1, 2, 0) * 255).round().astype(
            int
        ).tolist() == image.tolist()


def test_a_smaller_one_holds_the_means_of_squares():
    x, small = photo("china"), photo("china", 3)
    assert small.shape == (3, 142, 213)
    assert small[1, 7, 9] == pytest.approx(x[1, 21:24, 27:30].mean())


def test_nobody_writes_into_the_one_that_is_kept():
    with pytest.raises(ValueError, match="read-only"):
        photo("flower", 2)[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("given", "says"),
    [(("dog",), "name: got 'dog'"), (("china", 0), "shrink: got 0")],
)
def test_what_is_no_photograph(given, says):
    with pytest.raises(ValueError, match=says):
        photo(*given)
