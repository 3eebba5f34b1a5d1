"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

ATTENTION = place("layer_norm/attentions_own_norm")
LAYER = place("layer_norm/layer_norm")
OUTLIERS = place("layer_norm/outliers")
PLACE = place("layer_norm/placement")
RMS = place("layer_norm/layer_or_rms")
SPHERE = place("rms_norm/on_the_sphere")
TIME = place("layer_norm/through_time")
VALUES = place("layer_norm/values_run_away")

PLACES = {
    "set": f"{LAYER}#Whose mean?",
    "scale and shift": f"{LAYER}#Whose mean?",
    "sample": f"{LAYER}#The trial: one sample's mean and variance?",
    "length": f"{LAYER}#How long, and where never",
    "company": f"{LAYER}#Second trial: alone, and in a batch",
    "modes": f"{LAYER}#Third trial: training and evaluation",
    "swap": f"{RMS}#Guess first",
    "mean": f"{RMS}#Where the mean went",
    "centred": f"{RMS}#Out with the mean",
    "quality": f"{RMS}#The trial: trained with RMSNorm from the start",
    "tied": f"{RMS}#Pitfalls, as they look in practice",
    "ways": f"{PLACE}#Five ways",
    "paper": f"{PLACE}#One sublayer on paper",
    "deepnorm": f"{PLACE}#Is it the gradient at all?",
    "remedies": f"{PLACE}#Two remedies and two mixtures",
    "late": f"{PLACE}#Pitfalls, as they look in practice",
    "padding": f"{TIME}#Guess first",
    "steps": f"{TIME}#Every step has its own distribution",
    "lstm": f"{TIME}#Where the norm stands",
    "lengths": f"{TIME}#Second trial: sequences of several lengths",
    "copying": f"{TIME}#The trial: fewer steps?",
    "value": f"{VALUES}#What a cell is worth",
    "td": f"{VALUES}#Learn a guess from a guess",
    "triad": f"{VALUES}#Guess first",
    "features": f"{VALUES}#What a norm changes",
    "decay": f"{VALUES}#Where it does not help",
    "q-learning": f"{VALUES}#The trial: are the values better with "
    "LayerNorm?",
    "scores": f"{ATTENTION}#A product that nobody bounds",
    "qk-norm": f"{ATTENTION}#A norm on queries and keys",
    "cap and clip": f"{ATTENTION}#Two other ways",
    "rotation": f"{ATTENTION}#Which axis, and before or after the rotation",
    "step": f"{OUTLIERS}#Three numbers by hand",
    "moved": f"{OUTLIERS}#The same net, other numbers",
    "balance": f"{OUTLIERS}#Mended by the same move",
    "loud token": f"{OUTLIERS}#A loud token",
    "readers": f"{OUTLIERS}#Pitfalls, as they look in practice",
    "derivation": f"{SPHERE}#What the backward takes away",
    "epsilon": f"{SPHERE}#Second trial: is there an epsilon?",
}
