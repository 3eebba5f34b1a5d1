"""The paragraphs that mistakes link to: chapter stem and anchor."""

NET = "02_batch_normalization/a_deep_net_dies"
BACK = "02_batch_normalization/one_backward"
TWO = "02_batch_normalization/two_functions"
MANY = "02_batch_normalization/m_not_n"

EQUATIONS = f"{NET}#the-four-equations"
OPERATOR = f"{NET}#the-operator-on-images"
SCALE_SHIFT = f"{NET}#what-gamma-and-beta-give-back"
STAGED = f"{BACK}#the-staged-backward"
PROJECTION = f"{BACK}#the-projection"
PARAMETERS = f"{BACK}#the-gradients-of-gamma-and-beta"
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
