"""What runs on a lent GPU, in order of value, each step with a limit.

`make gpu-bundle` packs the last commit and the wheels of the peers into
.lease/, which git ignores. On the machine, where there is no network,

    python -m tools.lease OUT [STEP ...]

installs them beside what is there, checks the kernels, and races them.
Every step writes OUT/STEP.log as it goes; records land in OUT as well. A
step that fails or runs out of time is named and the next one starts.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

LEASE = Path(__file__).parents[1] / ".lease"
COURSE, SITE = Path("/tmp/course"), Path("/tmp/site")
KERNELS = "-m pytest -q -p no:cacheprovider tests/kernels"
RECORD = "-m normlib record --preset gpu --again --out"

# name: (seconds at most, arguments of Python)
STEPS = {
    "versions": (30, "-m tools.lease versions"),
    "smoke": (60, f"{KERNELS}/test_kernels.py -k leading"),
    "tests": (200, f"{KERNELS} -n 14"),
    "sanitizer": (60, f"{KERNELS}/test_kernels.py -k rows_apart"),
    "sweep": (150, "-m tools.sweep OUT/sweep.jsonl"),
    "long": (150, "-m tools.sweep OUT/long.jsonl long"),
    "failed": (100, f"{KERNELS} -n 14 -k not(large_shapes)"),
    "first": (60, f"{RECORD} OUT --budget 0.5 performance.benchmark"),
    "ladder": (90, f"{RECORD} OUT performance.ladder"),
    "benchmark": (240, f"{RECORD} OUT performance.benchmark"),
}


def command(step: str, out: Path) -> list[str]:
    """Return what a step runs; any other name is a trial to record."""
    _, words = STEPS.get(step, (0, f"{RECORD} OUT {step}"))
    words = words.replace("OUT", str(out)).split()
    python = [sys.executable, *words]
    if step == "sanitizer":
        return ["compute-sanitizer", "--error-exitcode", "9", *python]
    return python


def install() -> dict[str, str]:
    """Check out the commit, install the wheels; return the environment.

    A record wants a clean checkout, and what was carried has no history.
    """
    if not COURSE.exists():
        packed = LEASE / "course.git"
        subprocess.run(["git", "clone", "-q", packed, COURSE], check=True)
    wheels = sorted(map(str, LEASE.glob("*.whl")))
    if wheels:
        pip = [sys.executable, "-m", "pip", "install", "-q"]
        pip += ["--no-index", "--no-deps", "--no-compile", "--upgrade"]
        subprocess.run([*pip, "--target", SITE, *wheels], check=False)
    env = dict(os.environ, PYTHONPATH=f"{COURSE}:{SITE}")
    env["PYTHONUNBUFFERED"] = "1"
    env.pop("TRITON_INTERPRET", None)
    return env


def versions() -> None:
    """Print what a reader of the records asks for."""
    from importlib.metadata import PackageNotFoundError, version

    for name in (
        "torch", "triton", "numpy", "liger-kernel", "quack-kernels",
        "nvidia-cutlass-dsl",
    ):  # fmt: skip
        try:
            print(name, version(name))
        except PackageNotFoundError:
            print(name, "absent")
    for tool in ("git", "compute-sanitizer", "ncu", "nvcc"):
        print(tool, shutil.which(tool))
    subprocess.run(["nvidia-smi"], check=False)


def main(out: Path, steps: list[str]) -> None:
    """Run the steps one after another."""
    out.mkdir(parents=True, exist_ok=True)
    env = install()
    for step in steps:
        limit = STEPS.get(step, (120, ""))[0]
        start = time.monotonic()
        with open(out / f"{step}.log", "w") as log:
            try:
                ended = subprocess.run(
                    command(step, out), cwd=COURSE, env=env, timeout=limit,
                    stdout=log, stderr=subprocess.STDOUT,
                ).returncode  # fmt: skip
            except (subprocess.TimeoutExpired, OSError) as error:
                ended = type(error).__name__
        took = time.monotonic() - start
        tail = (out / f"{step}.log").read_text()[-600:]
        print(f"== {step}: {ended} in {took:.0f} s\n{tail}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["versions"]:
        versions()
    else:
        main(Path(sys.argv[1]).resolve(), sys.argv[2:] or list(STEPS))
