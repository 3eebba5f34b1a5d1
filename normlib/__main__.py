"""python -m normlib: list, run, record, try and claims."""

import os

# Before torch: its profiler, which counts memory, chatters otherwise.
os.environ.setdefault("KINETO_LOG_LEVEL", "5")

from .commands import main

if __name__ == "__main__":
    raise SystemExit(main())
