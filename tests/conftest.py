"""Under CI nothing is skipped but for a missing GPU."""

import os

import torch

# Without a GPU the kernels run in Triton's interpreter. The variable has
# to stand before anything imports Triton, and torch.compile does.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

ALLOWED = "no GPU"
skipped: list[str] = []


def pytest_runtest_logreport(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if report.longrepr else ""
        if ALLOWED not in str(reason):
            skipped.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session, exitstatus):
    if os.environ.get("CI") and skipped:
        print("\nCI may skip for a missing GPU only:")
        print("\n".join(skipped))
        session.exitstatus = 1
