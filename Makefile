# Normalization on Trial. `make help` lists what can be made.
# A .venv that is up to date is not touched: the stamps hold the hashes of
# the requirements, so a second run installs nothing.

PYTHON ?= python3
BIN := .venv/bin
NB ?= $(sort $(shell git ls-files 'chapters/*.ipynb' 'exercises/*.ipynb'))
HASH = $(shell cat $(1) | sha256sum | cut -c1-16)
BASE := .venv/.base-$(call HASH,requirements.txt constraints.txt)
FULL := .venv/.full-$(call HASH,requirements-frameworks.txt constraints.txt)
SITE := _build/html/index.html

.DEFAULT_GOAL := help
.PHONY: help book serve lab start test \
	gpu-bundle coverage mutants notebooks records address shots constraints

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | \
		awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BASE): requirements.txt constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	# Importable in place, and a command; what it needs is pinned above.
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation \
		-e .
	rm -f .venv/.base-*
	touch $@

$(FULL): $(BASE) requirements-frameworks.txt
	$(BIN)/python -m pip install --quiet -r requirements-frameworks.txt \
		-c constraints.txt
	rm -f .venv/.full-*
	touch $@

book: $(BASE) ## build the site and say where to open it
	$(BIN)/jupyter-book build . -W -n --keep-going --quiet
	@echo "The book is at _build/html/index.html"

serve: book ## build the site and serve it on localhost
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: $(BASE) ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab

start: $(BASE) ## copy the exercises into work/, keeping your answers
	@$(BIN)/python -m tools.start

test: $(FULL) ## prove everything
	CI=$(CI) bash tools/test.sh

gpu-bundle: $(BASE) ## pack the last commit and the peers for a lent GPU
	$(BIN)/python -m tools.lease pack

coverage: $(FULL) ## which lines no unit test runs (a third slower)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q tests --ignore=tests/site \
		-n auto --dist worksteal --cov=normlib \
		--cov-report=term:skip-covered

mutants: $(FULL) ## mutation testing of reference and layers (an hour)
	$(BIN)/python -m pip install --quiet cosmic-ray==8.7.0
	$(BIN)/python -m tools.mutants

notebooks: $(BASE) ## execute the notebooks again (NB=path for one)
	$(BIN)/python -m tools.notebooks $(NB)

records: $(BASE) ## make the cpu records that are missing or stale
	$(BIN)/python -m normlib record --preset cpu \
		--processes $$(nproc)

address: $(BASE) ## set the public address: make address REPO=owner/name
	$(BIN)/python -m tools.address "$(REPO)"

shots: book ## screenshots of the pages into _build/shots
	$(BIN)/python -m tools.shots

constraints: ## freeze what the requirements bring along
	rm -rf _build/freeze && $(PYTHON) -m venv _build/freeze
	_build/freeze/bin/python -m pip install --quiet -r requirements.txt \
		-r requirements-frameworks.txt
	{ head -1 constraints.txt; _build/freeze/bin/python -m pip freeze \
		--local; } > _build/constraints.txt
	mv _build/constraints.txt constraints.txt
