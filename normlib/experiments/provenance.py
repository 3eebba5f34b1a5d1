"""Where and when a record was made: hardware, versions, date, commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..records import digest

PACKAGE = Path(__file__).parents[1]
DRIVER = Path("/proc/driver/nvidia/version")
PEERS = ("triton", "liger-kernel", "quack-kernels", "nvidia-cutlass-dsl")


def describe_machine(device: str) -> dict[str, Any]:
    """Return processor, cores, accelerator, versions and the date (UTC)."""
    import numpy
    import torch

    accelerator, more = "", {}
    if device.startswith("cuda"):
        accelerator = torch.cuda.get_device_name(device)
        more = {p.replace("-", "_"): _version(p) for p in PEERS}
        more |= {"cuda": torch.version.cuda, "driver": _driver()}
        more["kernels"] = digest("".join(
            file.read_text()
            for file in sorted((PACKAGE / "kernels").glob("*.py"))
        ))  # fmt: skip
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "device": device,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "accelerator": accelerator,
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "torch": torch.__version__,
    } | more


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _driver() -> str:
    """Return the version of NVIDIA's driver, or ""."""
    try:
        said = DRIVER.read_text()
    except OSError:
        try:
            said = subprocess.run(
                ["nvidia-smi", "--query-gpu=driver_version",
                 "--format=csv,noheader"],
                capture_output=True, text=True,
            ).stdout  # fmt: skip
        except OSError:
            return ""
    found = re.search(r"\d+\.\d+(\.\d+)?", said)
    return found[0] if found else ""


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def registration(*, strict: bool) -> dict[str, str]:
    """Return the commit that holds the code in force, and the time (UTC).

    Nothing where there is none: the package is no checkout, or code was
    changed and not committed. With `strict` the latter raises ValueError.
    """

    def git(*words: str) -> str:
        run = subprocess.run(
            ["git", "-C", str(PACKAGE), *words],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return run.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", ".")
        commit = git("rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return {}
    code = [c for c in changed.splitlines() if "records/" not in c]
    if code and not strict:
        return {}
    if code:
        raise ValueError(
            f"record: got changes that are not committed "
            f"({code[0].strip()}), want them registered in a commit first"
        )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"commit": commit, "started": now}
