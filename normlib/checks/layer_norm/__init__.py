"""The exercises on LayerNorm, in the order of the pages."""

# Through time, and when values run away.
from .gates import lstm
from .heights import largest
from .moves import q_step
from .races import race
from .reaching import reach
from .runaway import safe_rate

LATER = (lstm, reach, race, q_step, safe_rate, largest)

EXERCISES = LATER

__all__ = ["EXERCISES", "LATER"]
__all__ += ["largest", "lstm", "q_step", "race", "reach", "safe_rate"]
