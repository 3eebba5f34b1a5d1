"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

TIME = place("layer_norm/through_time")
VALUES = place("layer_norm/values_run_away")

PLACES = {
    "padding": f"{TIME}#Guess first",
    "steps": f"{TIME}#Every step has its own distribution",
    "lstm": f"{TIME}#Where the norm stands",
    "lengths": f"{TIME}#Second trial: sequences of several lengths",
    "copying": f"{TIME}#The trial: fewer steps?",
    "value": f"{VALUES}#What a cell is worth",
    "td": f"{VALUES}#Learn a guess from a guess",
    "triad": f"{VALUES}#Guess first",
    "length": f"{VALUES}#What a norm changes",
    "decay": f"{VALUES}#Where it does not help",
    "q-learning": f"{VALUES}#The trial: are the values better with "
    "LayerNorm?",
}
