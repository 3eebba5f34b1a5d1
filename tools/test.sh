#!/usr/bin/env bash
# Everything `make test` proves, in order; the first failure stops it.
set -euo pipefail
bin=.venv/bin
before=$(git status --porcelain 2>/dev/null || true)

if ! bash tools/chromium.sh; then
  if [ -n "${CI:-}" ]; then
    echo "No Chromium could be had, and CI may not skip the browser." >&2
    exit 1
  fi
  echo "*** NO CHROMIUM: THE BROWSER TESTS WILL BE SKIPPED ***" >&2
fi

echo "== ruff"
$bin/ruff check .
$bin/ruff format --check .

# One process a core; threads of their own would only wait for each other.
cores=(-n auto)
export OMP_NUM_THREADS=1

echo "== unit tests"
$bin/python -m pytest -q tests --ignore=tests/site --durations=25 \
  "${cores[@]}" --dist worksteal

echo "== notebooks, strictly"
mapfile -t notebooks < <(git ls-files 'chapters/*.ipynb' 'exercises/*.ipynb')
$bin/python -m pytest -q -p no:cacheprovider --durations=10 \
  "${cores[@]}" --dist loadfile --nbval --nbval-current-env \
  --nbval-sanitize-with tests/notebooks/sanitize.cfg \
  --nbval-cell-timeout 120 "${notebooks[@]}"

echo "== site"
$bin/jupyter-book build . -W -n --keep-going --quiet

echo "== the site in a browser, and in Colab"
$bin/python -m pytest -q tests/site/test_paint.py
$bin/python -m pytest -q tests/site --ignore=tests/site/test_paint.py \
  --durations=10 "${cores[@]}" --dist worksteal

after=$(git status --porcelain 2>/dev/null || true)
if [ "$before" != "$after" ]; then
  echo "The tests changed the tree:" >&2
  echo "$after" >&2
  exit 1
fi
echo "All passed."
