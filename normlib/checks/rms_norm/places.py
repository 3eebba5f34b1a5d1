"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

SPHERE = place("rms_norm/on_the_sphere")
HALF = place("rms_norm/in_half_precision")

PLACES = {
    "formula": f"{SPHERE}#One line less",
    "angle": f"{SPHERE}#One sphere",
    "derivation": f"{SPHERE}#What the backward takes away",
    "swap": f"{SPHERE}#The trial: is it LayerNorm without the mean?",
    "epsilon": f"{SPHERE}#Second trial: is there an epsilon?",
    "partial": f"{SPHERE}#A cheaper root mean square",
    "format": f"{HALF}#What a format can hold",
    "ways": f"{HALF}#Three ways to compute",
    "cast": f"{HALF}#Cast, then scale, or scale, then cast",
}
