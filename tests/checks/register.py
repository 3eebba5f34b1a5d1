"""Answers written by hand, by exercise; nothing from the catalogue."""

import inspect
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

import yaml

from normlib.checks import all_exercises

RIGHT = defaultdict(list)
WRONG = defaultdict(list)  # (answer, ids of its mistakes)


def full(id):
    """Return a whole id; one without a chapter is of batch norm."""
    return id if "." in id else f"batch_norm.{id}"


def exercise(id):
    """Return the exercise of an id."""
    return all_exercises()[full(id)]


def right(id):
    """Register a right answer to an exercise."""
    return lambda answer: RIGHT[id].append(answer) or answer


def wrong(id, *names):
    """Register a wrong answer, with the names it should be told."""
    return lambda answer: WRONG[id].append((answer, {*names})) or answer


def edited(answer, *texts):
    """Return a right answer after replacing texts: old, new, old, new."""
    source = textwrap.dedent(inspect.getsource(answer))
    source = source[source.index("\n") + 1 :]  # without its decorator
    for old, new in zip(texts[::2], texts[1::2], strict=True):
        assert old in source, (answer.__name__, old)
        source = source.replace(old, new)
    module = sys.modules[answer.__module__]
    namespace = dict(vars(module))
    exec(compile(source, f"<{answer.__name__}, edited>", "exec"), namespace)
    return namespace[answer.__name__]


def read_edits():
    """Register what wrong_edits.yaml makes of right answers."""
    file = Path(__file__).with_name("wrong_edits.yaml")
    for id, by_answer in yaml.safe_load(file.read_text()).items():
        known = {answer.__name__: answer for answer in RIGHT[id]}
        for name, entries in by_answer.items():
            for names, *texts in entries:
                answer = edited(known[name], *texts)
                answer.__name__ = f"{name}:{names or texts[1][:30]}"
                wrong(id, *names.split())(answer)
