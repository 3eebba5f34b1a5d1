"""The paragraphs that mistakes link to: a page and a heading of it."""

from ...chapters import place

LOOP = place("performance/one_loop")
PAGE = place("performance/the_ladder")

PLACES = {
    "unit": f"{PAGE}#The unit: one copy",
    "count": f"{PAGE}#Guess first",
    "fewer": f"{PAGE}#Step 1: fewer arrays",
    "cache": f"{PAGE}#Step 2: stay in the cache",
    "autograd": f"{PAGE}#Step 3: tell autograd less",
    "moments": f"{LOOP}#The forward",
    "one read": f"{LOOP}#The backward, in one read of memory",
}
