"""The paragraphs that mistakes link to: chapter stem and anchor.

An anchor is the id that the built site gives a heading: lower case,
hyphens, and letters outside ASCII dropped.
"""

SETS = "01_introduction/one_operator"
NET = "02_batch_normalization/a_deep_net_dies"
BACK = "02_batch_normalization/one_backward"
TWO = "02_batch_normalization/two_functions"
MANY = "02_batch_normalization/m_not_n"

EQUATIONS = f"{NET}#four-equations"
OPERATOR = f"{SETS}#the-picture"
SCALE_SHIFT = f"{NET}#what-and-give-back"
STAGED = f"{BACK}#stage-by-stage"
PROJECTION = f"{BACK}#the-derivation"
PARAMETERS = f"{BACK}#the-derivation"
RUNNING = f"{TWO}#running-statistics"
MOMENTUM = f"{TWO}#what-momentum-means"
UNBIASED = f"{TWO}#biased-and-unbiased"
MODES = f"{TWO}#training-and-evaluation"
FORGOTTEN = f"{TWO}#the-forgotten-eval"
STATE = f"{TWO}#what-the-layer-remembers"
COUNT = f"{MANY}#what-m-counts"
CEILING = f"{MANY}#the-ceiling"

ALL = (EQUATIONS, OPERATOR, SCALE_SHIFT, STAGED, PROJECTION, PARAMETERS)
ALL += (RUNNING, MOMENTUM, UNBIASED, MODES, FORGOTTEN, STATE)
ALL += (COUNT, CEILING)
