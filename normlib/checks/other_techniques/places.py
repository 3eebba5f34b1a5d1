"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

INSTANCE = place("other_techniques/instance")

PLACES = {
    "channel": f"{INSTANCE}#One channel of one picture",
    "two numbers": f"{INSTANCE}#Two numbers a channel",
    "droplet": f"{INSTANCE}#Who has it, and who gave it up",
    "not there": f"{INSTANCE}#Where it must not stand",
    "pitfalls": f"{INSTANCE}#Pitfalls, as they look in practice",
}

WEIGHT = place("other_techniques/weight")

PLACES |= {
    "by hand": f"{WEIGHT}#Three numbers by hand",
    "step": f"{WEIGHT}#What a step does to the length",
    "rest": f"{WEIGHT}#Where a decay comes to rest",
    "an output": f"{WEIGHT}#The trial: a length an output?",
    "stretches": f"{WEIGHT}#How far a matrix stretches",
    "descendants": f"{WEIGHT}#Descendants",
    "g and v": f"{WEIGHT}#Pitfalls, as they look in practice",
}
