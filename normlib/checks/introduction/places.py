"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

PAGE = place("introduction/what_for")

PLACES = {
    "hand": f"{PAGE}#One layer by hand",
    "norm": f"{PAGE}#Now with a norm",
    "left out": f"{PAGE}#What the prediction leaves out",
}
