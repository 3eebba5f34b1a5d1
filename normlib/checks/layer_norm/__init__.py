"""The exercises on LayerNorm, in the order of the pages."""

from .boxes import BOXES
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
from .turning import heads
from .untied import no_mean

EXERCISES = (trailing, shards, alone)  # layer_norm
EXERCISES += (lstm, reach, race)  # through_time
EXERCISES += (q_step, safe_rate, largest)  # values_run_away
EXERCISES += (forecast, which, port)  # placement
EXERCISES += (heads, clip, to_query)  # attentions_own_norm
EXERCISES += (no_mean, drift, decide)  # layer_or_rms

__all__ = ["BOXES", "EXERCISES", "alone", "clip", "decide", "drift"]
__all__ += ["forecast", "heads", "largest", "lstm", "no_mean", "port"]
__all__ += ["q_step", "race", "reach", "safe_rate", "shards", "to_query"]
__all__ += ["trailing", "which"]
