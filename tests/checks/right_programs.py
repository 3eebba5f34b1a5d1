"""Right predictors and loops, written differently."""

import torch
from register import right
from torch import nn
from torch.nn.functional import cross_entropy


def predict_by_try(model, x):
    before = model.training
    try:
        with torch.inference_mode():
            return model.eval()(x).max(1).indices.clone()
    finally:
        model.train(before)


@right("debug_predict")
def predict_by_copy(model, x):
    from copy import deepcopy

    return deepcopy(model).train(False)(x).argmax(-1)


@right("debug_predict")
def predict_by_norms(model, x):
    norms = [m for m in model.modules() if "BatchNorm" in str(type(m))]
    before = [n.training for n in norms]
    [n.eval() for n in norms]
    y = model(x).detach().softmax(1).argmax(1)
    [n.train(b) for n, b in zip(norms, before, strict=True)]
    return y


@right("debug_train")
def train_after_validating(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            optimizer.step()
        validate(model)
        model.train()
    return model


@right("debug_train")
def train_each_step(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        for x, y in batches:
            model.train(True)
            model.zero_grad()
            nn.CrossEntropyLoss()(model(x), y).backward()
            optimizer.step()
        validate(model)
    return model


@right("debug_train")
def train_by_hand(model, epochs, batches, validate):
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            weights = list(model.parameters())
            loss = cross_entropy(model(x), y)
            steps = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for w, step in zip(weights, steps, strict=True):
                    w -= 0.5 * step
        validate(model)
    return model


@right("debug_predict")
def predict_by_context(model, x):
    from contextlib import ExitStack

    def put_back(part, mode):
        part.training = mode

    with ExitStack() as stack, torch.inference_mode():
        for part in model.modules():
            stack.callback(put_back, part, part.training)
            part.training = False
        return model(x).argmax(1).clone()


@right("debug_predict")
def predict_by_list(model, x):
    before = [part.training for part in model.modules()]
    model.train(mode=False)
    logits = model(x).detach()
    for part, mode in zip(model.modules(), before, strict=True):
        part.training = mode
    return torch.topk(logits, 1).indices[:, 0]


@right("debug_predict")
def predict_from_the_outside_in(model, x):
    before = [(part, part.training) for part in model.modules()]
    classes = model.eval()(x.requires_grad_()).detach().argmax(1)
    for part, mode in before:  # a child comes after what holds it
        part.train(mode)
    return classes


@right("debug_predict")
def predict_by_rows(model, x):
    import copy

    frozen = copy.deepcopy(model).eval()
    return torch.stack([frozen(row[None]).argmax() for row in x])


@right("debug_train")
def train_by_closure(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, foreach=True)
    for _ in range(epochs):
        model.train()
        for x, y in iter(batches):

            def loss(x=x, y=y):
                optimizer.zero_grad()
                value = nn.functional.nll_loss(model(x).log_softmax(1), y)
                value.backward()
                return value

            optimizer.step(loss)
        validate(model)
    return model


@right("debug_train")
def train_putting_the_mode_back(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    model.train()
    while epochs:
        for index in range(len(batches)):
            x, y = batches[index]
            loss = cross_entropy(model(x), y, reduction="sum") / len(y)
            for p in model.parameters():
                p.grad = None
            loss.backward()
            optimizer.step()
        mode = model.training
        validate(model)
        model.train(mode)
        epochs -= 1
    return model


@right("debug_train")
def train_validating_a_copy(model, epochs, batches, validate):
    from copy import deepcopy

    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
        validate(deepcopy(model))
    return model


@right("debug_train")
def train_freezing_nothing(model, epochs, batches, validate):
    weights = dict(model.named_parameters())
    for epoch in range(epochs):
        [part.train() for part in model.modules()]
        for x, y in batches:
            loss = (
                -model(x).log_softmax(-1)[torch.arange(len(y)), y]
            ).mean()
            loss.backward()
            with torch.no_grad():
                for w in weights.values():
                    w.sub_(w.grad, alpha=0.5)
                    w.grad.zero_()
        print(f"epoch {epoch}: {validate(model):.0%}")
    return model
