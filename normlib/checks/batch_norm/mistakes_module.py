"""Mistakes a torch module adds: what it registers, saves and tracks."""

from __future__ import annotations

from ..mistakes import Mistake
from . import mistakes_forward, mistakes_running
from . import places as at

STATE = (
    Mistake(
        "running-as-parameters",
        "storage",
        "The running statistics are parameters.",
        "the optimizer gets them; weight decay pulls running_var to 0.",
        "use register_buffer: saved and moved, never trained.",
        at.STATE,
    ),
    Mistake(
        "running-as-attributes",
        "storage",
        "The running statistics are plain attributes.",
        "they stay behind at `.to(device)` and are not in the "
        "state_dict: a loaded model evaluates with 0 and 1.",
        "call register_buffer for both.",
        at.STATE,
    ),
    Mistake(
        "running-not-saved",
        "storage",
        "The buffers are not persistent, so the state_dict lacks them.",
        "a loaded model evaluates with mean 0 and variance 1.",
        "leave persistent at True.",
        at.STATE,
    ),
    Mistake(
        "weight-not-parameter",
        "weight",
        "weight and bias are not parameters.",
        "the optimizer does not see them: γ stays 1 and β stays 0.",
        "wrap them in nn.Parameter.",
        at.STATE,
    ),
    Mistake(
        "weight-starts-at-zero",
        "start-weight",
        "weight starts at 0.",
        "the layer puts out zeros, and nothing below gets a gradient.",
        "start with ones. Zero is a choice for the last norm of a "
        "residual branch only.",
        at.SCALE_SHIFT,
    ),
    Mistake(
        "running-var-starts-at-zero",
        "start-var",
        "running_var starts at 0.",
        "evaluating early divides by √ε and explodes.",
        "start with ones.",
        at.RUNNING,
    ),
    Mistake(
        "no-batch-counter",
        "counter",
        "There is no num_batches_tracked.",
        "a strict load of a torch state_dict fails.",
        'call register_buffer("num_batches_tracked", torch.tensor(0)).',
        at.STATE,
    ),
    Mistake(
        "counter-still",
        "counter",
        "num_batches_tracked is never raised.",
        "momentum=None, the average of all batches, cannot be computed "
        "from your state.",
        "add 1 in each training step.",
        at.STATE,
    ),
    Mistake(
        "counter-as-attribute",
        "counter",
        "num_batches_tracked is a plain attribute.",
        "a strict load of a torch state_dict fails.",
        'call register_buffer("num_batches_tracked", torch.tensor(0)).',
        at.STATE,
    ),
    Mistake(
        "counter-with-an-axis",
        "counter",
        "num_batches_tracked has the shape (1,); it is one number, of "
        "shape ().",
        "loading the state_dict of a torch layer fails.",
        "start it as torch.tensor(0), not torch.zeros(1).",
        at.STATE,
    ),
    Mistake(
        "evaluates-without-graph",
        "evaluating",
        "In evaluation no gradient comes through: you use no_grad or "
        "detach there.",
        "a frozen norm in a net that is fine-tuned cuts off every layer "
        "below it.",
        "compute evaluation like any function; whoever wants no graph "
        "says so outside.",
        at.MODES,
    ),
    Mistake(
        "graph-kept",
        "graph",
        "The running statistics keep the graph of the batch.",
        "memory grows with every step, or backward fails the second time.",
        "update them under torch.no_grad, or detach the batch's.",
        at.STATE,
    ),
    Mistake(
        "eval-by-grad-mode",
        "mode",
        "You chose the mode by torch.is_grad_enabled().",
        "evaluating without no_grad trains; training under no_grad "
        "(PreciseBN) evaluates.",
        "ask self.training instead.",
        at.MODES,
    ),
    Mistake(
        "always-training",
        "mode",
        "Evaluation uses the batch, as training does.",
        "model.eval() changes nothing: a prediction depends on its "
        "neighbours.",
        "use self.training to choose.",
        at.MODES,
    ),
    Mistake(
        "mode-inverted",
        "mode",
        "You use the batch in evaluation and the running statistics in "
        "training.",
        "training normalizes with the starting values 0 and 1, so with "
        "nothing.",
        "self.training is True in training: take the batch then.",
        at.MODES,
    ),
    Mistake(
        "statistics-detached",
        "detach",
        "You detached μ and σ, so the gradient treats them as constants.",
        "each step also moves the weights below along themselves, longer "
        "or shorter, where y does not change at all.",
        "detach only what goes into the running buffers.",
        at.PROJECTION,
    ),
    Mistake(
        "running-var-n-not-m",
        "kept",
        "You corrected the variance by N/(N − 1).",
        "for images running_var is too large: by 2 at N = 2.",
        "m/(m − 1) with m = N·H·W.",
        at.COUNT,
    ),
)
BORROWED = ("running-var-biased", "momentum-inverted", "momentum-fixed")
BORROWED += ("updated-in-evaluation", "unbiased-variance")
BORROWED += ("eps-outside-root", "eps-fixed")
EVERY = mistakes_running.RUNNING + mistakes_forward.FORWARD
MODULE = STATE + tuple(m for m in EVERY if m.id in BORROWED)
