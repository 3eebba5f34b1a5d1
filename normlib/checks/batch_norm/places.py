"""The paragraphs that mistakes link to: a page and a heading of it."""

SETS = "01_introduction/one_operator"
NET = "02_batch_normalization/a_deep_net_dies"
BACK = "02_batch_normalization/one_backward"
MODE = "02_batch_normalization/two_functions"
SIZE = "02_batch_normalization/m_not_n"

EQUATIONS = f"{NET}#Four equations"
OPERATOR = f"{SETS}#The picture"
SCALE_SHIFT = f"{NET}#What γ and β give back"
STAGED = f"{BACK}#Stage by stage"
PROJECTION = f"{BACK}#The derivation"
PARAMETERS = f"{BACK}#The derivation"
RUNNING = f"{MODE}#Running statistics"
MOMENTUM = f"{MODE}#What momentum means"
UNBIASED = f"{MODE}#Biased and unbiased"
MODES = f"{MODE}#Training and evaluation"
FORGOTTEN = f"{MODE}#The forgotten eval"
LOOP = f"{MODE}#The loop around it"
STATE = f"{MODE}#What the layer remembers"
COUNT = f"{SIZE}#What m counts"
CEILING = f"{SIZE}#The ceiling"

ALL = (EQUATIONS, OPERATOR, SCALE_SHIFT, STAGED, PROJECTION, PARAMETERS)
ALL += (RUNNING, MOMENTUM, UNBIASED, MODES, FORGOTTEN, LOOP, STATE)
ALL += (COUNT, CEILING)
