"""Answers: the two training runs, repaired."""

# ruff: noqa: ANN001, ANN201, D103

import torch
from torch.nn.functional import cross_entropy


def predict(model, x):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        classes = model(x).argmax(dim=1)
    model.train(was_training)
    return classes


def train(model, epochs, batches, validate):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
        validate(model)
    return model
