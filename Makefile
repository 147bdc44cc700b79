# Everything runs in .venv, installed from requirements.lock. Bare `make` lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RIVALS := build/benchmark
INPUTS ?=

.DEFAULT_GOAL := help
.PHONY: help install reproduce test quick lint lab data lock benchmark readme clean

help:       ## List these targets
	@grep -hE '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed  ## Make .venv and install the locked versions

# the engine of the geocoder is compiled on installation, so its sources are named here
$(VENV)/.installed: requirements.lock pyproject.toml hatch_build.py $(wildcard caraml_analysis/geocoding/*.py)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

reproduce: install  ## Execute all notebooks; write every figure and the report to figures/
	$(BIN)/caraml reproduce

test: install  ## Run the whole test suite, style and type checks (offline, under 10 minutes)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q

quick: install  ## Run the tests without notebooks and installation
	$(BIN)/python -m pytest -q -m "not slow"

lint: install  ## Mend style where it can be mended, then check style and types
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

lab: install  ## Open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

data: install  ## Rebuild data/ from upstream files, byte for byte (INPUTS=folder)
	@test -n "$(INPUTS)" || { echo "Name the folder of the upstream files: make data INPUTS=folder"; exit 1; }
	$(BIN)/python data/builders --inputs $(INPUTS)

lock: install  ## Resolve the newest versions for all supported Pythons into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --no-header --no-annotate --upgrade --output-file requirements.lock pyproject.toml

benchmark: install $(RIVALS)/.installed  ## Measure import time, figures, and the geocoder beside its competitors
	$(BIN)/python benchmarks/import_time.py
	$(BIN)/python benchmarks/compute_figures.py
	$(BIN)/python benchmarks/carbon.py
	$(RIVALS)/bin/python benchmarks/geocoding.py $(BENCHMARK)

$(RIVALS)/.installed: pyproject.toml
	$(PYTHON) -m venv $(RIVALS)
	$(RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[benchmark]'
	@touch $@

readme: install  ## Repeat the geocoder's targets of the report in README.md
	$(BIN)/python benchmarks/readme.py

clean:  ## Remove .venv, build/ and caches
	rm -rf $(VENV) build .pytest_cache .ruff_cache .mypy_cache .hypothesis
