"""What runs on a lent GPU, in order of value, each step with a limit.

`make gpu-bundle` packs the last commit and the peers into .lease/, which
git ignores. On the machine, where there is no network,

    python -m tools.lease OUT [STEP ...]

unpacks them beside what is there, checks the kernels, and races them. Any
other STEP is a trial, to be recorded; without one all of STEPS run.
Every step writes a log as it goes, and records land beside it; after each
step all of it is packed into the one file OUT/results.tar.gz, since few
files come back. A step that fails or runs out of time is named and the
next one starts.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

LEASE = Path(__file__).parents[1] / ".lease"
HERE = Path(tempfile.gettempdir())
COURSE, SITE, RESULTS = HERE / "course", HERE / "site", HERE / "results"
# The newest quack needs 100 MB of wheels; this one travels.
PEERS = (
    "liger-kernel==0.8.5", "quack-kernels==0.2.4",
    "nvidia-cutlass-dsl==4.3.5", "apache-tvm-ffi==0.1.15.post2",
    "torch-c-dlpack-ext==0.1.5",
)  # fmt: skip
MACHINE = (
    "--no-deps --only-binary=:all: --python-version 3.12 "
    "--implementation cp --platform manylinux_2_28_x86_64 "
    "--platform manylinux_2_24_x86_64 --platform manylinux2014_x86_64"
)
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
    "benchmark": (230, f"{RECORD} OUT performance.benchmark"),
    "ladder": (90, f"{RECORD} OUT performance.ladder"),
}


def command(step: str, out: Path) -> list[str]:
    """Return what a step runs; any other name is a trial to record."""
    _, words = STEPS.get(step, (0, f"{RECORD} OUT {step}"))
    words = words.replace("OUT", str(out)).split()
    python = [sys.executable, *words]
    if step == "sanitizer":
        return ["compute-sanitizer", "--error-exitcode", "9", *python]
    return python


def pack() -> None:
    """Fill .lease/: the last commit, and the peers in one archive."""
    shutil.rmtree(LEASE, ignore_errors=True)
    LEASE.mkdir()
    git = ["git", "clone", "-q", "--bare", "--depth", "1"]
    here = f"file://{LEASE.parent}"
    subprocess.run([*git, here, LEASE / "course.git"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-q", "-d", folder]
        subprocess.run([*pip, *MACHINE.split(), *PEERS], check=True)
        site = Path(folder, "site")
        for wheel in Path(folder).glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(site)
        with tarfile.open(LEASE / "site.tar.xz", "w:xz", preset=9) as tar:
            tar.add(site, "site")


def install() -> dict[str, str]:
    """Unpack the commit and the peers; return the environment.

    A record wants a clean checkout, and what was carried has no history.
    """
    if not COURSE.exists():
        packed = LEASE / "course.git"
        subprocess.run(["git", "clone", "-q", packed, COURSE], check=True)
    if not SITE.exists() and (LEASE / "site.tar.xz").exists():
        with tarfile.open(LEASE / "site.tar.xz") as tar:
            tar.extractall(SITE.parent, filter="data")
    cutlass = SITE / "nvidia_cutlass_dsl" / "python_packages"
    env = dict(os.environ, PYTHONPATH=f"{COURSE}:{SITE}:{cutlass}")
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
    if shutil.which("nvidia-smi"):
        subprocess.run(["nvidia-smi"], check=False)


def main(target: Path, steps: list[str]) -> None:
    """Run the steps one after another."""
    out = RESULTS
    for folder in (out, target):
        folder.mkdir(parents=True, exist_ok=True)
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
        with tarfile.open(target / "results.tar.gz", "w:gz") as tar:
            tar.add(out, out.name)


if __name__ == "__main__":
    if sys.argv[1:] in (["versions"], ["pack"]):
        {"versions": versions, "pack": pack}[sys.argv[1]]()
    else:
        main(Path(sys.argv[1]).resolve(), sys.argv[2:] or list(STEPS))
