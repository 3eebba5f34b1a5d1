"""Mistakes in the loops around the layer."""

from __future__ import annotations

from ..mistakes import Mistake
from . import places as at

PREDICTING = (
    Mistake(
        "eval-forgotten",
        "mode",
        "You predict in training mode. no_grad does not change the mode.",
        "a prediction depends on its neighbours in the batch, and each "
        "prediction moves the running statistics.",
        "call model.eval() before the forward.",
        at.FORGOTTEN,
    ),
    Mistake(
        "momentum-zero",
        "mode",
        "You set momentum to 0, so the running statistics stand still; "
        "the batch's are still used.",
        "a prediction still depends on its neighbours, and training "
        "afterwards collects nothing.",
        "call model.eval() and leave momentum alone.",
        at.FORGOTTEN,
    ),
    Mistake(
        "statistics-put-back",
        "mode",
        "You predict in training mode and put the running statistics back "
        "afterwards.",
        "the layer is as it was, but a prediction depends on its "
        "neighbours all the same.",
        "call model.eval() before the forward: nothing moves then.",
        at.FORGOTTEN,
    ),
    Mistake(
        "tracking-off",
        "mode",
        "You switched track_running_stats off and stayed in training mode.",
        "a prediction still depends on its neighbours, and training "
        "afterwards collects nothing.",
        "call model.eval() and leave track_running_stats alone.",
        at.FORGOTTEN,
    ),
    Mistake(
        "parameters-frozen",
        "frozen",
        "You set requires_grad to False on the parameters and leave it so.",
        "whoever goes on training finds that nothing learns.",
        "torch.no_grad() is enough, and ends by itself.",
        at.STATE,
    ),
    Mistake(
        "statistics-reset",
        "reset",
        "You reset the running statistics before predicting.",
        "the model evaluates with mean 0 and variance 1, as if it had "
        "seen nothing.",
        "leave them: they are what training collected.",
        at.RUNNING,
    ),
    Mistake(
        "mode-left",
        "after",
        "You leave the model in evaluation mode.",
        "if it was training, it goes on with frozen statistics.",
        "note model.training first and set it back.",
        at.FORGOTTEN,
    ),
    Mistake(
        "norms-left",
        "after",
        "You switch the norms alone to evaluation and leave them there.",
        "model.training still says True while every norm is frozen: the "
        "next training steps do not move them.",
        "switch the whole model, and set it back: model.train(before) "
        "reaches every layer.",
        at.FORGOTTEN,
    ),
    Mistake(
        "mode-forced",
        "after",
        "You leave the model in training mode, whatever it was before.",
        "a model that served predictions starts to learn from them.",
        "note model.training first and set it back.",
        at.FORGOTTEN,
    ),
)

TRAINING = (
    Mistake(
        "train-lost",
        "mode",
        "You call model.train() once; the first validation ends it.",
        "from the second epoch the net trains on frozen statistics: the "
        "running ones go stale and nothing holds the scale.",
        "call model.train() at the start of every epoch.",
        at.FORGOTTEN,
    ),
    Mistake(
        "train-never",
        "mode",
        "You never call model.train(); the model arrived in evaluation "
        "mode.",
        "running statistics stay at 0 and 1: a net without batch norm.",
        "call model.train() at the start of every epoch.",
        at.FORGOTTEN,
    ),
    Mistake(
        "train-after",
        "mode",
        "You call model.train() after validating; the first epoch runs in "
        "evaluation mode.",
        "the first epoch trains on running statistics of 0 and 1.",
        "call model.train() at the start of every epoch.",
        at.FORGOTTEN,
    ),
    Mistake(
        "validated-once",
        "validation",
        "You validate once, after the last epoch.",
        "you no longer see when a net goes wrong.",
        "validate after each epoch; set the mode back afterwards.",
        at.LOOP,
    ),
    Mistake(
        "validation-dropped",
        "validation",
        "You no longer validate.",
        "the symptom is gone because nobody looks.",
        "validate after each epoch; set the mode back afterwards.",
        at.LOOP,
    ),
    Mistake(
        "gradients-piled-up",
        "zero",
        "Gradients of earlier batches are added up.",
        "each step takes all earlier gradients again.",
        "call optimizer.zero_grad() in each step.",
        at.LOOP,
    ),
    Mistake(
        "step-first",
        "step",
        "The optimizer steps before backward has run.",
        "each step uses no gradient or an old one.",
        "backward first, then step.",
        at.LOOP,
    ),
    Mistake(
        "nothing-returned",
        "return",
        "Your train does not return the model.",
        "`model = train(model, …)` is None, and the next line fails.",
        "end with return model.",
        at.LOOP,
    ),
)
