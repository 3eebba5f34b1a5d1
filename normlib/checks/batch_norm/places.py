"""The paragraphs that mistakes link to: a page and a heading of it."""

SETS = "01_introduction/one_operator"
NET = "02_batch_normalization/a_deep_net_dies"
BACK = "02_batch_normalization/one_backward"
MODE = "02_batch_normalization/two_functions"
SIZE = "02_batch_normalization/m_not_n"

PLACES = {
    "equations": f"{NET}#Four equations",
    "operator": f"{SETS}#The picture",
    "scale and shift": f"{NET}#What γ and β give back",
    "stages": f"{BACK}#Stage by stage",
    "derivation": f"{BACK}#The derivation",
    "running": f"{MODE}#Running statistics",
    "momentum": f"{MODE}#What momentum means",
    "unbiased": f"{MODE}#Biased and unbiased",
    "modes": f"{MODE}#Training and evaluation",
    "forgotten": f"{MODE}#The forgotten eval",
    "loop": f"{MODE}#The loop around it",
    "state": f"{MODE}#What the layer remembers",
    "count": f"{SIZE}#What m counts",
    "ceiling": f"{SIZE}#The ceiling",
}
