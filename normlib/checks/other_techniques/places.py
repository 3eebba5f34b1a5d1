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

GROUP = place("other_techniques/group")

PLACES |= {
    "picture": f"{GROUP}#The picture",
    "by hand": f"{GROUP}#By hand, four channels",
    "ends": f"{GROUP}#The trial: both ends",
    "scale and shift": f"{GROUP}#The trial: both ends",
    "forgets": f"{GROUP}#What a group forgets",
    "how many": f"{GROUP}#How many groups?",
    "filters": f"{GROUP}#The filters have a say",
    "group pitfalls": f"{GROUP}#Pitfalls, as they look in practice",
}

WEIGHT = place("other_techniques/weight")

PLACES |= {
    "step": f"{WEIGHT}#What a step does to the length",
    "rest": f"{WEIGHT}#Where a decay comes to rest",
    "an output": f"{WEIGHT}#The trial: one length for each output?",
    "stretches": f"{WEIGHT}#How far a matrix stretches",
    "descendants": f"{WEIGHT}#Descendants",
    "g and v": f"{WEIGHT}#Pitfalls, as they look in practice",
}
