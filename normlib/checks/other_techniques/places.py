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
