"""python -m normlib: list, run, record, try and claims."""

from .commands import main

if __name__ == "__main__":
    raise SystemExit(main())
