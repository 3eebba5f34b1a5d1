"""The paragraphs that mistakes link to: chapter stem and anchor.

An anchor is the id that the built site gives a heading: lower case,
hyphens, and letters outside ASCII dropped.
"""

TEST = "01_introduction/self_test"
SETS = "01_introduction/one_operator"
NET = "02_batch_normalization/a_deep_net_dies"
BACK = "02_batch_normalization/one_backward"

# Running statistics and m get pages of their own; until these stand, the
# nearest paragraph that exists is linked.

EQUATIONS = f"{NET}#four-equations"
OPERATOR = f"{SETS}#the-picture"
SCALE_SHIFT = f"{NET}#what-and-give-back"
STAGED = f"{BACK}#stage-by-stage"
PROJECTION = f"{BACK}#the-derivation"
PARAMETERS = f"{BACK}#the-derivation"
RUNNING = f"{NET}#in-code"
MOMENTUM = f"{NET}#in-code"
UNBIASED = f"{NET}#in-code"
MODES = f"{TEST}#training-and-evaluation"
FORGOTTEN = f"{TEST}#training-and-evaluation"
STATE = f"{NET}#in-code"
COUNT = f"{SETS}#count-m"
CEILING = f"{SETS}#by-hand-m-3"

ALL = (EQUATIONS, OPERATOR, SCALE_SHIFT, STAGED, PROJECTION, PARAMETERS)
ALL += (RUNNING, MOMENTUM, UNBIASED, MODES, FORGOTTEN, STATE)
ALL += (COUNT, CEILING)
