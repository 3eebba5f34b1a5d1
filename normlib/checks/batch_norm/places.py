"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

SETS = place("introduction/one_operator")
NET = place("batch_norm/a_deep_net_dies")
BACK = place("batch_norm/one_backward")
MODE = place("batch_norm/two_functions")
KEPT = place("batch_norm/running_statistics")
SIZE = place("batch_norm/m_not_n")
WHY = place("batch_norm/why_it_works")

PLACES = {
    "equations": f"{NET}#Four equations",
    "operator": f"{SETS}#The picture",
    "scale and shift": f"{NET}#What γ and β give back",
    "stages": f"{BACK}#Stage by stage",
    "derivation": f"{BACK}#The derivation",
    "running": f"{KEPT}#Running statistics",
    "momentum": f"{KEPT}#What momentum means",
    "unbiased": f"{KEPT}#Biased and unbiased",
    "modes": f"{MODE}#Training and evaluation",
    "forgotten": f"{MODE}#The forgotten eval",
    "loop": f"{MODE}#The loop around it",
    "state": f"{KEPT}#What the layer remembers",
    "count": f"{SIZE}#What m counts",
    "ceiling": f"{SIZE}#The ceiling",
    "shift": f"{WHY}#How far does an input move?",
    "suspects": f"{WHY}#Three suspects",
    "second trial": f"{WHY}#Second trial: put the shift back",
}
