"""Whatever the learner's code does, the answer comes in plain words."""

import os
import sys
import time

import numpy as np
import pytest
import torch

from normlib.checks import batch_norm as ex
from normlib.checks import progress, sandbox, saved
from normlib.reference import batch_norm_forward as library


def right(x, gamma, beta, *, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


def raises(x, gamma, beta, *, eps=1e-5):
    return x @ gamma[:1]


def recurses(x, gamma, beta, *, eps=1e-5):
    return recurses(x, gamma, beta, eps=eps)


def never_ends(x, gamma, beta, *, eps=1e-5):
    while True:
        pass


def mutates(x, gamma, beta, *, eps=1e-5):
    x -= x.mean(0)
    return gamma * x / np.sqrt((x**2).mean(0) + eps) + beta


def returns_list(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta, eps=eps).tolist()


def returns_tensor(x, gamma, beta, *, eps=1e-5):
    return torch.tensor(right(x, gamma, beta, eps=eps))


def returns_objects(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta, eps=eps).astype(object)


def leaves(x, gamma, beta, *, eps=1e-5):
    sys.exit(3)


def dies(x, gamma, beta, *, eps=1e-5):
    os._exit(3)


def wrong_signature(x):
    return x


def wrong_shape(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta, eps=eps)[:, :1]


def view_of_x(x, gamma, beta, *, eps=1e-5):
    return x[::-1].T.T


def floods(x, gamma, beta, *, eps=1e-5):
    print("x" * 100_000)
    return right(x, gamma, beta, eps=eps)


def single(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta, eps=eps).astype(np.float32)


def borrows(x, gamma, beta, *, eps=1e-5):
    return library(x, gamma, beta, eps=eps)


def borrows_torch(x, gamma, beta, *, eps=1e-5):
    args = [torch.from_numpy(v) for v in (x, gamma, beta)]
    y = torch.nn.functional.batch_norm(
        args[0], None, None, args[1], args[2], training=True, eps=eps
    )
    return y.numpy()


def hungry(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta) + np.ones((20_000, 20_000)).mean()


def hungry_in_torch(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta) + torch.ones(20_000, 20_000).mean().item()


def hungry_list(x, gamma, beta, *, eps=1e-5):
    return right(x, gamma, beta) + len([0] * 400_000_000)


def huge(x, gamma, beta, *, eps=1e-5):
    return np.ones((3000, 3000))


def broadcast(x, gamma, beta, *, eps=1e-5):
    return np.broadcast_to(x[0, 0], (30_000, 30_000))


def no_eps(x, gamma, beta):
    return right(x, gamma, beta)


WORDS = {
    raises: "Your code raised an error",
    recurses: "calls itself without end",
    never_ends: "stopped after 4 seconds",
    mutates: "changes what it is given: x",
    returns_list: "a list; it must be a NumPy array",
    returns_tensor: "a Tensor; it must be a NumPy array",
    returns_objects: "array of object",
    leaves: "SystemExit",
    dies: "ended the process",
    wrong_signature: "could not be called",
    wrong_shape: "property that fails is shape",
    view_of_x: "property that fails is mean",
    single: "dtype",
    borrows: "norm of a library: batch_norm_forward",
    borrows_torch: "norm of a library",
    hungry: "more memory than a check gives it",
    hungry_in_torch: "more memory than a check gives it",
    hungry_list: "more memory than a check gives it",
    huge: "shape (3000, 3000) and takes 72 MB",
    broadcast: "shape (30000, 30000) and takes 7200 MB",
    no_eps: "Keep the first line of the stub",
}


@pytest.mark.parametrize("f", WORDS, ids=lambda f: f.__name__)
def test_every_behaviour_is_told_in_plain_words(f, capfd):
    start = time.monotonic()
    outcome = ex.forward.check(f)
    took = time.monotonic() - start
    assert took < (5 if f is never_ends else 2)
    assert outcome.status == "incorrect"
    assert WORDS[f] in " ".join(outcome.message.split())
    assert "normlib/checks" not in outcome.message
    assert "Traceback" not in outcome.message
    assert capfd.readouterr() == ("", "")
    assert max(map(len, repr(outcome).splitlines())) <= 100


def test_who_is_late_is_told_of_imports():
    with pytest.raises(sandbox.Ended, match="in a cell of its own"):
        sandbox.in_child(lambda: time.sleep(1), limit=0.1)


def test_the_traceback_is_trimmed_to_their_lines():
    told = ex.forward.check(raises).message
    assert "in raises" in told and "return x @ gamma[:1]" in told
    assert ".py" not in told  # no file of this machine


def test_what_is_printed_is_shown_and_cut():
    outcome = ex.forward.check(floods)
    assert outcome.status == "correct"
    assert outcome.printed.startswith("xxx") and len(outcome.printed) < 3000


def test_an_innocent_input_stays_as_it_was():
    seen = []

    def keeps(x, gamma, beta, *, eps=1e-5):
        seen.append(x)
        return right(x, gamma, beta, eps=eps)

    assert ex.forward.check(keeps).status == "correct"
    assert seen == []  # it ran beside this process


def test_one_array_used_for_every_answer_is_read_in_time():
    out = {}

    def reuses(x, gamma, beta, *, eps=1e-5):
        y = out.setdefault((*x.shape, x.dtype), np.empty_like(x))
        y[:] = right(x, gamma, beta, eps=eps)
        return y

    assert ex.forward.check(reuses).status == "correct"


def test_a_kernel_that_used_torch_forks_without_hanging():
    torch.randn(400, 400) @ torch.randn(400, 400)
    x = torch.randn(300, 300, requires_grad=True)
    (x @ x).sum().backward()
    assert ex.module.check(ex.module.answer).status == "correct"


def test_without_fork_a_thread_answers_and_gives_up(monkeypatch):
    monkeypatch.delattr(os, "fork")
    assert ex.forward.check(right).status == "correct"
    assert "eps" in str(ex.forward.check(dies_politely).message)
    before = sys.stdout
    with pytest.raises(sandbox.Ended):
        sandbox.in_child(lambda: time.sleep(1), limit=0.1)
    assert sys.stdout is before


def dies_politely(x, gamma, beta, *, eps=1e-5):
    raise ValueError("eps is too small")


BLANK = [None, ..., lambda x, gamma, beta, eps: None]


@pytest.mark.parametrize("answer", BLANK)
def test_nothing_is_not_attempted(answer):
    outcome = ex.forward.check(answer)
    assert outcome.status == "not attempted" and not outcome.mistakes


def test_a_forgotten_return_is_told():
    def prints(x, gamma, beta, *, eps=1e-5):
        print(right(x, gamma, beta, eps=eps).shape)

    outcome = ex.forward.check(prints)
    assert "returns None: it needs `return y`" in outcome.message
    assert "(4, 3)" in outcome.message


def test_of_a_tuple_the_first_is_checked_and_that_is_said():
    for first, status in ((right, "correct"), (single, "incorrect")):
        outcome = ex.forward.check(lambda *a, f=first, **o: (f(*a, **o), 7))
        assert outcome.status == status
        assert "You returned a tuple of 2." in outcome.message
    assert "tuple" not in ex.forward.check(right).message


def test_something_else_than_a_function_is_told():
    assert "function" in ex.forward.check(3).message
    assert "class" in ex.module.check(right).message
    assert "dict" in ex.set_size.check(right).message


def test_progress_is_kept_in_a_file_a_reader_can_delete():
    assert progress().status["batch_norm.forward"] == "not attempted"
    ex.forward.check(None)
    assert not saved.place().exists()
    ex.forward.check(raises)
    assert progress().status["batch_norm.forward"] == "incorrect"
    ex.forward.check(right)
    ex.forward.check(raises)  # once correct, it stays so
    assert "✓ batch_norm.forward" in repr(progress())
    assert "1 of" in progress()._repr_html_()
    saved.place().unlink()
    assert progress().status["batch_norm.forward"] == "not attempted"


def test_progress_never_fails(monkeypatch, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for place in (broken, tmp_path, tmp_path / "no" / "such.json"):
        monkeypatch.setenv("NORMLIB_PROGRESS", str(place))
        assert ex.forward.check(right).status == "correct"
        progress()


def test_both_outputs_say_the_same_words():
    import html
    import re

    for f in (right, raises, mutates, wrong_shape):
        outcome = ex.forward.check(f)
        rich = outcome._repr_html_()
        assert 'class="nl-check"' in rich and "border-left" in rich
        assert not re.search(r"[^-]color|background:(?!none)", rich)
        words = html.unescape(re.sub("<[^>]*>", " ", rich)).split()
        assert words == repr(outcome).split()


def test_heatmaps_are_drawn_when_asked():
    outcome = ex.forward.check(lambda x, gamma, beta, eps: x)
    assert len(outcome.heatmap().axes) == 4
    with pytest.raises(ValueError, match="no two arrays"):
        ex.forward.check(right).heatmap()
