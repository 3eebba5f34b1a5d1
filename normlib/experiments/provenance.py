"""Where and when a record was made: hardware, versions, date."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from typing import Any


def describe_machine(device: str) -> dict[str, Any]:
    """Return processor, cores, accelerator, versions and the date (UTC)."""
    import numpy
    import torch

    accelerator = ""
    if device.startswith("cuda"):
        accelerator = torch.cuda.get_device_name(device)
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
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
