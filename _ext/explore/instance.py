"""What are six numbers worth? A photograph whose channels are moved."""

import base64
import io

import numpy as np
from PIL import Image

from normlib.experiments.other_techniques.pictures import moments, photo

from . import svg

QUESTION = "How much of a photograph are six numbers?"
CAPTION = (
    "The pavilion, with the mean μ′ and the deviation σ′ of red, green and "
    "blue that you choose, pixels from 0 to 1. Each channel x becomes "
    "σ′ (x − μ)/σ + μ′: instance norm with a γ and a β. What leaves 0 to 1 "
    "is cut off."
)
ALT = "A pavilion with red walls by a lake, under a pale sky."
SHRINK = 3  # 213×142 pixels
CHANNELS = ("red", "green", "blue")


def jpeg(x):
    """Return a picture (3, H, W) as the address of its own bytes."""
    pixels = np.rint(x.transpose(1, 2, 0) * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=80)
    code = base64.b64encode(file.getvalue()).decode()
    return f"data:image/jpeg;base64,{code}"


def data():
    known = {
        name: [v.round(2).tolist() for v in moments(photo(name, SHRINK))]
        for name in ("china", "flower")
    }
    x = photo("china", SHRINK)
    return {
        "channels": CHANNELS,
        "size": [x.shape[2], x.shape[1]],
        "picture": jpeg(x),
        "own": known["china"],
        "flower": known["flower"],
    }


def picture(data):
    width, height = data["size"]
    return svg.picture(
        2 * width, 2 * height, ALT,
        svg.tag("image", href=data["picture"], width=2 * width,
                height=2 * height),
    )  # fmt: skip
