"""The learner's code runs in a child that may fail or never end."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pickle
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

SECONDS = 4.0
MEMORY = 1 << 30  # bytes, beside what the notebook holds already
PRINTED = 2000  # characters that are kept


class Ended(Exception):
    """The child did not answer; the text says why, in plain words."""


def in_child(
    job: Callable[[], Any], limit: float = SECONDS
) -> tuple[Any, str]:
    """Return what `job` returns and what it printed; Ended if it fails.

    Forks, so that functions of a notebook need no pickling. Where there
    is no fork, or a GPU is in use, a thread runs the job: it cannot be
    stopped, only left alone.
    """
    if not hasattr(os, "fork") or _gpu_in_use():
        return _in_thread(job, limit)
    read, write = os.pipe()
    with warnings.catch_warnings():  # 3.12 warns of threads at a fork
        warnings.simplefilter("ignore")
        pid = os.fork()
    if pid == 0:
        os.close(read)
        _child(job, write)
    os.close(write)
    try:
        sent = _receive(read, limit)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(read)
        with contextlib.suppress(ChildProcessError):  # reaped elsewhere
            os.waitpid(pid, 0)
    if not sent:
        raise Ended("Your code ended the process that ran it.")
    return pickle.loads(sent)


def _child(job: Callable[[], Any], write: int) -> None:
    """Run, send the answer, and leave without touching the parent."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if "torch" in sys.modules:  # or its first parallel loop hangs
            importlib.import_module("torch").set_num_threads(1)
        _limit_memory()
        with open(write, "wb") as pipe:
            pipe.write(pickle.dumps(_captured(job)))
    finally:
        os._exit(0)


def _limit_memory() -> None:
    """Let the child take MEMORY more than it has, where Linux says."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as pages:
            held = int(pages.read().split()[0]) * resource.getpagesize()
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, most))


def _captured(job: Callable[[], Any]) -> tuple[Any, str]:
    text = io.StringIO()
    with (
        contextlib.redirect_stdout(text),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        answer = job()
    printed = text.getvalue().rstrip()
    return answer, printed[:PRINTED] + "…" * (len(printed) > PRINTED)


def _receive(read: int, limit: float) -> bytes:
    """Read to the end, or raise Ended when the time is over."""
    until, chunks = time.monotonic() + limit, []
    while True:
        left = max(0.0, until - time.monotonic())
        if not select.select([read], [], [], left)[0]:
            raise Ended(_late(limit))
        chunk = os.read(read, 1 << 16)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)


def _late(limit: float) -> str:
    return (
        f"Your code was stopped after {limit:g} seconds. On inputs this "
        "small it should need none: look for a loop that never ends. Or an "
        "import inside your function: put it above, in a cell of its own."
    )


def _gpu_in_use() -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and torch.cuda.is_initialized()


def _in_thread(job: Callable[[], Any], limit: float) -> tuple[Any, str]:
    box: list = []
    thread = threading.Thread(target=lambda: box.append(job()), daemon=True)

    def wait() -> Any:
        thread.start()
        thread.join(limit)
        if not box:
            raise Ended(_late(limit))
        return box[0]

    return _captured(wait)  # also when it never ends, stdout comes back
