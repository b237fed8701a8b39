# `make` lists what there is. A fresh clone needs nothing but Python and make: the first call makes the environment.
PYTHON ?= python3
VENV ?= .venv
LAB_FLAGS ?=
# The learner's copy of the lessons: what is played and written there never changes the clone.
LESSONS ?= my_course
# CPU=1: torch for the CPU alone, without its gigabytes for GPUs (Linux). CONSTRAINTS= (empty): the newest versions.
CPU ?=
CONSTRAINTS ?= constraints.txt
PIP := pip install -q $(addprefix -c ,$(CONSTRAINTS)) $(if $(CPU),--extra-index-url https://download.pytorch.org/whl/cpu)
BIN := $(VENV)/bin
SETTINGS := $(VENV)/share/jupyter/lab/settings/overrides.json
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)
# Two kernels at a time, one thread each: two threads on a core that somebody else uses are many times slower than one.
# What is run here is not the learner's: it leaves no trace in their progress.
NBVAL := GANCOURSE_PROGRESS=off $(BIN)/python -m pytest -q --nbval --nbval-current-env

.DEFAULT_GOAL := help
.PHONY: help lab source test check export refresh bench env quick js slow notebooks browser

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf 'make %-10s %s\n' "$$name" "$$text"; done

lab: env ## open your own copy of the course in JupyterLab (LESSONS=my_course; CPU=1 for a small torch)
	$(BIN)/gancourse lessons $(LESSONS)
	$(BIN)/jupyter lab $(AS_ROOT) --ServerApp.root_dir=$(LESSONS) --LabApp.default_url=/lab/tree/00_start.ipynb $(LAB_FLAGS)

source: env ## open the notebooks that the course is made from, for those who work on it
	$(BIN)/jupyter lab $(AS_ROOT) --LabApp.default_url=/lab/tree/nbs/00_start.ipynb $(LAB_FLAGS)

test: env ## everything: the quick checks, packaging, every notebook executed and compared, the browser tests
	$(MAKE) quick js slow notebooks browser

check: env ## the quick checks: export, clean notebooks, ruff, unit and layer tests, the browser's half
	$(MAKE) quick js

export: env ## notebooks -> gancourse/, solutions -> exercises, and clean the notebooks
	$(BIN)/python tools/export.py
	$(BIN)/python tools/exercises.py
	$(BIN)/python tools/refresh.py --clean

refresh: env ## execute every notebook and store its outputs (NB="nbs/01_minimax.ipynb" for some)
	$(BIN)/python tools/exercises.py
	GANCOURSE_PROGRESS=off $(BIN)/python tools/refresh.py $(NB)

bench: env ## run every benchmark in bench/, and a small sample of mutants: how many would a test notice?
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done
	@echo "== tools/mutants.py"; $(BIN)/python tools/mutants.py losses lipschitz game --number 8

env: $(VENV)/.ready $(SETTINGS) ## make or update the environment (VENV=.venv, PYTHON=python3)

$(VENV)/.ready: settings.ini setup.py pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("gancourse needs Python 3.11 or newer: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@echo 'Making the environment in $(VENV): a few minutes the first time.'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m $(PIP) torch setuptools wheel
	$(BIN)/python -m $(PIP) --no-build-isolation -e '.[dev]'
	@touch $@

$(SETTINGS): assets/live/overrides.json $(VENV)/.ready
	@mkdir -p $(@D)
	@cp $< $@

# The parts of `make test`; they expect the environment to be there.
quick:
	$(BIN)/ruff check .
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 -m "not slow" --ignore=tests/browser tests

# The browser's half, assets/live, is checked where node is there; CI must have it. Users need none.
js: ## the browser's half: lint, format, types, unit tests (needs node 20)
	@if command -v npm >/dev/null; then \
		{ [ -d node_modules ] || npm ci --silent; } && npm run --silent lint && npm run --silent types && npm test --silent; \
	elif [ "$(CI)" = true ]; then \
		echo "js: expected node and npm, which check the browser's half in CI, but found none: install node 20." >&2; exit 1; \
	else \
		echo "No node: the checks of the browser's half (assets/live) are SKIPPED. Install node 20 to run them."; \
	fi

slow:
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m slow --ignore=tests/browser tests

notebooks:
	OMP_NUM_THREADS=1 $(NBVAL) -n 2 --dist loadfile $(or $(NB),nbs)

browser:
	CHROMIUM="$$(tools/chromium.sh)" && export CHROMIUM && $(BIN)/python -m pytest -q -rs tests/browser
