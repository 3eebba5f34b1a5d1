"""The exercises on LayerNorm, in the order of the pages."""

from .boxes import BOXES
from .clipping import clip
from .creeping import drift
from .gates import lstm
from .heights import largest
from .last_axes import trailing
from .margins import decide
from .mates import alone
from .moves import q_step
from .parts import shards
from .queries import to_query
from .races import race
from .reaching import reach
from .runaway import safe_rate
from .turning import heads
from .untied import no_mean

EXERCISES = (trailing, shards, alone)  # layer_norm
EXERCISES += (lstm, reach, race)  # through_time
EXERCISES += (q_step, safe_rate, largest)  # values_run_away
EXERCISES += (heads, clip, to_query)  # attentions_own_norm
EXERCISES += (no_mean, drift, decide)  # layer_or_rms

__all__ = ["BOXES", "EXERCISES", "alone", "clip", "decide", "drift"]
__all__ += ["heads", "largest", "lstm", "no_mean", "q_step", "race"]
__all__ += ["reach", "safe_rate", "shards", "to_query", "trailing"]
