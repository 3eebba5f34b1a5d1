"""The exercises on LayerNorm, in the order of the pages."""

from .boxes import BOXES
from .causes import cause
from .clipping import clip
from .creeping import drift
from .gates import lstm
from .growing import forecast
from .heights import largest
from .last_axes import trailing
from .margins import decide
from .marks import which
from .mates import alone
from .moves import q_step
from .parts import shards
from .porting import port
from .queries import to_query
from .races import race
from .reaching import reach
from .runaway import safe_rate
from .scales import balance
from .turning import heads
from .untied import no_mean
from .wholes import steps

EXERCISES = (trailing, shards, alone)  # layer_norm
EXERCISES += (lstm, reach, race)  # through_time
EXERCISES += (q_step, safe_rate, largest)  # values_run_away
EXERCISES += (forecast, which, port)  # placement
EXERCISES += (heads, clip, to_query)  # attentions_own_norm
EXERCISES += (no_mean, drift, decide)  # layer_or_rms
EXERCISES += (balance, steps, cause)  # outliers

__all__ = ["BOXES", "EXERCISES", "alone", "balance", "cause", "clip"]
__all__ += ["decide", "drift", "forecast", "heads", "largest", "lstm"]
__all__ += ["no_mean", "port", "q_step", "race", "reach", "safe_rate"]
__all__ += ["shards", "steps", "to_query", "trailing", "which"]
