"""The paragraphs that mistakes link to: chapter stem and anchor.

An anchor is the id that the built site gives a heading: lower case,
hyphens, and letters outside ASCII dropped.
"""

SETS = "01_introduction/one_operator"
NET = "02_batch_normalization/a_deep_net_dies"
BACK = "02_batch_normalization/one_backward"
MODE = "02_batch_normalization/two_functions"
SIZE = "02_batch_normalization/m_not_n"

EQUATIONS = f"{NET}#four-equations"
OPERATOR = f"{SETS}#the-picture"
SCALE_SHIFT = f"{NET}#what-and-give-back"
STAGED = f"{BACK}#stage-by-stage"
PROJECTION = f"{BACK}#the-derivation"
PARAMETERS = f"{BACK}#the-derivation"
RUNNING = f"{MODE}#running-statistics"
MOMENTUM = f"{MODE}#what-momentum-means"
UNBIASED = f"{MODE}#biased-and-unbiased"
MODES = f"{MODE}#training-and-evaluation"
FORGOTTEN = f"{MODE}#the-forgotten-eval"
STATE = f"{MODE}#what-the-layer-remembers"
COUNT = f"{SIZE}#what-m-counts"
CEILING = f"{SIZE}#the-ceiling"

ALL = (EQUATIONS, OPERATOR, SCALE_SHIFT, STAGED, PROJECTION, PARAMETERS)
ALL += (RUNNING, MOMENTUM, UNBIASED, MODES, FORGOTTEN, STATE)
ALL += (COUNT, CEILING)
